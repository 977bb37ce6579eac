#include "services/deid/forms.h"

#include <algorithm>
#include <string>

#include "services/deid/lexicon.h"
#include "services/deid/text.h"

namespace freshet::deid {
namespace {

using Words = std::vector<std::string>;

// Folded tokens in lower case.
Words WordsOf(std::string_view text) {
  const Text folded(text);
  Words words;
  for (const Token& token : folded.tokens()) {
    std::string word(folded.folded().substr(token.begin, token.size()));
    std::transform(word.begin(), word.end(), word.begin(), ToLower);
    words.push_back(std::move(word));
  }
  return words;
}

Words Joined(const Words& a, const Words& b) {
  Words both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

uint64_t HashWord(std::string_view word) {
  uint64_t hash = kHashSeed;
  for (const char c : word) hash = HashByte(hash, static_cast<unsigned char>(c));
  return hash;
}

bool HasDigit(std::string_view word) { return std::any_of(word.begin(), word.end(), IsDigit); }

// "jürgen müller" -> "juergen mueller": how German is written without its dots.
std::string SpeltOut(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    const char* spelt = two == "ä" || two == "Ä"   ? "ae"
                        : two == "ö" || two == "Ö" ? "oe"
                        : two == "ü" || two == "Ü" ? "ue"
                                                   : nullptr;
    if (spelt == nullptr) {
      out += text[i];
    } else {
      out += spelt;
      ++i;
    }
  }
  return out;
}

class Collector {
 public:
  explicit Collector(IdentityForms& out) : out_(out) {}

  void Sequence(const Words& words, IdentifierType type, Reach reach) {
    if (words.empty() || words.size() > kMaxFormTokens) return;
    Form form{.hash = kHashSeed, .first = HashWord(words.front()), .type = type, .reach = reach};
    form.tokens = static_cast<uint8_t>(words.size());
    for (const std::string& word : words) {
      form.hash = HashToken(form.hash, HashWord(word));
      form.cased |= word.size() < 3 || IsCommonWord(word);
    }
    if (type == IdentifierType::kAddress || type == IdentifierType::kEmail) form.cased = false;
    out_.forms.push_back(form);
  }

  // All letters and digits of the value, without leading zeros; too short says nothing.
  void Compact(std::string_view value, IdentifierType type, size_t shortest_for_source) {
    uint64_t hash = kHashSeed;
    size_t length = 0;
    bool has_digit = false;
    for (const std::string& word : WordsOf(value)) {
      for (const char c : word) {
        if (length == 0 && c == '0') continue;
        hash = HashByte(hash, static_cast<unsigned char>(c));
        has_digit |= IsDigit(c);
        ++length;
      }
    }
    if (length < 4 || length > kMaxCompactLength || !has_digit) return;
    Form form{.hash = hash, .type = type, .reach = length >= shortest_for_source ? Reach::kSource : Reach::kPatient};
    form.length = static_cast<uint8_t>(length);
    out_.forms.push_back(form);
  }

 private:
  IdentityForms& out_;
};

// Given and family name together, in both orders, with and without what stands between.
void AddFullNames(const std::vector<Words>& given, const Words& family, Collector& out) {
  Words all;
  for (const Words& one : given) all = Joined(all, one);
  Words with_initials = given.front();
  for (size_t i = 1; i < given.size(); ++i) with_initials.push_back(given[i].front().substr(0, 1));
  std::vector<Words> firsts = {given.front(), all, with_initials};
  for (const std::string_view nickname : NicknamesOf(given.front().front())) firsts.push_back({std::string(nickname)});
  for (const Words& first : firsts) {
    out.Sequence(Joined(first, family), IdentifierType::kName, Reach::kSource);
    out.Sequence(Joined(family, first), IdentifierType::kName, Reach::kSource);
  }
  if (family.size() > 1) {
    std::string glued;
    for (const std::string& part : family) {
      glued += part;
      if (part.size() >= 3 && !IsParticle(part)) {
        out.Sequence(Joined(given.front(), {part}), IdentifierType::kName, Reach::kSource);
        out.Sequence(Joined({part}, given.front()), IdentifierType::kName, Reach::kSource);
      }
    }
    out.Sequence(Joined(given.front(), {glued}), IdentifierType::kName, Reach::kSource);
    out.Sequence({glued}, IdentifierType::kName, Reach::kPatient);
  }
  const std::string initial = given.front().front().substr(0, 1);
  Words initials{initial};
  for (size_t i = 1; i < given.size(); ++i) initials.push_back(given[i].front().substr(0, 1));
  std::string joined_initials;
  for (const std::string& one : initials) joined_initials += one;
  for (const Words& short_form : {Words{initial}, initials, Words{joined_initials}}) {
    out.Sequence(Joined(short_form, family), IdentifierType::kName, Reach::kPatient);
    out.Sequence(Joined(family, short_form), IdentifierType::kName, Reach::kPatient);
  }
}

void AddName(const HumanName& name, bool spell_out, Collector& out) {
  const auto words_of = [&](const std::string& text) { return WordsOf(spell_out ? SpeltOut(text) : text); };
  std::vector<Words> given;
  for (const std::string& one : name.given) {
    if (Words words = words_of(one); !words.empty()) given.push_back(std::move(words));
  }
  const Words family = words_of(name.family);
  if (!given.empty() && !family.empty()) AddFullNames(given, family, out);
  out.Sequence(family, IdentifierType::kName, Reach::kPatient);
  for (const std::string& part : family) {
    if (part.size() >= 3 && !IsParticle(part)) out.Sequence({part}, IdentifierType::kName, Reach::kPatient);
  }
  for (const Words& one : given) {
    if (one.size() > 1 || one.front().size() >= 2) out.Sequence(one, IdentifierType::kName, Reach::kPatient);
  }
  if (given.empty()) return;
  for (const std::string_view nickname : NicknamesOf(given.front().front())) {
    out.Sequence({std::string(nickname)}, IdentifierType::kName, Reach::kPatient);
  }
}

// The words of names that may be mistyped.
void AddNear(const HumanName& name, IdentityForms& forms) {
  Words words = WordsOf(name.family);
  for (const std::string& given : name.given) words = Joined(words, WordsOf(given));
  for (const std::string& word : words) {
    if (word.size() < kShortestTypo || word.size() > 31 || !std::all_of(word.begin(), word.end(), IsLower)) continue;
    ForEachNear(word, [&](uint64_t hash) { forms.near.push_back(hash); });
    forms.near_lengths[static_cast<size_t>(word[0] - 'a')] |= uint32_t{1} << word.size();
  }
}

// A town and what follows it: "springfield il 62704".
void AddTown(Words words, Collector& out) {
  if (!words.empty() && HasDigit(words.back())) {
    out.Compact(words.back(), IdentifierType::kZip, kMaxCompactLength);
    words.pop_back();
  }
  if (!words.empty() && IsState(words.back())) words.pop_back();
  std::string phrase;
  for (const std::string& word : words) phrase += (phrase.empty() ? "" : " ") + word;
  if (phrase.size() < 3 || IsState(phrase) || IsCountry(phrase)) return;
  out.Sequence(words, IdentifierType::kCity, Reach::kPatient);
}

void AddAddress(std::string_view address, Collector& out) {
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

void AddTelecom(std::string_view telecom, Collector& out) {
  if (telecom.find('@') != std::string_view::npos) {
    return out.Sequence(WordsOf(telecom), IdentifierType::kEmail, Reach::kSource);
  }
  std::string digits;
  for (const std::string& word : WordsOf(telecom)) {
    for (const char c : word) digits += IsDigit(c) ? std::string(1, c) : "";
  }
  const bool international = telecom.find('+') != std::string_view::npos || digits.starts_with("00");
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  out.Compact(digits, IdentifierType::kPhone, 9);
  if (digits.size() == 11 && digits[0] == '1') out.Compact(digits.substr(1), IdentifierType::kPhone, 9);
  if (digits.size() == 10) out.Compact(digits.substr(3), IdentifierType::kPhone, kMaxCompactLength);
  if (digits.size() == 11) out.Compact(digits.substr(4), IdentifierType::kPhone, kMaxCompactLength);
  for (size_t country = 1; international && country <= 3 && digits.size() > country + 6; ++country) {
    out.Compact(digits.substr(country), IdentifierType::kPhone, 9);
  }
}

IdentifierType TypeOfKind(std::string_view kind) {
  static constexpr std::pair<std::string_view, IdentifierType> kKinds[] = {{"mrn", IdentifierType::kMrn},
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
  for (const auto& [name, type] : kKinds) {
    if (kind == name) return type;
  }
  return IdentifierType::kOther;
}

void AddBirthDate(const IdentityChange& identity, IdentityForms& forms, Collector& out) {
  for (const CalendarDate& day : ReadDate(identity.birth_date)) {
    forms.birth_dates.push_back(day);
    char text[32];
    std::snprintf(text, sizeof(text), "%04d%02d%02d", day.year, day.month, day.day);
    out.Compact(text, IdentifierType::kDate, kMaxCompactLength);
    std::snprintf(text, sizeof(text), "%02d%02d%04d", day.month, day.day, day.year);
    out.Compact(text, IdentifierType::kDate, kMaxCompactLength);
  }
}

// By hash; of equal ones the one of the wider reach.
void Order(IdentityForms& forms) {
  std::sort(forms.forms.begin(), forms.forms.end(), [](const Form& a, const Form& b) {
    return std::tuple(a.hash, a.tokens, a.reach == Reach::kPatient) <
           std::tuple(b.hash, b.tokens, b.reach == Reach::kPatient);
  });
  forms.forms.erase(std::unique(forms.forms.begin(), forms.forms.end(),
                                [](const Form& a, const Form& b) { return a.hash == b.hash && a.tokens == b.tokens; }),
                    forms.forms.end());
  std::sort(forms.near.begin(), forms.near.end());
  forms.near.erase(std::unique(forms.near.begin(), forms.near.end()), forms.near.end());
}

}  // namespace

IdentityForms FormsOf(const IdentityChange& identity) {
  IdentityForms forms;
  Collector out(forms);
  for (const HumanName& name : identity.names) {
    AddName(name, false, out);
    AddName(name, true, out);
    AddNear(name, forms);
  }
  for (const Identifier& identifier : identity.identifiers) {
    out.Compact(identifier.value, TypeOfKind(WordsOf(identifier.kind).empty() ? "" : WordsOf(identifier.kind).front()),
                7);
  }
  for (const std::string& address : identity.addresses) AddAddress(address, out);
  for (const std::string& telecom : identity.telecoms) AddTelecom(telecom, out);
  AddBirthDate(identity, forms, out);
  Order(forms);
  return forms;
}

IdentityForms FormsOfLiterals(std::span<const std::string> literals, std::span<const PatientId> patients) {
  IdentityForms forms;
  Collector out(forms);
  const auto add = [&](const std::string& literal) {
    Words words = WordsOf(literal);
    out.Compact(literal, IdentifierType::kOther, kMaxCompactLength);
    if (words.size() > kMaxFormTokens) {
      out.Sequence(Words(words.end() - kMaxFormTokens, words.end()), IdentifierType::kOther, Reach::kPatient);
      words.resize(kMaxFormTokens);
    }
    out.Sequence(words, IdentifierType::kOther, Reach::kPatient);
  };
  for (const std::string& literal : literals) {
    const Words words = WordsOf(literal);
    if (words.size() > 1 || (!words.empty() && HasDigit(words.front()) && words.front().size() >= 4)) add(literal);
  }
  for (const PatientId& patient : patients) {
    if (patient.value.size() >= 3) add(patient.value);
  }
  for (Form& form : forms.forms) form.cased = false;
  Order(forms);
  return forms;
}

}  // namespace freshet::deid
