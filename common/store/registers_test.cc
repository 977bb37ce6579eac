// DESIGN §4.2: the newest wins, whatever the order, however often delivered.
#include "common/store/registers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace freshet::store {
namespace {

struct Event {
  enum Kind { kPut, kSkip, kDelete, kHold, kRelease } kind;
  uint64_t version;
  uint64_t run = 0;
};

Version At(uint64_t position) { return {.epoch = 1, .position = position}; }
Edition EditionOf(const Event& event) { return {At(event.version), {.deid_run = event.run}}; }

// As the store does it, without chunks. True where it took effect.
bool Take(DocumentHead& head, const Event& event) {
  const Hold hold{At(event.version), event.run, event.kind == Event::kHold};
  switch (event.kind) {
    case Event::kPut:
      if (!ContentWins(head, EditionOf(event))) return false;
      head.ordinal = DocumentOrdinal(1);
      head.content = EditionOf(event);
      head.deletion.reset();
      return true;
    case Event::kSkip:
      if (!SkipWins(head, EditionOf(event))) return false;
      TakeSkip(head, {EditionOf(event)});
      return true;
    case Event::kDelete:
      if (!DeleteWins(head, At(event.version))) return false;
      TakeDelete(head, {At(event.version)});
      return true;
    default:
      if (!HoldWins(head, hold)) return false;
      TakeHold(head, hold);
      return true;
  }
}

std::string Describe(const DocumentHead& head) {
  const std::optional<DocumentState> state = StateOf(head, false);
  if (!state) return "unknown";
  static constexpr const char* kNames[] = {"searchable", "outdated", "withheld", "deleted", "skipped"};
  std::string text = kNames[static_cast<size_t>(*state)];
  if (head.has_content()) {
    text += "@" + std::to_string(head.content.version.position) + "." + std::to_string(head.content.revision.deid_run);
  }
  return text;
}

std::string After(const std::vector<Event>& events) {
  DocumentHead head;
  for (const Event& event : events) Take(head, event);
  return Describe(head);
}

TEST(Registers, ContentOrdersByVersionThenRevision) {
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kPut, 2}}), "searchable@2.0");
  EXPECT_EQ(After({{Event::kPut, 2}, {Event::kPut, 1, 9}}), "searchable@2.0");
  EXPECT_EQ(After({{Event::kPut, 2}, {Event::kPut, 2, 1}}), "searchable@2.1");
}

TEST(Registers, ADeletedDocumentComesBackOnlyByANewerVersion) {
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kDelete, 2}, {Event::kPut, 1}}), "deleted");
  EXPECT_EQ(After({{Event::kPut, 2}, {Event::kDelete, 2}, {Event::kPut, 2, 5}}), "deleted");
  EXPECT_EQ(After({{Event::kDelete, 2}, {Event::kPut, 3}, {Event::kDelete, 2}}), "searchable@3.0");
}

TEST(Registers, ANewerSkipOutdatesUntilContentOvertakesIt) {
  EXPECT_EQ(After({{Event::kSkip, 1}}), "skipped");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kSkip, 2}}), "outdated@1.0");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kSkip, 2}, {Event::kPut, 3}}), "searchable@3.0");
  EXPECT_EQ(After({{Event::kSkip, 1}, {Event::kPut, 1, 1}}), "searchable@1.1");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kSkip, 2}, {Event::kDelete, 3}}), "deleted");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kSkip, 3}, {Event::kDelete, 2}}), "skipped");
}

TEST(Registers, AWithholdHidesUpToItsRunUntilReleasedOrRunAgain) {
  EXPECT_EQ(After({{Event::kPut, 1, 1}, {Event::kHold, 1, 1}}), "withheld@1.1");
  EXPECT_EQ(After({{Event::kHold, 1, 1}, {Event::kPut, 1, 1}}), "withheld@1.1");
  EXPECT_EQ(After({{Event::kPut, 1, 1}, {Event::kHold, 1, 1}, {Event::kPut, 1, 2}}), "searchable@1.2");
  EXPECT_EQ(After({{Event::kPut, 1, 2}, {Event::kHold, 1, 1}}), "searchable@1.2");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kHold, 1}, {Event::kRelease, 1}, {Event::kHold, 1}}), "searchable@1.0");
  EXPECT_EQ(After({{Event::kPut, 1}, {Event::kHold, 2}, {Event::kRelease, 1}}), "withheld@1.0");
}

TEST(Registers, EmbeddingAnewDoesNotLiftAWithhold) {
  DocumentHead head;
  Take(head, {Event::kPut, 1, 1});
  Take(head, {Event::kHold, 1, 1});
  head.content.revision.embed_run = 7;
  EXPECT_EQ(StateOf(head, false), DocumentState::kWithheld);
}

TEST(Registers, OutdatedContentIsWithheldWherePolicyAsksForIt) {
  DocumentHead head;
  Take(head, {Event::kPut, 1});
  EXPECT_TRUE(IsVisible(head, true));
  Take(head, {Event::kSkip, 2});
  EXPECT_EQ(StateOf(head, true), DocumentState::kWithheld);
  EXPECT_FALSE(IsVisible(head, true));
  EXPECT_TRUE(IsVisible(head, false));
}

TEST(Registers, AnyOrderAndAnyRepetitionEndTheSame) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 3000; ++round) {
    std::vector<Event> events;
    for (int i = 0; i < 7; ++i) {
      events.push_back({static_cast<Event::Kind>(random() % 5), 1 + random() % 4, random() % 3});
    }
    const std::string expected = After(events);
    for (int shuffle = 0; shuffle < 4; ++shuffle) {
      std::vector<Event> delivered = events;
      delivered.push_back(events[random() % events.size()]);
      std::shuffle(delivered.begin(), delivered.end(), random);
      ASSERT_EQ(After(delivered), expected) << "round " << round;
    }
  }
}

TEST(Registers, NothingTakesEffectTwice) {
  std::mt19937_64 random(23);
  for (int round = 0; round < 2000; ++round) {
    DocumentHead head;
    for (int i = 0; i < 6; ++i) {
      const Event event{static_cast<Event::Kind>(random() % 5), 1 + random() % 4, random() % 3};
      Take(head, event);
      ASSERT_FALSE(Take(head, event));
    }
  }
}

TEST(Registers, ASnapshotFindsWhatItDidNotMention) {
  DocumentHead head;
  EXPECT_FALSE(IsUnmentioned(head, At(5)));
  Take(head, {Event::kPut, 3});
  EXPECT_TRUE(IsUnmentioned(head, At(5)));
  head.present = At(5);
  EXPECT_FALSE(IsUnmentioned(head, At(5)));
  EXPECT_TRUE(IsUnmentioned(head, At(6)));
  Take(head, {Event::kSkip, 7});
  EXPECT_FALSE(IsUnmentioned(head, At(6)));
}

}  // namespace
}  // namespace freshet::store
