// Frames out of a stream, however its bytes arrive, and whatever a sender gets wrong.
#include "connectors/hl7/frames.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace freshet::hl7 {
namespace {

TEST(Frames, FramesComeOutWholeHoweverTheBytesArrive) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> messages;
    std::string bytes = random() % 2 == 0 ? "noise" : "";
    for (int i = 0; i < 5; ++i) {
      messages.push_back(std::string(random() % 50, static_cast<char>('a' + i)));
      bytes += Framed(messages.back()) + (random() % 3 == 0 ? "\r\n" : "");
    }
    FrameReader reader(1000);
    std::vector<std::string> seen;
    for (size_t at = 0; at < bytes.size();) {
      const size_t count = std::min<size_t>(1 + random() % 40, bytes.size() - at);
      reader.Add(std::string_view(bytes).substr(at, count));
      at += count;
      while (auto message = reader.Next()) seen.push_back(*message);
    }
    ASSERT_EQ(seen, messages);
  }
}

TEST(Frames, AFrameOverTheLimitComesOutEmptyAndTheNextIsRead) {
  FrameReader reader(10);
  const std::string bytes = Framed(std::string(100, 'x')) + Framed("next");
  std::vector<std::string> seen;
  for (size_t at = 0; at < bytes.size(); at += 7) {
    reader.Add(std::string_view(bytes).substr(at, 7));
    while (auto message = reader.Next()) seen.push_back(*message);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"", "next"}));
}

TEST(Frames, AFrameThatBeginsAnewLeavesTheBrokenOneBehind) {
  FrameReader reader(100);
  reader.Add("\x0B half a mess\x0Bwhole\x1C\r");
  EXPECT_EQ(reader.Next(), "whole");
  EXPECT_EQ(reader.Next(), std::nullopt);
  EXPECT_FALSE(reader.busy());
  reader.Add("\x0B");
  EXPECT_EQ(reader.Next(), std::nullopt);
  EXPECT_TRUE(reader.busy());
}

// A frame without an end, of any length: its memory is bounded, and the next one is read.
TEST(Frames, AnEndlessFrameIsLetGo) {
  FrameReader reader(1000);
  reader.Add("\x0B");
  size_t empty = 0;
  for (int i = 0; i < 10'000; ++i) {
    reader.Add(std::string(997, 'x'));
    while (reader.Next()) ++empty;
  }
  EXPECT_EQ(empty, 0u);
  reader.Add("\x1C\r" + Framed("next"));
  EXPECT_EQ(reader.Next(), "");
  EXPECT_EQ(reader.Next(), "next");
}

}  // namespace
}  // namespace freshet::hl7
