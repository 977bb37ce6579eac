// How fast one core de-identifies a folder of plain texts, and how much of them it changes.
//
//   deid_speed FOLDER [POLICY] [PATIENTS]     e.g. the answers of MedQuAD as files, safe_harbor, 1000
//
// Prints characters a second of this thread's CPU time: of the rules and the roster alone (detect, resolve, replace,
// verify), of the same with the name model, and through the whole stage (parsing, fields and seals too); and the share
// of blank-separated tokens that were changed. PATIENTS invented identities make up the roster. Best of five rounds, as
// the machine may be shared.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "services/deid/cleaner.h"
#include "services/deid/deid.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

std::vector<Upsert> ReadFolder(const std::string& folder) {
  std::vector<Upsert> upserts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    Upsert upsert{.media_type = "text/plain"};
    upsert.content.assign(std::istreambuf_iterator<char>(file), {});
    upserts.push_back(std::move(upsert));
  }
  return upserts;
}

std::shared_ptr<const Roster> InventPatients(size_t count) {
  RosterBuilder builder;
  for (size_t i = 0; i < count; ++i) {
    IdentityChange change{.patient = PatientId(std::to_string(i)), .birth_date = "1961-03-04"};
    change.names.push_back(
        {.given = {"Adazo" + std::to_string(i % 97), "Marix"}, .family = "Quillon" + std::to_string(i)});
    change.identifiers = {{"mrn", std::to_string(40'000'000 + i * 7)}};
    change.telecoms = {"+1617" + std::to_string(2'000'000 + i)};
    builder.Apply(SourceName("bench"), change);
  }
  return builder.Snapshot();
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

size_t CountChanged(std::string_view before, std::string_view after) {
  std::map<std::string_view, size_t> left;
  for (const std::string_view word : Words(after)) ++left[word];
  size_t changed = 0;
  for (const std::string_view word : Words(before)) {
    size_t& count = left[word];
    if (count > 0) {
      --count;
    } else {
      ++changed;
    }
  }
  return changed;
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Million characters a second; 0 where no cleaner can be made.
double CleanerSpeed(const std::vector<Upsert>& upserts, const Policy& policy, const Roster* roster, NameModel use) {
  const auto cleaner = Cleaner::Make(use);
  if (!cleaner.ok()) return 0;
  const CleanJob job{policy, {.roster = roster, .source = SourceName("bench")}};
  std::vector<ParsedDocument> documents;
  size_t bytes = 0;
  for (const Upsert& upsert : upserts) {
    if (auto parsed = Parse(upsert.media_type, upsert.content); parsed.ok()) documents.push_back(std::move(*parsed));
  }
  for (const ParsedDocument& one : documents) bytes += one.text.size();
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double begin = CpuSeconds();
    for (const ParsedDocument& one : documents) (void)(*cleaner)->CleanText(one.text, one.blocks, job);
    best = std::min(best, CpuSeconds() - begin);
  }
  return static_cast<double>(bytes) / 1e6 / best;
}

int Run(int argc, char** argv) {
  const std::vector<Upsert> upserts = ReadFolder(argv[1]);
  const auto policy = FindPolicy(argc > 2 ? argv[2] : "safe_harbor");
  const auto made_from = std::chrono::steady_clock::now();
  auto deid = Deid::Make();
  const std::chrono::duration<double> making = std::chrono::steady_clock::now() - made_from;
  auto keys = KeyRing::Parse(KeyRing::NewKeyLine());
  if (!policy.ok() || !deid.ok() || !keys.ok()) return 2;
  const Origin origin{.source = SourceName("bench"), .collection = CollectionName("bench")};
  const DeidState state{.policies = {{origin.collection, *policy}},
                        .roster = InventPatients(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 0),
                        .keys = std::make_shared<const KeyRing>(std::move(*keys))};
  size_t bytes = 0, words = 0, changed = 0, skipped = 0;
  double spent = 0;
  for (const Upsert& upsert : upserts) {
    const Deid::Input input{origin, upsert};
    const double begin = CpuSeconds();
    const auto outcomes = (*deid)->Process({&input, 1}, state);
    spent += CpuSeconds() - begin;
    bytes += upsert.content.size();
    const auto* forward = outcomes[0].ok() ? std::get_if<Forward<CleanDocument>>(&*outcomes[0]) : nullptr;
    if (forward == nullptr) {
      ++skipped;
      continue;
    }
    words += Words(upsert.content).size();
    changed += CountChanged(upsert.content, forward->body.text());
  }
  std::printf(
      "made in %.0f ms; %zu documents, %zu skipped, %.1f M characters, %.2f M characters/s, %.3f %% of tokens "
      "changed\n",
      making.count() * 1e3, upserts.size(), skipped, static_cast<double>(bytes) / 1e6,
      static_cast<double>(bytes) / 1e6 / spent, 100.0 * static_cast<double>(changed) / static_cast<double>(words));
  std::printf("rules and roster %.2f M characters/s, with the name model %.2f M characters/s\n",
              CleanerSpeed(upserts, **policy, state.roster.get(), NameModel::kOff),
              CleanerSpeed(upserts, **policy, state.roster.get(), NameModel::kOn));
  return 0;
}

}  // namespace
}  // namespace freshet::deid

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: deid_speed FOLDER [POLICY] [PATIENTS]\n");
    return 2;
  }
  return freshet::deid::Run(argc, argv);
}
