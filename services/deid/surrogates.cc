#include "services/deid/surrogates.h"

#include <algorithm>
#include <array>

#include "services/deid/lexicon.h"
#include "services/deid/place_words.h"
#include "services/deid/text.h"

namespace freshet::deid {
namespace {

constexpr size_t kLongestPrefix = 3;  // digits of a country (ITU-T E.164)

// Surnames and towns are made of two halves, so that there are many and each can be spoken.
constexpr std::array<std::string_view, 64> kFirstHalves = {
    "ash",   "alder", "barn",  "beck",  "birch", "black", "brad",  "brook", "burn", "cald", "carl",  "chad", "clay",
    "cliff", "cole",  "corn",  "crane", "dale",  "dun",   "east",  "elm",   "fair", "fal",  "fen",   "fern", "glen",
    "gold",  "gran",  "green", "hal",   "hart",  "haver", "hazel", "heath", "hol",  "kel",  "kings", "lang", "lark",
    "lin",   "mar",   "mead",  "mel",   "mill",  "nor",   "oak",   "pem",   "pine", "red",  "rock",  "rose", "sel",
    "shel",  "stan",  "sum",   "thorn", "wake",  "wal",   "west",  "whit",  "wil",  "win",  "wood",  "york"};
constexpr std::array<std::string_view, 64> kSecondHalves = {
    "acre",  "bank",  "berry", "bourne", "bridge", "brook", "burn", "bury", "by",    "combe", "cott",  "croft", "dale",
    "den",   "don",   "ell",   "er",     "fall",   "field", "ford", "gate", "grave", "grove", "ham",   "hart",  "hill",
    "holm",  "house", "hurst", "ing",    "ison",   "kin",   "land", "ley",  "lock",  "low",   "man",   "mark",  "mere",
    "mond",  "more",  "mouth", "ness",   "over",   "park",  "port", "rick", "ridge", "row",   "scott", "shaw",  "side",
    "smith", "stead", "stone", "stow",   "thorpe", "ton",   "wald", "ward", "way",   "well",  "wick",  "worth"};
constexpr std::array<std::string_view, 32> kWomen = {
    "alice", "amelia", "anna",   "audrey", "beatrice", "carmen", "clara",  "diana",  "edith", "elena", "esther",
    "flora", "grace",  "hannah", "helen",  "irene",    "joan",   "judith", "laura",  "lydia", "marta", "mira",
    "nadia", "nora",   "olive",  "paula",  "rosa",     "ruth",   "sylvia", "teresa", "vera",  "wanda"};
constexpr std::array<std::string_view, 32> kMen = {
    "albert", "arthur", "bruno", "carl",  "cyril", "daniel", "edgar",  "emil",   "felix",   "frank", "george",
    "gustav", "harold", "henry", "hugo",  "ivan",  "jacob",  "jonas",  "julian", "leo",     "louis", "martin",
    "milo",   "nathan", "oscar", "peter", "ralph", "simon",  "stefan", "victor", "wallace", "walter"};
// Given names that tell a sex, beside the ends that usually do.
constexpr std::string_view kMenToo =
    " joshua luca nikita andrea elijah noah ezra isaiah jeremiah joe george kyle luke mike dave steve pete bruce wayne "
    "lawrence terence clarence maurice eugene gene wade dale blake chase cole jake duane dwayne andre jose jorge "
    "felipe ";
constexpr std::string_view kWomenToo =
    " mary susan karen sharon carol helen ruth ann lauren megan kathleen eileen kristen allison alison madison carmen "
    "miriam esther heather jennifer amber hannah sarah deborah elizabeth judith janet margaret harriet bridget rachel "
    "mabel hazel ingrid astrid dolores mercedes iris doris phyllis gladys frances agnes joan lillian vivian marian "
    "jean ";
constexpr std::string_view kStreetToo =
    " street avenue road lane court boulevard way place terrace parkway circle square trail close crescent highway "
    "alley "
    "suite unit floor flat box po p o no apartment building room rural route ";
constexpr std::string_view kCareToo =
    " hospital hospitals clinic clinics center centre medical health healthcare care general memorial regional "
    "community "
    "university children s women the of and for at saint st mount county city surgery surgical rehab rehabilitation "
    "nursing home hospice institute cancer heart department emergency office practice family group urgent ";

bool IsListed(std::string_view list, const std::string& word) {
  return list.find(" " + word + " ") != std::string_view::npos;
}

std::string InCaseOf(std::string word, std::string_view model) {
  const bool capitals = model.size() > 1 && std::none_of(model.begin(), model.end(), IsLower);
  for (size_t i = 0; i < word.size(); ++i) {
    const bool upper = capitals || (i == 0 && !IsLower(model[0]));
    if (upper && IsLower(word[i])) word[i] = static_cast<char>(word[i] - 32);
  }
  return word;
}

// Letters and digits alone: "617-555" and "617 555" are the same thing.
std::string Essence(std::string_view folded) {
  std::string essence;
  for (const char c : folded) {
    if (IsWord(c)) essence += ToLower(c);
  }
  return essence;
}

// As many bytes as needed, from one secret.
class Stream {
 public:
  Stream(const KeyRing& keys, std::string_view purpose, std::string native)
      : keys_(keys), purpose_(purpose), native_(std::move(native)) {}

  uint32_t Below(uint32_t limit) {
    uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8 | Byte();
    return number % limit;
  }
  char Digit() { return static_cast<char>('0' + Below(10)); }

 private:
  unsigned char Byte() {
    if (at_ == bytes_.size()) {
      bytes_ = keys_.SurrogateBytes(purpose_, native_ + "#" + std::to_string(round_++));
      at_ = 0;
    }
    return static_cast<unsigned char>(bytes_[at_++]);
  }

  const KeyRing& keys_;
  std::string purpose_, native_, bytes_;
  size_t at_ = 0;
  int round_ = 0;
};

bool IsGiven(const std::string& lower) { return (Lexicon::Get().ClassesOf(lower) & word::kGivenName) != 0; }
bool IsMans(const std::string& lower) {
  if (IsListed(kMenToo, lower)) return true;
  return !IsListed(kWomenToo, lower) && !lower.ends_with('a') && !lower.ends_with('e') && !lower.ends_with('y') &&
         !lower.ends_with("ie") && !lower.ends_with("lyn") && !lower.ends_with("ah");
}

bool StaysInNames(const std::string& lower) {
  constexpr uint32_t kStay =
      word::kTitle | word::kStaffTitle | word::kCredential | word::kParticle | word::kSuffix | word::kGreeting;
  const uint32_t classes = Lexicon::Get().ClassesOf(lower);
  return (classes & kStay) != 0 && (classes & word::kGivenName) == 0 && lower.size() > 1;
}

}  // namespace

std::string Surrogates::Word(std::string_view folded) const {
  const std::string lower = Lower(folded);
  for (int attempt = 0;; ++attempt) {
    Stream stream(keys_, "word", attempt == 0 ? lower : lower + "/" + std::to_string(attempt));
    std::string made;
    if (folded.size() == 1 && IsAlpha(folded[0])) {
      made = std::string(1, static_cast<char>('a' + stream.Below(26)));
    } else if (IsGiven(lower)) {
      made = IsMans(lower) ? kMen[stream.Below(kMen.size())] : kWomen[stream.Below(kWomen.size())];
    } else {
      const std::string_view first = kFirstHalves[stream.Below(kFirstHalves.size())];
      const std::string_view second = kSecondHalves[stream.Below(kSecondHalves.size())];
      made = std::string(first) + std::string(first == second ? "ton" : second);
    }
    if (made != lower) return InCaseOf(std::move(made), folded);
  }
}

// Words are changed, but those of the list; runs with digits are drawn anew.
std::string Surrogates::Words(std::string_view original, std::string_view kept_words) const {
  const Text text(original);
  const std::string_view folded = text.folded();
  std::string out;
  uint32_t copied = 0;
  for (const Token& token : text.tokens()) {
    const std::string_view word = folded.substr(token.begin, token.size());
    const std::string lower = Lower(word);
    out.append(folded, copied, token.begin - copied);
    copied = token.end;
    const bool stays = kept_words.empty() ? StaysInNames(lower) : IsListed(kept_words, lower) || IsState(lower);
    out += token.has_digit ? Digits(word) : stays ? std::string(word) : Word(word);
  }
  out.append(folded, copied);
  return out;
}

// Digits for digits and letters for letters; the first digit is no zero where it was none.
std::string Surrogates::Digits(std::string_view original) const {
  const std::string essence = Essence(original);
  for (int attempt = 0;; ++attempt) {
    Stream stream(keys_, "number", attempt == 0 ? essence : essence + "/" + std::to_string(attempt));
    std::string out;
    bool first = true;
    for (const char c : original) {
      if (IsDigit(c)) {
        out += first && c != '0' ? static_cast<char>('1' + stream.Below(9)) : stream.Digit();
        first = false;
      } else if (IsUpper(c)) {
        out += static_cast<char>('A' + stream.Below(26));
      } else if (IsLower(c)) {
        out += static_cast<char>('a' + stream.Below(26));
      } else if (static_cast<signed char>(c) >= 0) {
        out += c;
      }
    }
    if (Essence(out) != essence || essence.empty()) return out;
  }
}

// The last ten digits become (2-9)dd 555 01dd, behind a country's prefix as it was. With more digits before them, as of
// a number that stood beside, all are drawn: none may stay.
std::string Surrogates::Phone(std::string_view original) const {
  std::string digits;
  for (const char c : original) digits += IsDigit(c) ? std::string(1, c) : "";
  if (digits.size() < 7) return Digits(original);
  const size_t lead = digits.size() >= 10 ? digits.size() - 10 : 0;
  const bool is_prefix = (lead == 1 && digits[0] == '1') || (lead <= kLongestPrefix && original.starts_with('+'));
  if (lead > 0 && !is_prefix) return Digits(original);
  Stream stream(keys_, "phone", digits);
  std::string made = digits.substr(0, lead);
  if (digits.size() >= 10) made += {static_cast<char>('2' + stream.Below(8)), stream.Digit(), stream.Digit()};
  made += std::string("55501").substr(0, 5);
  while (made.size() < digits.size()) made += stream.Digit();
  made.resize(digits.size());
  if (made == digits) made.back() = made.back() == '9' ? '0' : static_cast<char>(made.back() + 1);
  std::string out;
  size_t next = 0;
  for (const char c : original) out += IsDigit(c) ? made[next++] : c;
  return out;
}

std::string Surrogates::Web(IdentifierType type, std::string_view original) const {
  Stream stream(keys_, "web", Lower(original));
  const auto word = [&] {
    return std::string(kFirstHalves[stream.Below(kFirstHalves.size())]) +
           std::string(kSecondHalves[stream.Below(kSecondHalves.size())]);
  };
  if (type == IdentifierType::kEmail) return word() + "." + word() + "@example.org";
  if (type == IdentifierType::kUrl) return "https://example.org/" + word();
  if (original.find(':') == std::string_view::npos) return "192.0.2." + std::to_string(1 + stream.Below(254));
  return "2001:db8::" + std::to_string(1 + stream.Below(9999));
}

std::string Surrogates::For(IdentifierType type, std::string_view original) const {
  using enum IdentifierType;
  switch (type) {
    case kName:
    case kStaffName:
    case kCity:
      return Words(original, {});
    case kAddress:
      return Words(original, kStreetToo);
    case kFacility:
      return Words(original, kCareToo);
    case kPhone:
    case kFax:
      return Phone(Text(original).folded());
    case kEmail:
    case kUrl:
    case kIp:
      return Web(type, original);
    case kZip:
    case kMrn:
    case kHealthPlan:
    case kAccount:
    case kLicense:
    case kVehicle:
    case kDevice:
    case kOther:
      return Digits(Text(original).folded());
    case kDate:
    case kAge:
    case kSsn:
    case kBiometric:
      break;
  }
  return {};
}

}  // namespace freshet::deid
