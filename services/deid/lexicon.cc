#include "services/deid/lexicon.h"

#include <algorithm>
#include <array>

#include "services/deid/text.h"

namespace freshet::deid {
namespace {

constexpr size_t kSlots = 1 << 13;

uint64_t HashWord(std::string_view word) {
  uint64_t hash = kHashSeed;
  for (const char c : word) hash = HashByte(hash, static_cast<unsigned char>(c));
  return hash;
}

template <class Each>
void ForEachWord(std::string_view words, const Each& each) {
  while (!words.empty()) {
    const size_t cut = std::min(words.find_first_of(" \n"), words.size());
    if (cut > 0) each(words.substr(0, cut));
    words.remove_prefix(std::min(cut + 1, words.size()));
  }
}

constexpr std::array<std::string_view, 51> kStates = {"alabama",        "alaska",        "arizona",
                                                      "arkansas",       "california",    "colorado",
                                                      "connecticut",    "delaware",      "florida",
                                                      "georgia",        "hawaii",        "idaho",
                                                      "illinois",       "indiana",       "iowa",
                                                      "kansas",         "kentucky",      "louisiana",
                                                      "maine",          "maryland",      "massachusetts",
                                                      "michigan",       "minnesota",     "mississippi",
                                                      "missouri",       "montana",       "nebraska",
                                                      "nevada",         "new hampshire", "new jersey",
                                                      "new mexico",     "new york",      "north carolina",
                                                      "north dakota",   "ohio",          "oklahoma",
                                                      "oregon",         "pennsylvania",  "rhode island",
                                                      "south carolina", "south dakota",  "tennessee",
                                                      "texas",          "utah",          "vermont",
                                                      "virginia",       "washington",    "west virginia",
                                                      "wisconsin",      "wyoming",       "district of columbia"};

constexpr std::string_view kStateCodes =
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa "
    "ri sc sd tn tx ut vt va wa wv wi wy dc pr vi gu as mp aa ae ap";

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kStreetWords = {{{"street", "st"},
                                                                                         {"avenue", "ave"},
                                                                                         {"road", "rd"},
                                                                                         {"boulevard", "blvd"},
                                                                                         {"lane", "ln"},
                                                                                         {"drive", "dr"},
                                                                                         {"court", "ct"},
                                                                                         {"place", "pl"},
                                                                                         {"terrace", "ter"},
                                                                                         {"parkway", "pkwy"},
                                                                                         {"highway", "hwy"},
                                                                                         {"circle", "cir"},
                                                                                         {"square", "sq"},
                                                                                         {"apartment", "apt"},
                                                                                         {"suite", "ste"},
                                                                                         {"north", "n"},
                                                                                         {"south", "s"},
                                                                                         {"strasse", "str"}}};

// Each line: forms of one name that stand for one another.
constexpr std::array<std::string_view, 52> kNicknames = {"william bill billy will willie liam",
                                                         "robert bob bobby rob robbie",
                                                         "richard rick ricky rich dick",
                                                         "james jim jimmy jamie",
                                                         "john johnny jack jon",
                                                         "jonathan jon jonny",
                                                         "joseph joe joey jose pepe",
                                                         "michael mike mikey mick",
                                                         "thomas tom tommy",
                                                         "charles charlie chuck chas",
                                                         "christopher chris kit topher",
                                                         "daniel dan danny",
                                                         "david dave davey",
                                                         "edward ed eddie ted ned",
                                                         "francis frank frankie",
                                                         "frederick fred freddie",
                                                         "george georgie",
                                                         "gerald jerry gerry",
                                                         "gregory greg",
                                                         "henry hank harry",
                                                         "kenneth ken kenny",
                                                         "lawrence larry",
                                                         "leonard len lenny leo",
                                                         "matthew matt matty",
                                                         "nicholas nick nicky",
                                                         "patrick pat paddy",
                                                         "peter pete",
                                                         "philip phil",
                                                         "raymond ray",
                                                         "ronald ron ronnie",
                                                         "samuel sam sammy",
                                                         "stephen steven steve",
                                                         "timothy tim timmy",
                                                         "anthony tony",
                                                         "andrew andy drew",
                                                         "alexander alex al sasha",
                                                         "benjamin ben benny",
                                                         "albert al bert",
                                                         "elizabeth liz lizzie beth betty eliza libby",
                                                         "margaret maggie meg peggy marge greta",
                                                         "katherine kate kathy katie kay",
                                                         "catherine cathy kate katie cat",
                                                         "patricia pat patty trish tricia",
                                                         "barbara barb babs",
                                                         "susan sue susie suzy",
                                                         "jennifer jen jenny jenn",
                                                         "deborah deb debbie",
                                                         "rebecca becky becca",
                                                         "victoria vicky tori",
                                                         "theresa terry tess",
                                                         "dorothy dot dottie",
                                                         "francisco paco pancho"};

}  // namespace

const Lexicon& Lexicon::Get() {
  static const Lexicon kLexicon;
  return kLexicon;
}

Lexicon::Lexicon() : slots_(kSlots), mask_(kSlots - 1) {
  for (const WordList& list : AllWordLists()) Add(list.words, list.classes);
  for (const std::string_view state : kStates) {
    if (state.find(' ') == std::string_view::npos) Add(state, word::kState | word::kNotName);
  }
  Add(kStateCodes, word::kState);
  for (const std::string_view country : AllCountries()) {
    const bool name_too = country == "jordan" || country == "chad" || country == "america" || country == "reunion";
    if (country.find(' ') == std::string_view::npos && !name_too) Add(country, word::kNotName);
  }
}

Lexicon::Slot& Lexicon::SlotOf(uint64_t hash) {
  size_t at = hash & mask_;
  while (slots_[at].classes != 0 && slots_[at].hash != hash) at = (at + 1) & mask_;
  return slots_[at];
}

void Lexicon::Add(std::string_view words, uint32_t classes) {
  ForEachWord(words, [&](std::string_view one) {
    Slot& slot = SlotOf(HashWord(one));
    slot.hash = HashWord(one);
    slot.classes |= classes;
  });
}

uint32_t Lexicon::ClassesOf(std::string_view lower_case) const { return ClassesOf(HashWord(lower_case)); }

bool IsCommonWord(std::string_view word) {
  return (Lexicon::Get().ClassesOf(word) & (word::kCommon | word::kNotName | word::kEponymNoun)) != 0;
}

bool IsParticle(std::string_view word) { return (Lexicon::Get().ClassesOf(word) & word::kParticle) != 0; }

bool IsState(std::string_view phrase) {
  return std::find(kStates.begin(), kStates.end(), phrase) != kStates.end() ||
         (phrase.size() == 2 && (Lexicon::Get().ClassesOf(phrase) & word::kState) != 0);
}

std::string_view OtherStreetWord(std::string_view word) {
  for (const auto& [whole, abbreviated] : kStreetWords) {
    if (word == whole) return abbreviated;
    if (word == abbreviated) return whole;
  }
  return {};
}

std::vector<std::string_view> NicknamesOf(std::string_view given) {
  std::vector<std::string_view> names;
  for (const std::string_view line : kNicknames) {
    std::vector<std::string_view> forms;
    ForEachWord(line, [&](std::string_view one) { forms.push_back(one); });
    if (std::find(forms.begin(), forms.end(), given) == forms.end()) continue;
    // The long form leads to all others; a short one to the long one.
    for (const std::string_view form : forms) {
      if (form != given && (given == forms.front() || form == forms.front())) names.push_back(form);
    }
  }
  return names;
}

}  // namespace freshet::deid
