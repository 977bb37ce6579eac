// What a roster of very many patients costs: bytes a patient, as counted and as the process grew; how long it takes to
// build, to change and to search.
//
//   deid_roster [PATIENTS] [LIMIT]        e.g. 1000000 300: exit status 1 above 300 bytes a patient
//
// Invented patients, as hospitals have them: names of 4,000 given and 60,000 family names, the frequent ones often; an
// MRN, a social security number and a member number; street and town; a telephone, an e-mail for six in ten; a UUID for
// an id. Texts are of words of which one in thirty is some patient's name.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>

#include "services/deid/roster.h"

namespace freshet::deid {
namespace {

// Of this thread's CPU: the machine may be shared.
double Now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double Since(double begin) { return Now() - begin; }

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096;
}

class Inventor {
 public:
  std::string Word(uint64_t number) const {
    static constexpr std::string_view kSyllables[] = {"ka",  "ri", "mon",  "ste", "lo", "ber", "quin", "tas",
                                                      "vel", "du", "shan", "or",  "fi", "gre", "nan",  "pol"};
    std::string word;
    for (uint64_t rest = number + 16; rest > 0; rest /= 16) word += kSyllables[rest % 16];
    return word;
  }
  // Small numbers far more often than large ones.
  uint64_t Skewed(uint64_t limit) {
    const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
    return static_cast<uint64_t>(share * share * share * static_cast<double>(limit));
  }
  std::string Digits(size_t count) {
    std::string digits;
    for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + random_() % 10);
    return digits;
  }
  std::string Uuid() {
    char text[40];
    const uint64_t a = random_(), b = random_();
    std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(a),
                  static_cast<unsigned>(a >> 32 & 0xffff), static_cast<unsigned>(a >> 48),
                  static_cast<unsigned>(b & 0xffff), static_cast<unsigned long long>(b >> 16));
    return text;
  }

  IdentityChange Patient() {
    IdentityChange change{.patient = PatientId(Uuid()), .identity = "legal"};
    const std::string given = Word(Skewed(4000)), family = Word(5000 + Skewed(60'000));
    change.names.push_back({.given = {given, Word(Skewed(4000))}, .family = family});
    change.identifiers = {{"mrn", Digits(8)}, {"ssn", Digits(9)}, {"member", "XQ" + Digits(9)}};
    change.birth_date = "19" + Digits(2) + "-03-1" + Digits(1);
    change.addresses = {Digits(3) + " " + Word(Skewed(9000)) + " Street, " + Word(Skewed(3000)) + ", CT 0" + Digits(4)};
    change.telecoms = {"+1 617 " + Digits(3) + " " + Digits(4)};
    if (random_() % 10 < 6) change.telecoms.push_back(given + "." + family + Digits(2) + "@mail.example");
    return change;
  }

  std::string Text(size_t words) {
    std::string text;
    for (size_t i = 0; i < words; ++i) {
      text += random_() % 30 == 0 ? Word(Skewed(4000)) + " " + Word(5000 + Skewed(60'000))
                                  : Word(70'000 + random_() % 20'000);
      text += ' ';
    }
    return text;
  }

 private:
  std::mt19937_64 random_{42};
};

int Run(size_t patients, double limit) {
  Inventor inventor;
  const SourceName source("bench");
  const size_t before = ResidentBytes();
  const auto begun = Now();
  RosterBuilder builder;
  std::vector<PatientId> some;
  uint64_t position = 0;
  for (size_t i = 0; i < patients; ++i) {
    const IdentityChange change = inventor.Patient();
    if (i % 1000 == 0) some.push_back(change.patient);
    builder.Apply(source, change, {1'700'000'000, ++position});
  }
  const double built = Since(begun);
  malloc_trim(0);
  const double counted = static_cast<double>(builder.MemoryBytes()) / static_cast<double>(patients);
  const double grown = static_cast<double>(ResidentBytes() - before) / static_cast<double>(patients);
  std::printf("%zu patients: %.0f bytes each counted, %.0f resident; built in %.1f s\n", patients, counted, grown,
              built);

  double slowest = 0, changed = 0;
  std::shared_ptr<const Roster> roster;
  for (size_t i = 0; i < 500; ++i) {
    const auto begin = Now();
    builder.Apply(source, inventor.Patient(), {1'700'000'000, ++position});
    roster = builder.Snapshot();
    changed += Since(begin);
    slowest = std::max(slowest, Since(begin));
  }
  std::printf("a change and a snapshot: %.3f ms, the slowest of 500 %.3f ms\n", changed / 500 * 1e3, slowest * 1e3);

  const std::string written = inventor.Text(400'000);
  const Text text(written);
  std::vector<Finding> findings;
  (void)text.tokens();
  const auto searched = Now();
  roster->Find(text, {source, {}, RosterScope::kSource}, findings);
  const double seconds = Since(searched);
  std::printf("searched: %.1f M characters/s, %.2f M tokens/s, %zu found\n",
              static_cast<double>(written.size()) / 1e6 / seconds,
              static_cast<double>(text.tokens().size()) / 1e6 / seconds, findings.size());

  const auto known = Now();
  size_t met = 0;
  for (const PatientId& patient : some) met += roster->Knows(source, patient);
  std::printf("a patient's forms made anew: %.1f us, %zu of %zu known\n",
              Since(known) / static_cast<double>(some.size()) * 1e6, met, some.size());
  return met == some.size() && !findings.empty() && std::max(counted, grown) <= limit ? 0 : 1;
}

}  // namespace
}  // namespace freshet::deid

int main(int argc, char** argv) {
  const size_t patients = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  return freshet::deid::Run(patients, argc > 2 ? std::strtod(argv[2], nullptr) : 300);
}
