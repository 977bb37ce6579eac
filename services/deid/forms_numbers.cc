// Forms of what is not a name: identifiers, addresses, telephones and e-mail.
#include <algorithm>

#include "services/deid/form_collector.h"
#include "services/deid/lexicon.h"
#include "services/deid/tagger_model.h"

namespace freshet::deid {
namespace {

constexpr size_t kShortestForSource = 7;
constexpr size_t kShortestPhoneForSource = 9;
constexpr size_t kShortestWordOfNumber = 4;

struct KindRow {
  std::string_view kind;
  IdentifierType type;
};

// The first kind of each type stands for it.
constexpr KindRow kKinds[] = {{"mrn", IdentifierType::kMrn},
                              {"mr", IdentifierType::kMrn},
                              {"visit", IdentifierType::kMrn},
                              {"ssn", IdentifierType::kSsn},
                              {"ss", IdentifierType::kSsn},
                              {"account", IdentifierType::kAccount},
                              {"an", IdentifierType::kAccount},
                              {"member", IdentifierType::kHealthPlan},
                              {"insurance", IdentifierType::kHealthPlan},
                              {"mb", IdentifierType::kHealthPlan},
                              {"license", IdentifierType::kLicense},
                              {"dl", IdentifierType::kLicense},
                              {"passport", IdentifierType::kLicense},
                              {"ppn", IdentifierType::kLicense},
                              {"vehicle", IdentifierType::kVehicle},
                              {"device", IdentifierType::kDevice}};

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

std::string JoinedBy(const Words& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

// "unknown", "pending": what is written where a number is missing.
bool IsWordOfLanguage(std::string_view word) {
  const Result<const TaggerModel*> model = TaggerModel::Get();
  uint64_t hash = kHashSeed;
  for (const char c : word) hash = HashByte(hash, static_cast<unsigned char>(c));
  return IsCommonWord(word) || !model.ok() || ((*model)->WordBits(hash) & word_list::kCommon) != 0;
}

std::string DigitsOf(std::string_view text) {
  std::string digits;
  for (const std::string& word : WordsOf(text)) {
    for (const char c : word) digits += IsDigit(c) ? std::string(1, c) : "";
  }
  return digits;
}

// A town and what follows it: "springfield il 62704".
void AddTown(Words words, FormCollector& out) {
  if (!words.empty() && HasDigit(words.back())) {
    out.Compact(words.back(), IdentifierType::kZip, kMaxCompactLength);
    words.pop_back();
  }
  if (!words.empty() && IsState(words.back())) words.pop_back();
  const std::string phrase = JoinedBy(words, " ");
  if (phrase.size() < 3 || IsState(phrase) || IsCountry(phrase)) return;
  out.Sequence(words, IdentifierType::kCity, Reach::kPatient);
}

}  // namespace

IdentifierType TypeOfKind(std::string_view kind) {
  const Words words = WordsOf(kind);
  for (const KindRow& row : kKinds) {
    if (!words.empty() && words.front() == row.kind) return row.type;
  }
  return IdentifierType::kOther;
}

std::string_view KindOfType(IdentifierType type) {
  const auto row = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& r) { return r.type == type; });
  return row == std::end(kKinds) ? std::string_view() : row->kind;
}

// Characters of several scripts are left apart as they were: what a letter is folded to hangs on its neighbours.
std::string LettersOfNumber(std::string_view value) {
  const Words words = WordsOf(value);
  std::string glued = JoinedBy(words, "");
  return HasDigit(glued) && IsAscii(glued) ? glued : JoinedBy(words, " ");
}

std::string LettersOfTelecom(std::string_view telecom) {
  std::string out(telecom);
  std::transform(out.begin(), out.end(), out.begin(), ToLower);
  if (out.find('@') != std::string::npos) return out;
  return (out.find('+') == std::string::npos ? "" : "+") + DigitsOf(telecom);
}

void AddIdentifier(const Identifier& identifier, FormCollector& out) {
  const IdentifierType type = TypeOfKind(identifier.kind);
  out.Compact(identifier.value, type, kShortestForSource);
  out.Whole(identifier.value, type);
  out.Announced(identifier.value, type);
  const Words words = WordsOf(identifier.value);
  if (words.size() != 1 || HasDigit(words.front()) || words.front().size() < kShortestWordOfNumber) return;
  if (!IsWordOfLanguage(words.front())) out.Sequence(words, type, Reach::kPatient);
}

void AddAddress(std::string_view address, FormCollector& out) {
  while (!address.empty()) {
    const size_t cut = std::min(address.find_first_of(",;\n"), address.size());
    const Words words = WordsOf(address.substr(0, cut));
    address.remove_prefix(std::min(cut + 1, address.size()));
    const bool is_street = words.size() >= 2 && (HasDigit(words.front()) || words.front() == "po");
    const bool ends_in_number = words.size() >= 2 && HasDigit(words.back()) && !IsState(words[words.size() - 2]);
    if (!is_street && !ends_in_number) {
      AddTown(words, out);
      continue;
    }
    out.Sequence(words, IdentifierType::kAddress, Reach::kSource);
    for (size_t i = 1; i < words.size(); ++i) {
      const std::string_view other = OtherStreetWord(words[i]);
      if (other.empty()) continue;
      Words variant = words;
      variant[i] = other;
      out.Sequence(variant, IdentifierType::kAddress, Reach::kSource);
    }
  }
}

void AddTelecom(std::string_view telecom, FormCollector& out) {
  if (telecom.find('@') != std::string_view::npos) {
    return out.Sequence(WordsOf(telecom), IdentifierType::kEmail, Reach::kSource);
  }
  const auto add = [&](std::string_view digits, size_t shortest) {
    out.Compact(digits, IdentifierType::kPhone, shortest);
  };
  std::string digits = DigitsOf(telecom);
  const bool international = telecom.find('+') != std::string_view::npos || digits.starts_with("00");
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  add(digits, kShortestPhoneForSource);
  if (digits.size() == 11 && digits[0] == '1') add(digits.substr(1), kShortestPhoneForSource);
  if (digits.size() == 10) add(digits.substr(3), kMaxCompactLength);
  if (digits.size() == 11) add(digits.substr(4), kMaxCompactLength);
  // Of one digit where that is 1 or 7, else of two or three.
  const bool is_short = digits.starts_with('1') || digits.starts_with('7');
  for (size_t country = 1; international && country <= (is_short ? 1 : 3) && digits.size() > country + 6; ++country) {
    add(digits.substr(country), kShortestPhoneForSource);
  }
}

}  // namespace freshet::deid
