#include "services/deid/judges.h"
#include "services/deid/patterns.h"

namespace freshet::deid {
namespace {

using enum IdentifierType;

constexpr bool kAnyCase = true;
constexpr bool kAsIs = false;

constexpr PatternRow kRows[] = {
    // D, E: telephone and fax
    {"pattern/phone-us", R"((?:\+?1[ .\-]{0,2}|001-)?(?:\(\d{3}\)|\d{3})[ .\-/]{0,2}\d{3}[ .\-]{1,2}\d{4})", kAnyCase,
     kPhone, 0.9f, &JudgePhone},
    {"pattern/phone-vanity", R"(1?[ \-]?\(?8(?:00|88|77|66|55|44|33|22)\)?[ \-]\d?-?[A-Z]{4,9}\b)", kAsIs, kPhone, 0.4f,
     &JudgeBounded},
    {"pattern/phone-local", R"(\d{3}[\-.]\d{4})", kAnyCase, kPhone, 0.8f, &JudgePhoneInContext},
    {"pattern/phone-groups", R"(\(?\b\d{2,3}\)? \d{2,3}[ \-]?\d{3,4}\b)", kAnyCase, kPhone, 0.7f, &JudgePhoneInContext},
    {"pattern/phone-plus", R"(\+\d{1,3}[ .\-/]{0,2}(?:\(0?\d{0,4}\)[ .\-/]?)?\d{1,4}(?:[ .\-/]{0,2}\d{2,4}){1,5})",
     kAnyCase, kPhone, 0.85f, &JudgeForeignPhone},
    {"pattern/phone-trunk", R"(\b0\d{1,4}[ \-/.]\d{2,8}(?:[ \-.]\d{2,4}){0,4})", kAnyCase, kPhone, 0.65f,
     &JudgeForeignPhone},
    {"pattern/phone-spaced", R"(\(?\b\d{2,4}\)?(?:[ .\-]\d{2,6}){1,4}\b)", kAnyCase, kPhone, 0.6f, &JudgeSpacedPhone},
    // F, N, O: what lies in networks
    {"pattern/email", R"(@)", kAsIs, kEmail, 0.98f, &JudgeEmail},
    {"pattern/email-spelled", R"( ?[\[(]at[\])] ?)", kAnyCase, kEmail, 0.85f, &JudgeSpelledEmail},
    {"pattern/email-words", R"( at [a-z0-9\-]{2,40} dot [a-z]{2,6}\b)", kAnyCase, kEmail, 0.8f,
     [](const Match& match, Finding& finding) {
       return JudgeSpelledEmail({match.text, match.begin, match.begin + 4}, finding);
     }},
    {"pattern/url", R"(\b(?:https?|ftps?|sftp|file)://)", kAnyCase, kUrl, 0.98f, &JudgeUrl},
    {"pattern/url-www", R"(\bwww\.[a-z0-9])", kAnyCase, kUrl, 0.95f, &JudgeUrl},
    {"pattern/domain", R"([a-z0-9]\.(?:com|org|net|edu|gov|mil|info|biz|int|health|io)\b)", kAnyCase, kUrl, 0.7f,
     [](const Match& match, Finding& finding) {
       return JudgeDomain({match.text, match.begin + 1, match.end}, finding);
     }},
    {"pattern/ip4", R"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})", kAnyCase, kIp, 0.9f, &JudgeIp4},
    {"pattern/ip6", R"([0-9a-f]{0,4}:[0-9a-f]{0,4}:)", kAnyCase, kIp, 0.9f, &JudgeIp6},
    {"pattern/mac", R"([0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5})", kAnyCase, kDevice, 0.9f, &JudgeBounded},
    // G: social security
    {"pattern/ssn", R"(\d{3}[\- .]\d{2}[\- .]\d{4})", kAnyCase, kSsn, 0.9f, &JudgeSsn},
    {"pattern/ssn-keyed", R"(\b(?:ssn|ss ?#|soc(?:ial)?\.? sec(?:urity)?\.?))", kAnyCase, kSsn, 0.95f, &JudgeKeyedSsn},
    {"pattern/ssn-masked", R"([x*]{3}-?[x*]{2}-\d{4})", kAnyCase, kSsn, 0.9f, &JudgeBounded},
    // H to M, R: numbers by the word that announces them
    {"pattern/mrn",
     R"(\b(?:mrn|m\.r\.n\.|mr ?#|med(?:ical)?\.? rec(?:ord)?s?\.?|chart(?: (?:number|no\.?|id)| ?#)|(?:patient|pt|hospital|visit|encounter|admission|accession|specimen|csn|requisition)(?: (?:id|number|no\.?|identifier)| ?#)))",
     kAnyCase, kMrn, 0.9f, &JudgeKeyed},
    {"pattern/health-plan",
     R"(\b(?:member|subscriber|beneficiary|policy|policyholder|health plan|insurance|ins\.? plan|medicare|medicaid|hicn?|mbi|payer|claim|group)(?: (?:policy|plan|beneficiary|claim|member))?)",
     kAnyCase, kHealthPlan, 0.85f, &JudgeKeyed},
    {"pattern/account",
     R"(\b(?:acct\.?|account|bank account|billing|invoice|routing|(?:credit |debit )?card)(?: (?:account))?)", kAnyCase,
     kAccount, 0.85f, &JudgeKeyed},
    {"pattern/license",
     R"(\b(?:(?:driver'?s? |medical |nursing )?licen[cs]e|dl|dea|npi|upin|certificate|passport|permit|registration|tax id|tin|ein))",
     kAnyCase, kLicense, 0.85f, &JudgeKeyed},
    {"pattern/plate", R"(\b(?:licen[cs]e plate|plate|vehicle (?:tag|registration)|vin))", kAnyCase, kVehicle, 0.85f,
     &JudgeKeyedPlate},
    {"pattern/device", R"(\b(?:serial|s/n|device|udi|imei|implant|pacemaker|lot))", kAnyCase, kDevice, 0.8f,
     &JudgeKeyed},
    {"pattern/id",
     R"(\b(?:id|identifier|badge|employee|student|study id|confirmation|reference|ref\.? (?:code|no\.?|number|id)|tracking|ticket|case|order|token|record))",
     kAnyCase, kOther, 0.75f, &JudgeKeyed},
    {"pattern/fingerprint", R"(\b(?:fingerprint|retina(?:l)? scan|iris scan|voice ?print))", kAnyCase, kBiometric, 0.8f,
     &JudgeKeyed},
    // Numbers by their checksum or their length alone
    {"pattern/number", R"(\b\d{9,19}\b)", kAnyCase, kOther, 0.55f, &JudgeLongNumber},
    {"pattern/card", R"(\d{4}[ \-]\d{4}[ \-]\d{4}[ \-]\d{1,7}|\d{4}[ \-]\d{6}[ \-]\d{4,5})", kAnyCase, kAccount, 0.95f,
     &JudgeCardGroups},
    {"pattern/iban", R"(\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b)", kAnyCase, kAccount, 0.97f,
     &JudgeIban},
    {"pattern/vin", R"(\b[A-HJ-NPR-Z0-9]{17}\b)", kAnyCase, kVehicle, 0.95f, &JudgeVin},
    {"pattern/dea", R"(\b[A-Z][A-Z9]\d{7}\b)", kAsIs, kLicense, 0.9f, &JudgeDea},
    // B: places
    {"pattern/street",
     R"(\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|terrace|ter|parkway|pkwy|highway|hwy|circle|cir|square|sq|trail|loop|alley|plaza|crescent|strasse)\b)",
     kAnyCase, kAddress, 0.9f, &JudgeStreet},
    {"pattern/corner", R"(\b(?:the )?corner of )", kAnyCase, kAddress, 0.8f, &JudgeCorner},
    {"pattern/post-box", R"(\bp\.? ?o\.? ?box ?#?\d{1,7}\b)", kAnyCase, kAddress, 0.95f, &JudgeBounded},
    {"pattern/apartment", R"(\b(?:apt|apartment|suite|ste)\.? ?#?\d{1,5}[a-z]?\b)", kAnyCase, kAddress, 0.65f,
     &JudgeBounded},
    {"pattern/military", R"(\b(?:psc|unit|cmr) \d{3,5},? box \d{1,5}\b|\b[afd]po,? a[aep] \d{5}\b)", kAnyCase, kAddress,
     0.95f, &JudgeBounded},
    {"pattern/zip-state", R"(\b[A-Z]{2}[ ,.]{1,3}\d{5}(?:-\d{4})?\b)", kAsIs, kZip, 0.85f, &JudgeStateZip},
    {"pattern/zip-keyed", R"(\b(?:zip|zip ?code|postal code|postcode|post code|plz))", kAnyCase, kZip, 0.9f,
     &JudgeKeyedZip},
    {"pattern/zip-plus4", R"(\b\d{5}-\d{4}\b)", kAsIs, kZip, 0.7f, &JudgeBounded},
    {"pattern/city-state", R"(, [A-Z]{2}\b)", kAsIs, kCity, 0.7f, &JudgeCityState},
    {"pattern/city-state-name",
     R"(, (?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)\b)",
     kAsIs, kCity, 0.7f, &JudgeCityState},
    {"pattern/lives-in",
     R"((?:lives?|lived|living|resid(?:es?|ed|ing|ent)|born|raised|hometown) (?:in|of|at|near|is) )", kAnyCase, kCity,
     0.7f, &JudgeLivesIn},
    {"pattern/facility",
     R"(\b(?:Hospitals?|Clinics?|Infirmary|Hospice|Healthcare|Sanatorium|Nursing Home|(?:Medical|Health|Cancer|Surgery|Rehabilitation|Trauma) (?:Center|Centre|Group|System|Care))\b)",
     kAsIs, kFacility, 0.75f, &JudgeFacility},
    {"pattern/seen-at",
     R"(\b(?:seen|treated|admitted|readmitted|evaluated|hospitali[sz]ed|operated(?: on)?|followed|followed up|consulted|diagnosed|presented|presents|examined|discharged|transferred|visited|visit|surgery|appointment|care|cared for|delivered|born|been|procedure|records|rehab) (?:at|to|from) (?:the |our )?)",
     kAnyCase, kFacility, 0.65f, &JudgeSeenAt},
    {"pattern/seen-in",
     R"(\b(?:seen|treated|admitted|evaluated|hospitali[sz]ed|operated(?: on)?|followed|office|at our|our|at the) (?:in )?)",
     kAnyCase, kCity, 0.6f, &JudgeSeenIn},
    // C: dates and ages
    {"pattern/date", R"(\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4})", kAnyCase, kDate, 0.9f, &JudgeNumericDate},
    {"pattern/date-month",
     R"(\b(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b)",
     kAnyCase, kDate, 0.92f, &JudgeMonth},
    {"pattern/date-glued", R"(\b\d{1,2}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\d{2}(?:\d{2})?\b)", kAnyCase,
     kDate, 0.9f, &JudgeGluedMonth},
    {"pattern/date-partial", R"(\b\d{1,2}[/\-]\d{1,2}\b)", kAnyCase, kDate, 0.7f, &JudgeDayAndMonth},
    {"pattern/date-month-year", R"(\b\d{1,2}/\d{4}\b|\b\d{4}-\d{2}\b)", kAnyCase, kDate, 0.75f, &JudgeMonthAndYear},
    {"pattern/date-compact", R"(\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d{2})?)?\b)",
     kAnyCase, kDate, 0.6f, &JudgeBounded},
    {"pattern/weekday", R"(\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)", kAnyCase, kDate, 0.6f, &JudgeWeekday},
    {"pattern/age", R"(\b(?:9\d|1[0-3]\d)[ \-]?(?:years?|yrs?|y\.?/?o)\b)", kAnyCase, kAge, 0.9f, &JudgeAge},
    {"pattern/age-keyed", R"(\b(?:age|aged)(?: of|:| is|=)? ?(?:9\d|1[0-3]\d)\b)", kAnyCase, kAge, 0.85f, &JudgeAge},
    {"pattern/age-decade", R"(\b(?:his|her|their) (?:early |mid |mid-|late )?(?:90'?s|nineties|100'?s)\b)", kAnyCase,
     kAge, 0.85f, &JudgeSpelledAge},
    {"pattern/age-spelled",
     R"(\b(?:ninety|one hundred|hundred)[ \-]?(?:one|two|three|four|five|six|seven|eight|nine)?[ \-]years?[ \-]old\b)",
     kAnyCase, kAge, 0.9f, &JudgeSpelledAge},
};

}  // namespace

std::span<const PatternRow> AllPatterns() { return kRows; }

}  // namespace freshet::deid
