// What must hold of a world: on the way, and at the end.
#include "common/stage/account.h"
#include "tests/simulation/machine.h"

namespace freshet::test {
namespace {

constexpr std::array kModes = {query::Mode::kLexical, query::Mode::kVector, query::Mode::kHybrid};

const char* NameOf(query::Mode mode) {
  static constexpr std::array kNames = {"hybrid", "lexical", "vector"};
  return kNames[static_cast<size_t>(mode)];
}

std::string Joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text;
}

query::Caller CallerOf(const std::string& user) { return {.user = user, .tenant = SimulatedTenant()}; }

std::string Describe(const Shown& shown) { return shown.document + " " + shown.version.ToString() + " " + shown.mark; }

std::set<std::string> DocumentsOf(const std::set<Shown>& shown) {
  std::set<std::string> documents;
  for (const Shown& row : shown) documents.insert(row.document);
  return documents;
}

// How the two differ, or "".
std::string Compare(const std::set<Shown>& expected, const std::set<Shown>& found) {
  for (const Shown& row : expected) {
    if (!found.contains(row)) return "does not find " + Describe(row);
  }
  for (const Shown& row : found) {
    if (!expected.contains(row)) return "finds " + Describe(row);
  }
  return "";
}

}  // namespace

// in = indexed + superseded + skipped + quarantined + control, and all of it has been taken in (DESIGN §4.6).
std::string SimulatedWorld::CheckAccounts() const {
  if (!machine_) return "";
  for (const auto& [where, account] : machine_->runtime->index()->store().Accounts()) {
    uint64_t sum = account.absent;
    for (const auto& [outcome, count] : account.outcomes) sum += count;
    if (sum != account.next.value - account.first.value) {
      return "accounts do not close in stream " + std::to_string(where.first.value);
    }
  }
  return CheckStageAccounts();
}

// The same of each stage that reads a topic as a group: what it says became of its input is all of its input.
std::string SimulatedWorld::CheckStageAccounts() const {
  for (const StageRow& row : kPipeline) {
    const bool ends_in_sink = options_.plan.HeadOf(Step::kIndex) == row.step;
    if (options_.plan.HeadOf(row.step) != row.step || ends_in_sink) continue;
    for (const Lane lane : {Lane::kLive, Lane::kBackfill}) {
      const std::string group = GroupOf(row.step, lane);
      for (uint32_t i = 0; i < options_.partitions; ++i) {
        const auto progress =
            machine_->log->Committed(group, {TopicName(SimulatedTenant(), InputOf(row.step, lane)), Partition(i)});
        if (!progress.ok()) return progress.status().ToString();
        const auto account = StageAccount::Decode(progress->metadata);
        if (!account || account->total() != progress->next.value) return "accounts of " + group + " do not close";
      }
    }
  }
  return "";
}

// A watermark never passes a change that is not accounted for (DESIGN §2).
std::string SimulatedWorld::CheckWatermark() const {
  if (!machine_) return "";
  const auto view = machine_->runtime->index()->store().CurrentView();
  const auto times = view->Times();
  const auto it = times.find(SimulatedName());
  if (it == times.end()) return "";
  const auto as_of = query::AsOf(it->second, EngineOptions(options_.plan));
  if (!as_of) return "";
  for (const SimulatedSource::Told& told : source_.told()) {
    if (!told.live || told.committed > *as_of) continue;
    if (told.version < source_.SilentlyDeleted(told.document)) continue;
    Version newest;
    for (const auto& row : view->Lookup(SimulatedCollection(), told.document)) newest = std::max(newest, row.newest);
    if (newest < told.version) {
      return "the watermark " + FormatTime(*as_of) + " passed version " + told.version.ToString() + " of " +
             told.document.value + ", committed " + FormatTime(told.committed) + "; known is " + newest.ToString();
    }
  }
  return "";
}

// Each document of an answer is there whole, in one version, and readable (DESIGN §4.3).
std::string SimulatedWorld::Find(const query::QueryEngine& engine, const std::string& user, query::Mode mode,
                                 std::set<Shown>& shown) const {
  query::SearchRequest request{.top_k = query::kMaxTopK, .mode = mode};
  for (const DocumentId& id : source_.documents()) request.query += SimulatedSource::WordOf(id) + " ";
  const auto answer = engine.Search(CallerOf(user), request, "");
  if (!answer.ok()) return user + " gets no answer: " + answer.status().ToString();
  for (const std::string& warning : answer->warnings) {
    if (!warning.starts_with("access_stale")) return user + " is warned: " + warning;
  }
  const bool cut = answer->hits.size() >= query::kMaxTopK;
  cut_ = cut;
  std::map<DocumentId, std::pair<Version, std::set<std::string>>> documents;
  for (const query::SearchHit& hit : answer->hits) {
    auto& [version, marks] = documents.try_emplace(hit.document, hit.version, std::set<std::string>()).first->second;
    if (version != hit.version) return user + " finds two versions of " + hit.document.value;
    for (std::string& mark : SimulatedSource::MarksIn(hit.passage.text, hit.document)) marks.insert(std::move(mark));
  }
  for (const auto& [id, found] : documents) {
    const std::set<std::string>* const whole = source_.MarksOf(id, found.first);
    if (whole == nullptr || (!cut && *whole != found.second)) {
      return user + " finds " + id.value + " " + found.first.ToString() + " as" + Joined(found.second) + " instead of" +
             (whole == nullptr ? " nothing" : Joined(*whole)) + " in a " + NameOf(mode) + " search";
    }
    for (const std::string& mark : cut ? *whole : found.second) shown.insert({id.value, found.first, mark});
  }
  return "";
}

std::string SimulatedWorld::CheckOneAnswer() {
  if (!machine_ || source_.documents().empty()) return "";
  const std::string& user = source_.users()[random_() % source_.users().size()];
  std::set<Shown> shown;
  const bool followed = machine_->follower_engine != nullptr && random_() % 2 == 0;
  return Find(followed ? *machine_->follower_engine : *machine_->engine, user, kModes[random_() % kModes.size()],
              shown);
}

// Each paragraph by the word that only it has: an index whose words lead to other chunks is found out.
std::string SimulatedWorld::CheckWords(const query::QueryEngine& engine) const {
  std::set<Shown> asked;
  for (const std::string& user : SimulatedSource::users()) {
    for (const Shown& shown : source_.Expected(user)) {
      if (!asked.insert(shown).second) continue;
      const auto answer = engine.Search(CallerOf(user), {.query = shown.mark, .mode = query::Mode::kLexical}, "");
      if (!answer.ok()) return user + " gets no answer: " + answer.status().ToString();
      if (answer->hits.empty()) return user + " does not find by its word " + Describe(shown);
      for (const query::SearchHit& hit : answer->hits) {
        if (hit.passage.text.find(shown.mark) == hit.passage.text.npos)
          return user + " finds something else by " + Describe(shown);
      }
    }
  }
  return "";
}

std::string SimulatedWorld::CheckAnswers(const query::QueryEngine& engine) {
  for (const std::string& user : SimulatedSource::users()) {
    const std::set<Shown> expected = source_.Expected(user);
    for (const query::Mode mode : kModes) {
      std::set<Shown> found;
      std::string wrong = Find(engine, user, mode, found);
      if (!wrong.empty()) return wrong;
      if (!cut_) wrong = Compare(expected, found);
      if (!wrong.empty()) return user + " " + wrong + " in a " + NameOf(mode) + " search";
    }
    const std::string wrong = CheckAccess(engine, user, expected);
    if (!wrong.empty()) return wrong;
  }
  return CheckWords(engine);
}

std::string SimulatedWorld::CheckAccessOfAll(const query::QueryEngine& engine) const {
  for (const std::string& user : SimulatedSource::users()) {
    const std::string wrong = CheckAccess(engine, user, source_.Expected(user));
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// Each of the two checks of access alone (DESIGN §4.5): the filter of the searches, and the one before a hit becomes
// text, which is asked of what anybody may find.
std::string SimulatedWorld::CheckAccess(const query::QueryEngine& engine, const std::string& user,
                                        const std::set<Shown>& expected) const {
  const std::set<std::string> may_read = DocumentsOf(expected);
  const auto view = engine.view();
  const auto access = engine.AccessOf(CallerOf(user));
  const auto filter = view->FilterFor(SimulatedCollection(), access, {});
  if (filter && filter->count() != may_read.size()) {
    return user + "'s searches run over " + std::to_string(filter->count()) + " documents instead of " +
           std::to_string(may_read.size());
  }
  for (const DocumentId& id : source_.documents()) {
    for (const store::StoredDocument& row : view->Lookup(SimulatedCollection(), id)) {
      if (!row.ordinal || view->MayRead(SimulatedCollection(), *row.ordinal, access) == may_read.contains(id.value)) {
        continue;
      }
      return "the text of " + id.value + " is " + (may_read.contains(id.value) ? "kept from " : "shown to ") + user;
    }
  }
  return "";
}

}  // namespace freshet::test
