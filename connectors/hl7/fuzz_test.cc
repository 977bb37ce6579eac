// Messages that no sender should send: mutations of a corpus through framing, reading, decoding and answering. Whatever
// comes, there is an answer, text stays UTF-8, and what is composed reads back. FRESHET_FUZZ_SECONDS runs it for
// longer, as is done under ASan and UBSan.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "common/base/utf8.h"
#include "connectors/hl7/ack.h"
#include "connectors/hl7/decoder.h"
#include "connectors/hl7/frames.h"

namespace freshet::hl7 {
namespace {

std::vector<std::string> Corpus() {
  std::vector<std::string> corpus = {
      "MSH|^~\\&|EHR|WARD|F|H|20260131093000.25+0100||ADT^A40^ADT_A39|17|P|2.5|||AL|NE||8859/1\rEVN|A40\r"
      "PID|1||4711^^^HOSP&1.2&ISO^MR~99^^^SSA^SS||QUILL&VON^ADA^M^JR^DR~HAWK^B|SWIFT|19610304\rMRG|1^^^H~2||AC1||V1\r",
      "MSH|^~\\&|EHR||||20260131||MDM^T10|18|P|2.8\rPID|1||1\rTXA|1|DS|TX|20260130||||||||D-2^E|D-1^E|||||R|CA\r"
      "OBX|1|FT|A^B^C||one\\.br\\two \\F\\\\S\\\\T\\\\R\\\\E\\ \\X480D\\ \\H\\x\\N\\||||||F\r",
      "MSH$%*!@$LAB$$$$2026$$ORU%R01$1$P$2.3\nPID$1$$7%%%A@B\r\nORC$RE\nOBR$1$$F-1%L$X%Blood\nOBX$1$NM$H$$1.5\nNTE$1$$"
      "x*y",
      "FHS|^~\\&|X\rBHS|^~\\&|X\rMSH|^~\\&|A||||2026||ADT^A37|1\rPID|1||1\rPID|1||2\rMSH|^~\\&|B\rBTS|2\rFTS|1\r",
      "MSH|^~\\&|EHR||||||ORU^R01|2|P|2.5||||||ISO IR87\rOBR|1\rOBR|2||\"\"|\rOBX|1|ED|A||^TEXT^plain^Base64^eA==\r"};
  const std::filesystem::path folder = "../shared/data/src_hl7v2_ccda_fhirconverter/data/SampleData/Hl7v2";
  if (!std::filesystem::exists(folder)) return corpus;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::sort(corpus.begin(), corpus.end());
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  std::string Next() {
    std::string text = Any();
    for (uint64_t n = random_() % 6; n > 0 && !text.empty(); --n) Mutate(text);
    return text;
  }

 private:
  const std::string& Any() { return corpus_[random_() % corpus_.size()]; }
  void Mutate(std::string& text) {
    constexpr std::string_view kSpecial = "|^~\\&\r\n\x0B\x1C\"\0\xFF\xC3";
    const size_t at = random_() % text.size(), count = random_() % 40;
    switch (random_() % 6) {
      case 0:
        text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.insert(at, 1 + random_() % 5, kSpecial[random_() % kSpecial.size()]);
        break;
      case 2:
        text.erase(at, count);
        break;
      case 3:
        text.insert(at, text.substr(random_() % text.size(), count));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text += Any().substr(0, count * 10);
    }
  }

  const std::vector<std::string> corpus_;
  std::mt19937_64 random_{7};
};

void ReadOne(std::string_view bytes) {
  const Result<Message> message = Message::Parse(bytes);
  if (!message.ok()) {
    ASSERT_TRUE(message.code() == Code::kMalformedDocument || message.code() == Code::kDocumentTooLarge);
    return;
  }
  ASSERT_TRUE(IsValidUtf8(message->text()));
  const Result<Decoded> decoded = Decode(*message, {});
  const std::string ack = AckOf(&*message, {.code = decoded.code()}, Acknowledge::kAlways);
  ASSERT_TRUE(Message::Parse(ack).ok());
  if (!decoded.ok()) return;
  for (const ChangeEvent& event : decoded->events) {
    const auto* const upsert = std::get_if<Upsert>(&event.change);
    if (upsert == nullptr) continue;
    ASSERT_FALSE(event.origin.document.empty());
    const Result<Message> again = Message::Parse(upsert->content);
    ASSERT_TRUE(again.ok());
    std::vector<const Segment*> all;
    for (const Segment& segment : again->segments()) all.push_back(&segment);
    ASSERT_EQ(Compose(*again, all), upsert->content) << "what is composed is composed for good";
  }
}

TEST(Fuzz, WhateverComesThereIsAnAnswer) {
  const char* const seconds = std::getenv("FRESHET_FUZZ_SECONDS");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds == nullptr ? 0 : std::stoi(seconds));
  Mutator mutator(Corpus());
  for (int i = 0; i < 3000 || std::chrono::steady_clock::now() < end; ++i) {
    FrameReader reader(1 << 20);
    reader.Add(Framed(mutator.Next()) + mutator.Next());
    while (const std::optional<std::string> frame = reader.Next()) {
      for (const std::string_view bytes : SplitMessages(*frame)) ASSERT_NO_FATAL_FAILURE(ReadOne(bytes));
      ASSERT_NO_FATAL_FAILURE(ReadOne(*frame));
    }
  }
}

}  // namespace
}  // namespace freshet::hl7
