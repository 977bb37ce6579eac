// Connectors with one fault each, and the case of the kit that finds it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/example_feed/rig.h"
#include "connectors/kit/conform.h"
#include "connectors/kit/testing/faulty.h"
#include "connectors/source/source.h"

namespace freshet::kit {
namespace {

using Events = std::vector<ChangeEvent>;

template <class Kind>
void Drop(Events& events) {
  std::erase_if(events, [](const ChangeEvent& event) { return std::holds_alternative<Kind>(event.change); });
}

struct Forgetful : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    static int count = 0;
    return ++count % 3 == 0 ? OkStatus() : host->Publish(std::move(events), lane);
  }
};
struct Deaf : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    (void)host->Publish(std::move(events), lane);
    return OkStatus();
  }
  Status PublishHeartbeat(Time, std::span<const Lane>) override { return OkStatus(); }
};
struct OneVersion : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    for (ChangeEvent& event : events) event.origin.version = Version{1, 1};
    return host->Publish(std::move(events), lane);
  }
};
struct VersionsByClock : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    const auto now = static_cast<uint64_t>(ToMicros(clock().Now()));
    for (ChangeEvent& event : events) event.origin.version = Version{1, now, ++count};
    return host->Publish(std::move(events), lane);
  }
  uint64_t count = 0;
};
template <class Kind>
struct Without : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    Drop<Kind>(events);
    return host->Publish(std::move(events), lane);
  }
};
struct WithoutRefused : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    std::erase_if(events, [](const ChangeEvent& event) {
      const auto* const upsert = std::get_if<Upsert>(&event.change);
      return upsert != nullptr && upsert->refused != Code::kOk;
    });
    return host->Publish(std::move(events), lane);
  }
};
// Content waits until there is no more of it.
struct OneCall : FaultyHost {
  Status Publish(Events events, Lane lane) override {
    if (lane != Lane::kLive) return host->Publish(std::move(events), lane);
    std::move(events.begin(), events.end(), std::back_inserter(held));
    return OkStatus();
  }
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    return held.empty() ? host->PublishHeartbeat(time, lanes) : OkStatus();
  }
  Status Rest() override { return held.empty() ? OkStatus() : host->Publish(std::exchange(held, {}), Lane::kLive); }
  Events held;
};
struct Early : FaultyHost {
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    return host->PublishHeartbeat(time + std::chrono::hours(1), lanes);
  }
};
struct GivesUp : FaultyHost {
  void Failed() override {
    ChangeEvent gone{.origin = {.version = {~uint64_t{0}, 1}, .committed = clock().Now()}, .change = Delete{}};
    gone.origin.document = DocumentId("a");
    (void)host->Publish({std::move(gone)}, Lane::kUrgent);
  }
};

struct Planted {
  const char* name;
  const char* found_by;
  const char* seen;
  Faults faults;
  Duration patience = std::chrono::seconds(2);
};

template <class Host>
Faults Through() {
  return {.host = [] { return std::make_unique<Host>(); }};
}

const std::vector<Planted>& AllPlanted() {
  static const std::vector<Planted> all = {
      {"Forgetful", "crash", "document ", Through<Forgetful>()},
      {"Deaf", "log_outage", "document ", Through<Deaf>()},
      {"OneVersion", "update", "document a is", Through<OneVersion>()},
      {"VersionsByClock", "clock_backwards", "document a is", Through<VersionsByClock>()},
      {"NoDeletes", "delete", "documents that the source does not have", Through<Without<Delete>>()},
      {"NoLists", "access_narrowed", "readers of a are", Through<Without<AccessChange>>()},
      {"NothingRefused", "broken", "document a is", Through<WithoutRefused>()},
      {"OneCall", "bounded_memory", "a call held", Through<OneCall>(), std::chrono::seconds(30)},
      {"Early", "heartbeat", "vouches for the future", Through<Early>()},
      {"GivesUp", "source_outage", "document a is not there", Through<GivesUp>()},
      {"ChecksNothing", "check", "of a source that is gone", {.check = [](Connector&, Rig&) { return OkStatus(); }}},
      {"ChecksAndTakes",
       "check",
       "document b is not there",
       {.check = [](Connector&, Rig& rig) { return rig.Remove("b"); }}},
      {"FetchesAnother",
       "fetch",
       "not what was published",
       {.fetched = [](const Result<Upsert>&) { return Upsert{}; }}},
      {"EndsBadly", "stop", "Run ended with", {.ended = [](const Status&) { return Status(Code::kTimeout, "late"); }}},
  };
  return all;
}

class FaultsTest : public ::testing::TestWithParam<size_t> {};

TEST_P(FaultsTest, AreFoundByTheirCase) {
  const Planted& planted = AllPlanted()[GetParam()];
  const auto make = [&]() -> Result<std::unique_ptr<Rig>> {
    FRESHET_ASSIGN_OR_RETURN(auto rig, example_feed::MakeExampleFeedRig({}));
    return std::unique_ptr<Rig>(std::make_unique<FaultyRig>(std::move(rig), planted.faults));
  };
  const std::vector<std::string> only = {planted.found_by};
  const auto results = Conform(make, {.patience = planted.patience}, only);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].verdict, CaseResult::Verdict::kFailed);
  EXPECT_THAT(results[0].seen, testing::HasSubstr(planted.seen));
}

INSTANTIATE_TEST_SUITE_P(All, FaultsTest, testing::Range(size_t{0}, AllPlanted().size()),
                         [](const auto& info) { return AllPlanted()[info.param].name; });

}  // namespace
}  // namespace freshet::kit
