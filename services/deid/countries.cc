// The countries of the world, their usual short names and what is larger than a state: none of them is PHI.
#include <algorithm>
#include <array>

#include "services/deid/lexicon.h"

namespace freshet::deid {
namespace {

// Ascending, in lower case (ISO 3166-1's short names, folded, with the forms that prose uses).
constexpr auto kCountries = std::to_array<std::string_view>({
    // clang-format off
    "afghanistan", "africa", "albania", "algeria", "america", "american samoa", "andorra", "angola", "antarctica",
    "antigua and barbuda", "argentina", "armenia", "aruba", "asia", "australia", "austria", "azerbaijan", "bahamas",
    "bahrain", "bangladesh", "barbados", "belarus", "belgium", "belize", "benin", "bermuda", "bhutan", "bolivia",
    "bosnia", "bosnia and herzegovina", "botswana", "brazil", "brunei", "bulgaria", "burkina faso", "burma",
    "burundi", "cambodia", "cameroon", "canada", "cape verde", "central africa", "central african republic",
    "central america", "chad", "chile", "china", "colombia", "congo", "costa rica", "croatia", "cuba", "cyprus",
    "czech republic", "czechia", "denmark", "djibouti", "dominica", "dominican republic", "east africa", "east asia",
    "eastern europe", "ecuador", "egypt", "el salvador", "england", "equatorial guinea", "eritrea", "estonia",
    "eswatini", "ethiopia", "europe", "faroe islands", "fiji", "finland", "france", "french guiana", "gabon",
    "gambia", "georgia", "germany", "ghana", "gibraltar", "great britain", "greece", "greenland", "grenada",
    "guadeloupe", "guam", "guatemala", "guinea", "guyana", "haiti", "honduras", "hong kong", "hungary", "iceland",
    "india", "indonesia", "iran", "iraq", "ireland", "israel", "italy", "ivory coast", "jamaica", "japan", "jordan",
    "kazakhstan", "kenya", "kiribati", "kosovo", "kuwait", "kyrgyzstan", "laos", "latin america", "latvia", "lebanon",
    "lesotho", "liberia", "libya", "liechtenstein", "lithuania", "luxembourg", "macau", "macedonia", "madagascar",
    "malawi", "malaysia", "maldives", "mali", "malta", "martinique", "mauritania", "mauritius", "mexico",
    "micronesia", "middle east", "moldova", "monaco", "mongolia", "montenegro", "morocco", "mozambique", "myanmar",
    "namibia", "nauru", "nepal", "netherlands", "new caledonia", "new zealand", "nicaragua", "niger", "nigeria",
    "north africa", "north america", "north korea", "north macedonia", "northern europe", "northern ireland",
    "norway", "oceania", "oman", "pakistan", "palau", "palestine", "panama", "papua new guinea", "paraguay", "peru",
    "philippines", "poland", "polynesia", "portugal", "puerto rico", "qatar", "reunion", "romania", "russia",
    "rwanda", "samoa", "san marino", "saudi arabia", "scandinavia", "scotland", "senegal", "serbia", "seychelles",
    "sierra leone", "singapore", "slovakia", "slovenia", "solomon islands", "somalia", "south africa",
    "south america", "south asia", "south korea", "south sudan", "southeast asia", "southern africa",
    "southern europe", "soviet union", "spain", "sri lanka", "sub-saharan africa", "sudan", "suriname", "swaziland",
    "sweden", "switzerland", "syria", "taiwan", "tajikistan", "tanzania", "thailand", "the gambia", "the netherlands",
    "timor", "togo", "tonga", "trinidad", "trinidad and tobago", "tunisia", "turkey", "turkiye", "turkmenistan",
    "tuvalu", "u.s", "u.s.", "uae", "uganda", "uk", "ukraine", "united arab emirates", "united kingdom",
    "united states", "united states of america", "uruguay", "us", "usa", "ussr", "uzbekistan", "vanuatu",
    "vatican city", "venezuela", "vietnam", "virgin islands", "wales", "west africa", "western europe",
    "western sahara", "yemen", "yugoslavia", "zambia", "zimbabwe",
    // clang-format on
});
static_assert(std::is_sorted(kCountries.begin(), kCountries.end()));

}  // namespace

std::span<const std::string_view> AllCountries() { return kCountries; }

bool IsCountry(std::string_view phrase) { return std::binary_search(kCountries.begin(), kCountries.end(), phrase); }

}  // namespace freshet::deid
