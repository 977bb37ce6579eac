// A generation's whole life (built beside, promoted, rolled back, promoted again, made the pipeline's own, the old one
// dropped) while documents change, with power lost at any write of it: an operator who does again what he was about to
// do ends where he would have without.
#include <algorithm>
#include <random>

#include "common/store/dump.h"
#include "services/runtime/generation_test_site.h"

namespace freshet {
namespace {

using testing::GenerationSite;
using testing::kNotes;
using testing::Models;

struct Act {
  const char* name;
  Models models;
  std::vector<std::string> written;  // documents, each in a new version
  std::string deleted;
  uint32_t serve = 0;  // 0: what is served stays
  uint32_t drop = 0;
};

const Act kActs[] = {
    {"first", Models::kFirst, {"a", "b", "c", "d", "e", "f"}, ""},
    {"beside", Models::kBoth, {"b", "g"}, "c"},
    {"promoted", Models::kBoth, {"d"}, "", 2},
    {"rolled back", Models::kBoth, {"e", "h"}, "", 1},
    {"promoted again", Models::kBoth, {}, "a", 2},
    {"settled", Models::kSwapped, {"f", "c"}, ""},
    {"dropped", Models::kOther, {"g", "i"}, "b", 0, 1},
};

// Power went off: what was under way is not done.
struct PowerLost {};

class Life {
 public:
  explicit Life(uint64_t seed) : site_(seed, GenerationSite::LogOn::kOtherDisk) {}

  // Every act, each again after power was lost in it. Cut: after so many writes from the beginning; none where 0.
  void Live(uint64_t cut) {
    cut_at_ = cut;
    for (const Act& act : kActs) {
      SCOPED_TRACE(act.name);
      Publish(act);
      const uint32_t before = served_;
      for (bool done = false; !done && !::testing::Test::HasFailure();) {
        try {
          Perform(act);
          done = true;
        } catch (const PowerLost&) {
          ++cuts_;
          done_before_ += site_.disk_.volume().operations();
          site_.runtime_.reset();
          site_.disk_.Crash();
          CheckServed(act, before);
        }
      }
      if (act.serve != 0) served_ = act.serve;
      CheckShown();
    }
    operations_ = done_before_ + site_.disk_.volume().operations();
  }
  // All that is stored of it in the end, but for seals, which each life makes by a key of its own.
  std::vector<std::string> Dump() {
    EXPECT_TRUE(site_.runtime_->Flush().ok());
    store::DumpOptions options;
    options.content = [](const std::string& sealed) -> Result<std::string> {
      FRESHET_ASSIGN_OR_RETURN(const SealedClean clean, DecodeSealedClean(sealed));
      return clean.body;
    };
    return store::DumpIndex(site_.IndexPath(), options, site_.disk_.env()).value().lines;
  }
  int cuts() const { return cuts_; }
  uint64_t operations() const { return operations_; }

 private:
  void Publish(const Act& act) {
    for (const std::string& document : act.written) {
      site_.Put(document, "A note that " + document + " says in version " + std::to_string(site_.version_ + 1) + ".");
      newest_[document] = site_.version_;
    }
    if (act.deleted.empty()) return;
    site_.Publish(act.deleted, Delete{});
    newest_[act.deleted] = 0;
  }

  void Perform(const Act& act) {
    if (cut_at_ > 0 && cuts_ == 0) {
      const uint64_t now = site_.disk_.volume().operations();
      site_.disk_.volume().CutPowerAfter(cut_at_ > now ? cut_at_ - now : 0);
    }
    NeedPower(site_.Start(act.models));
    if (act.drop == 0) DrainUntilCurrent();  // nobody makes any more what is to be dropped
    store::IndexStore& store = site_.runtime_->index()->store();
    if (act.serve != 0) {
      NeedPower(store.generations().Serve(kNotes, act.serve));
      NeedPower(store.Refresh());
    }
    if (act.drop != 0) {
      const Status dropped = store.generations().Drop(kNotes, act.drop);
      if (dropped.code() != Code::kNotFound) NeedPower(dropped);  // not_found: it was done before power went
    }
    DrainUntilCurrent();
  }

  void NeedPower(const Status& status) {
    if (!site_.disk_.volume().powered()) throw PowerLost();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  // Until all that was published is in, in every generation.
  void DrainUntilCurrent() {
    for (int round = 0; round < 200 && !IsCurrent(); ++round) {
      site_.DrainWhilePowered(5);
      if (!site_.disk_.volume().powered()) throw PowerLost();
    }
    ASSERT_TRUE(IsCurrent()) << site_.List();
  }
  bool IsCurrent() {
    const auto rows = site_.runtime_->index()->store().Generations();
    return !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const store::GenerationInfo& row) {
      return row.behind == 0 && ShownBy(row.number) == newest_;
    });
  }

  // By document, the version that this generation shows; 0: deleted.
  std::map<std::string, uint64_t> ShownBy(uint32_t generation) {
    std::map<std::string, uint64_t> shown;
    const auto view = site_.runtime_->index()->store().generations().ViewOf(kNotes, generation);
    if (!view.ok()) return shown;
    for (const auto& [document, version] : newest_) {
      const auto found = (*view)->Lookup(kNotes, DocumentId(document));
      if (found.empty()) continue;
      const bool gone = found[0].state == store::DocumentState::kDeleted;
      if (gone || found[0].state == store::DocumentState::kSearchable) {
        shown[document] = gone ? 0 : found[0].origin.version.position;
      }
    }
    return shown;
  }

  // One of the two that it may be, and no third; of a collection that is there.
  void CheckServed(const Act& act, uint32_t before) {
    ASSERT_TRUE(site_.Start(act.models).ok()) << "it opens whatever was lost";
    int served = 0;
    for (const store::GenerationInfo& row : site_.runtime_->index()->store().Generations()) {
      served += row.served ? 1 : 0;
      EXPECT_TRUE(!row.served || row.number == before || row.number == act.serve) << site_.List();
    }
    EXPECT_LE(served, 1);
  }
  void CheckShown() {
    const store::IndexStore& store = site_.runtime_->index()->store();
    EXPECT_EQ(store.CurrentView()->Generation(kNotes), served_);
    for (const store::GenerationInfo& row : store.Generations()) EXPECT_EQ(ShownBy(row.number), newest_) << row.number;
  }

  GenerationSite site_;
  std::map<std::string, uint64_t> newest_;  // 0: deleted
  uint32_t served_ = 1;
  uint64_t cut_at_ = 0, done_before_ = 0, operations_ = 0;
  int cuts_ = 0;
};

TEST(GenerationCrash, LossOfPowerAnywhereInAGenerationsLifeLosesNothing) {
  Life whole(1);
  whole.Live(0);
  ASSERT_FALSE(HasFailure());
  ASSERT_GT(whole.operations(), 100u);
  const std::vector<std::string> expected = whole.Dump();
  ASSERT_GE(expected.size(), 9u);
  constexpr uint64_t kCuts = 12;
  int cuts = 0;
  std::mt19937_64 random(3);
  for (uint64_t i = 0; i < kCuts; ++i) {
    const uint64_t cut = 1 + (whole.operations() - 1) * i / kCuts + random() % (whole.operations() / kCuts);
    SCOPED_TRACE("power goes after " + std::to_string(cut) + " writes");
    Life life(100 + i);
    life.Live(cut);
    EXPECT_EQ(life.Dump(), expected);
    cuts += life.cuts();
    if (HasFailure()) return;
  }
  EXPECT_GT(cuts, static_cast<int>(kCuts) / 2) << "most must meet it";
}

}  // namespace
}  // namespace freshet
