// A listing that is interrupted, by a crash or by a log that takes nothing, goes on at the page where it was, where the
// server lets it.
#include <gmock/gmock.h>

#include "connectors/fhir/source_testing.h"

namespace freshet::fhir {
namespace {

using ::testing::IsEmpty;

class FhirResumeTest : public FhirSourceTest {
 protected:
  FhirResumeTest() {
    options.types = {"Patient", "Composition"};
    for (int i = 0; i < 12; ++i) PutNote(Name(i), "first");
  }
  static std::string Name(int i) { return std::string("n") + static_cast<char>('a' + i); }
  // Every position is stored at once: a crash repeats one page at most.
  void Begin() {
    connector.reset();
    auto made = std::make_unique<FhirSource>(options);
    source = made.get();
    connector = std::make_unique<SourceConnector>(std::move(made), SourceConnector::Options{.save = Duration(0)});
  }
  // Two of four pages.
  void ReadSome() {
    Begin();
    ASSERT_TRUE(Until([&] { return Contents().size() >= 6; })) << last_error.ToString();
    ASSERT_LT(Contents().size(), 12u);
  }
  // A crash after these.
  void Interrupt() {
    ReadSome();
    connector.reset();
  }
  size_t Begins() const {
    return static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [](const auto& one) {
      const auto* const edge = std::get_if<SnapshotEdge>(&one.event.change);
      return edge != nullptr && edge->side == SnapshotEdge::Side::kBegin;
    }));
  }
  size_t FirstPages() const {
    return server.CountRequests("/Composition?") - server.CountRequests("/Composition?_count=3&_total=accurate&_get");
  }
};

TEST_F(FhirResumeTest, GoesOnAtItsPage) {
  Interrupt();
  Begin();
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_EQ(Contents().size(), 12u);
  EXPECT_EQ(Begins(), 1u);
  EXPECT_EQ(FirstPages(), 1u);
  EXPECT_EQ(kit::BrokenInvariant(host, {}), "");
}

// What happened meanwhile is told by the history: to what was listed already, and to what was not yet.
TEST_F(FhirResumeTest, WhatChangedMeanwhileCounts) {
  Interrupt();
  server.Remove("Composition", Name(0));
  server.Remove("Composition", Name(11));
  PutNote(Name(1), "second");
  PutNote(Name(10), "second");
  PutNote("zz", "new");
  Begin();
  const auto is_right = [&] {
    return SnapshotEnded() && Contents().size() == 11 && Holds("Composition/" + Name(1), "second") &&
           Holds("Composition/" + Name(10), "second") && Holds("Composition/zz", "new");
  };
  ASSERT_TRUE(Until(is_right)) << last_error.ToString();
  EXPECT_FALSE(Contents().contains("Composition/" + Name(0)));
  EXPECT_EQ(Begins(), 1u);
}

TEST_F(FhirResumeTest, AnOutageOfAnyLengthIsNoRefusal) {
  Interrupt();
  server.trouble.down = true;
  Begin();
  const size_t asked = server.CountRequests("/");
  ASSERT_TRUE(Until([&] { return server.CountRequests("/") > asked + 10; }));
  server.trouble.down = false;
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_EQ(Begins(), 1u);
  EXPECT_EQ(FirstPages(), 1u);
}

TEST_F(FhirResumeTest, NotToBeLetInIsNoRefusalOfThePage) {
  for (const int answer : {401, 403}) {
    host.published.clear();
    host.positions.clear();
    Interrupt();
    const size_t begun = server.CountRequests("/Patient?"), asked = server.CountRequests("/Composition?");
    server.trouble.locked_out = answer;
    Begin();
    ASSERT_TRUE(Until([&] { return server.CountRequests("/Composition?") > asked + 10; })) << last_error.ToString();
    server.trouble.locked_out = 0;
    ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
    EXPECT_EQ(server.CountRequests("/Patient?"), begun) << answer;
    EXPECT_EQ(Begins(), 1u) << answer;
    EXPECT_EQ(Contents().size(), 12u) << answer;
  }
}

// One is deleted and one comes, so that the total is as it was: where pages are counted afresh, the third one begins
// one document later than the second has ended. A short pause has that harm (README.md, Limits), a long one must not.
TEST_F(FhirResumeTest, AfterALongPauseItBeginsAnew) {
  server.trouble.offsets = true;
  const auto size_after = [&](Duration pause) {
    host.published.clear();
    host.positions.clear();
    Interrupt();
    server.Remove("Composition", Name(0));
    PutNote("zz", "new");
    host.shifted.Shift(pause);
    Begin();
    EXPECT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
    const size_t size = Contents().size();
    PutNote(Name(0), "first");
    server.Remove("Composition", "zz");
    return size;
  };
  EXPECT_EQ(size_after(std::chrono::minutes(1)), 11u) << "one was left out";
  EXPECT_EQ(Begins(), 1u);
  EXPECT_EQ(size_after(std::chrono::minutes(6)), 12u);
  EXPECT_EQ(Begins(), 2u);
  EXPECT_EQ(size_after(-std::chrono::minutes(6)), 12u) << "a clock that was set back: nobody knows how long";
}

// The same within one run, which waits for its log between two pages.
TEST_F(FhirResumeTest, APauseWithinARunCountsAsOneBetweenTwo) {
  server.trouble.offsets = true;
  const auto begins_after = [&](Duration pause) {
    host.published.clear();
    host.positions.clear();
    ReadSome();
    server.Remove("Composition", Name(0));
    PutNote("zz", "new");
    host.shifted.Shift(pause);
    EXPECT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
    const size_t begins = Begins();
    EXPECT_TRUE(begins == 1 || Until([&] { return Contents().size() == 12; })) << "all but what was removed";
    PutNote(Name(0), "first");
    server.Remove("Composition", "zz");
    return begins;
  };
  EXPECT_EQ(begins_after(std::chrono::minutes(1)), 1u);
  EXPECT_EQ(begins_after(std::chrono::minutes(6)), 2u);
  EXPECT_EQ(begins_after(-std::chrono::minutes(6)), 2u) << "a clock that was set back: nobody knows how long";
  EXPECT_EQ(kit::BrokenInvariant(host, {.times = false}), "");
}

// Its files are as they were.
TEST_F(FhirResumeTest, AnExportGoesOnWithinItsRun) {
  options.list = Lists::kExport;
  for (int i = 0; i < 1200; ++i) PutNote("many" + std::to_string(i), "first");
  Begin();
  ASSERT_TRUE(Until([&] { return Contents().size() >= 500; })) << last_error.ToString();
  ASSERT_FALSE(SnapshotEnded());
  host.shifted.Shift(std::chrono::minutes(6));
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_EQ(Contents().size(), 1212u);
  EXPECT_EQ(Begins(), 1u);
}

TEST_F(FhirResumeTest, BeginsAnewWhereTheServerHasForgottenThePage) {
  for (const int answer : {410, 404, 400, 500}) {
    server.trouble.lost_page = answer;
    host.published.clear();
    host.positions.clear();
    Interrupt();
    server.ForgetPages();
    Begin();
    ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << answer << " " << last_error.ToString();
    EXPECT_EQ(Contents().size(), 12u) << answer;
    EXPECT_EQ(Begins(), 2u) << answer;
  }
}

TEST_F(FhirResumeTest, APlaceIsReadBackOrRefused) {
  Client client(options);
  const LinkedRules rules{.paths = {"Patient", "Composition"}, .count = 5, .whole = true};
  LinkedPages pages(client, rules);
  ASSERT_TRUE(pages.Next().ok());
  ASSERT_EQ(pages.Next()->entries.size(), 5u);
  const std::string place = pages.Place();
  LinkedPages others(client, rules);
  ASSERT_TRUE(others.GoOnAt(place));
  EXPECT_EQ(others.Place(), place);
  EXPECT_EQ(others.as_of(), pages.as_of());
  ASSERT_EQ(others.Next()->entries.size(), 5u);
  const Result<Page> last = others.Next();
  ASSERT_TRUE(last.ok()) << last.status().ToString() << ": what was seen before counts";
  EXPECT_TRUE(last->last);
  LinkedPages ended(client, rules);
  ASSERT_TRUE(ended.GoOnAt(others.Place()));
  EXPECT_TRUE(ended.Next()->last);
  for (size_t cut = 0; cut < place.size(); ++cut) EXPECT_FALSE(LinkedPages(client, rules).GoOnAt(place.substr(0, cut)));
  EXPECT_FALSE(LinkedPages(client, {.paths = {}}).GoOnAt(place)) << "of other paths";
}

}  // namespace
}  // namespace freshet::fhir
