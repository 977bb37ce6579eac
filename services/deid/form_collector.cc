#include "services/deid/form_collector.h"

#include <algorithm>

#include "services/deid/lexicon.h"

namespace freshet::deid {
namespace {

constexpr size_t kShortestCompact = 4;
constexpr size_t kShortestWhole = 5;
constexpr size_t kShortestAnnounced = 2;  // letters

// What registrations write in the place of a number that there is none of.
constexpr std::string_view kNoNumber[] = {"missing", "na",      "nil",       "no",         "none",    "null",
                                          "nan",     "pending", "temporary", "unassigned", "unknown", "tbd"};

// Names that prose holds side by side with any other word: "will young people come".
constexpr std::string_view kFunctionWords[] = {
    "all", "an",  "and",  "any", "are", "as",  "at",  "be",  "but", "by",   "can",  "do",   "for",  "from",
    "had", "has", "he",   "her", "his", "if",  "in",  "is",  "it",  "long", "many", "may",  "me",   "must",
    "my",  "new", "no",   "not", "now", "of",  "old", "on",  "one", "or",   "out",  "per",  "said", "see",
    "she", "so",  "than", "the", "to",  "too", "two", "via", "was", "we",   "will", "with", "you"};

static_assert(std::is_sorted(std::begin(kFunctionWords), std::end(kFunctionWords)));

uint64_t HashWord(std::string_view word) {
  uint64_t hash = kHashSeed;
  for (const char c : word) hash = HashByte(hash, static_cast<unsigned char>(c));
  return hash;
}

template <size_t kSize>
bool IsOneOf(const std::string_view (&words)[kSize], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsUntelling(std::string_view word) { return word.size() < 3 || IsCommonWord(word); }

std::string Glued(std::string_view value) {
  std::string glued;
  for (const std::string& word : WordsOf(value)) glued += word;
  return glued;
}

Form CompactForm(std::string_view characters, IdentifierType type) {
  return {.hash = HashWord(characters), .length = static_cast<uint8_t>(characters.size()), .type = type};
}

}  // namespace

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

bool HasDigit(std::string_view word) { return std::any_of(word.begin(), word.end(), IsDigit); }

bool IsFunctionWord(std::string_view word) {
  return std::binary_search(std::begin(kFunctionWords), std::end(kFunctionWords), word);
}

void FormCollector::Sequence(const Words& words, IdentifierType type, Reach reach) {
  if (words.empty() || words.size() > kMaxFormTokens || reach < least_) return;
  Form form{.hash = kHashSeed, .first = HashWord(words.front()), .type = type, .reach = reach};
  form.tokens = static_cast<uint8_t>(words.size());
  for (const std::string& word : words) form.hash = HashToken(form.hash, HashWord(word));
  const bool is_full_name = type == IdentifierType::kName && reach == Reach::kSource;
  if (is_full_name) {
    form.cased = std::all_of(words.begin(), words.end(), IsUntelling);
    form.own_cased = form.cased && std::any_of(words.begin(), words.end(), IsFunctionWord);
  } else if (type != IdentifierType::kAddress && type != IdentifierType::kEmail) {
    form.cased = form.own_cased = std::any_of(words.begin(), words.end(), IsUntelling);
  }
  Put(form);
}

void FormCollector::Compact(std::string_view value, IdentifierType type, size_t shortest_for_source) {
  std::string characters = Glued(value);
  characters.erase(0, std::min(characters.find_first_not_of('0'), characters.size()));
  if (characters.size() < kShortestCompact || characters.size() > kMaxCompactLength || !HasDigit(characters)) return;
  Form form = CompactForm(characters, type);
  if (characters.size() >= shortest_for_source) form.reach = Reach::kSource;
  Put(form);
}

void FormCollector::Whole(std::string_view value, IdentifierType type) {
  const std::string characters = Glued(value);
  const size_t zeros = std::min(characters.find_first_not_of('0'), characters.size());
  if (characters.size() < kShortestWhole || characters.size() > kMaxCompactLength) return;
  if (characters.size() - zeros < kShortestCompact) Put(CompactForm(characters, type));
}

void FormCollector::Announced(std::string_view value, IdentifierType type) {
  const Words words = WordsOf(value);
  std::string characters = Glued(value);
  Form form;
  if (HasDigit(characters)) {
    characters.erase(0, std::min(characters.find_first_not_of('0'), characters.size()));
    if (characters.empty() || characters.size() >= kShortestCompact) return;
    form = CompactForm(characters, type);
  } else {
    if (words.size() != 1 || characters.size() < kShortestAnnounced || IsOneOf(kNoNumber, characters)) return;
    const uint64_t hash = HashWord(characters);
    form = {.hash = HashToken(kHashSeed, hash), .first = hash, .tokens = 1, .type = type};
  }
  form.announced = true;
  Put(form);
}

}  // namespace freshet::deid
