// Every decoder survives every byte string: records are flipped, cut, lengthened and spliced thousands of times. Under
// ASan and UBSan this finds what reads outside; without them it finds what throws, aborts or never ends.
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>

#include "schemas/codec.h"
#include "schemas/embedded.pb.h"
#include "schemas/test_print.h"
#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::SampleBody;
using testing::SealBody;
using testing::TestKeys;
using testing::TestOrigin;

class Mutation : public ::testing::Test {
 protected:
  // One to four changes, each small: most bytes stay what they were, so that they reach the checks behind the parser.
  std::string Mutate(std::string bytes) {
    for (size_t n = 1 + random_() % 4; n > 0; --n) {
      const size_t at = bytes.empty() ? 0 : random_() % bytes.size();
      switch (random_() % 6) {
        case 0:
          bytes.resize(at);
          break;
        case 1:
          bytes.insert(at, 1 + random_() % 3, static_cast<char>(random_()));
          break;
        case 2:
          bytes.erase(at, 1 + random_() % 3);
          break;
        case 3:
          bytes += bytes.substr(at);
          break;
        default:
          if (!bytes.empty())
            bytes[at] = static_cast<char>(random_() % 2 ? random_() : bytes[at] ^ (1 << random_() % 8));
      }
    }
    return bytes;
  }

  // Counts how often `decode` took what was mutated, so that the test can say that it reached both ends.
  template <class Decode>
  void Try(const std::string& bytes, int times, Decode decode) {
    for (int i = 0; i < times; ++i) {
      const Code code = decode(Mutate(bytes));
      ++codes_[code];
      ASSERT_TRUE(code == Code::kOk || DispositionOf(code) == Disposition::kSkip || code == Code::kKeyMissing)
          << NameOf(code);
    }
  }

  std::mt19937_64 random_{10};
  std::map<Code, int> codes_;
  google::protobuf::LogSilencer silence_;  // it tells of every field that is not UTF-8
};

TEST_F(Mutation, OfChanges) {
  for (const auto& [name, event] : testing::TestChanges()) {
    Try(EncodeChange(event, TestKeys()).value(), 2000, [](const std::string& bytes) {
      (void)DecodeOrigin(bytes);
      const Result<ChangeEvent> event = DecodeChange(bytes, TestKeys());
      EXPECT_TRUE(!event.ok() || !testing::Print(*event).empty());
      return event.code();
    });
  }
  EXPECT_GT(codes_[Code::kOk], 100);
  EXPECT_GT(codes_[Code::kCorruptRecord], 100);
  EXPECT_GT(codes_[Code::kSealMismatch], 100);
  EXPECT_GT(codes_[Code::kUnsupportedChange], 10);
}

// Behind the seal: payloads and bodies that are well sealed and broken inside.
TEST_F(Mutation, OfSealedPayloads) {
  const std::string context = "upsert/ehr/notes/a1b2c3@7:42:3";
  const Result<std::string> bytes = EncodeChange({TestOrigin(), testing::TestUpsert()}, TestKeys());
  v1::ChangeRecord record;
  ASSERT_TRUE(record.ParseFromString(*bytes));
  const Result<std::string> plain = TestKeys().OpenPayload(record.sealed_upsert(), context);
  ASSERT_TRUE(plain.ok()) << "the context of codec_change.cc";
  Try(*plain, 3000, [&](const std::string& mutated) {
    record.set_sealed_upsert(TestKeys().SealPayload(mutated, context));
    return DecodeChange(record.SerializeAsString(), TestKeys()).code();
  });
  EXPECT_GT(codes_[Code::kOk], 100);
  EXPECT_GT(codes_[Code::kCorruptRecord], 100);
}

TEST_F(Mutation, OfSealedBodies) {
  Try(SampleBody().SerializeAsString(), 10'000, [](const std::string& body) {
    const Result<CleanDocument> clean =
        DecodeSealed(SealBody(body, TestOrigin(), TestKeys()), TestOrigin(), TestKeys());
    if (!clean.ok()) return clean.code();
    size_t length = 0;
    for (const Block& block : clean->blocks()) {
      EXPECT_TRUE(IsValidUtf8(clean->TextOf(block)));
      length += clean->TextOf(block).size();
    }
    EXPECT_LE(length, clean->text().size());
    EXPECT_GT(clean->MemoryBytes(), clean->text().size());
    return Code::kOk;
  });
  EXPECT_GT(codes_[Code::kOk], 100);
  EXPECT_GT(codes_[Code::kCorruptRecord], 100);
}

TEST_F(Mutation, OfEmbeddedDocuments) {
  const Envelope<EmbeddedDocument> envelope{TestOrigin(), testing::TestEmbedded()};
  v1::EmbeddedRecord record;
  ASSERT_TRUE(record.ParseFromString(EncodeEmbedded(envelope, TestKeys()).value()));
  // The sealed part stays whole: what is beside it is what a writer without a key can reach.
  const v1::SealedClean sealed = record.embedded().chunked().clean();
  record.mutable_embedded()->mutable_chunked()->clear_clean();
  Try(record.embedded().SerializeAsString(), 10'000, [&](const std::string& bytes) {
    v1::EmbeddedBody body;
    if (!body.ParseFromString(bytes)) return Code::kCorruptRecord;
    *body.mutable_chunked()->mutable_clean() = sealed;
    *record.mutable_embedded() = body;
    const auto decoded = DecodeEmbedded(record.SerializeAsString(), TestKeys());
    if (!decoded.ok()) return decoded.code();
    const ChunkedDocument& chunked = decoded->body()->chunked;
    for (const Chunk& chunk : *chunked.chunks) {
      EXPECT_TRUE(IsValidUtf8(EmbeddedText(chunked.clean, chunk)));
      EXPECT_LT(chunk.block, chunked.clean.blocks().size());
    }
    return Code::kOk;
  });
  EXPECT_GT(codes_[Code::kOk], 100);
  EXPECT_GT(codes_[Code::kCorruptRecord], 100);
}

TEST_F(Mutation, OfEveryOtherRecord) {
  for (const auto& [name, envelope] : testing::TestEnvelopes(testing::TestChunked())) {
    const std::string bytes = EncodeChunked(envelope, TestKeys()).value();
    Try(bytes, 1000, [](const std::string& bytes) { return DecodeChunked(bytes, TestKeys()).code(); });
    Try(bytes, 1000, [](const std::string& bytes) { return DecodeClean(bytes, TestKeys()).code(); });
    Try(bytes, 1000, [](const std::string& bytes) { return DecodeEmbedded(bytes, TestKeys()).code(); });
  }
  Try(EncodeDeadLetter(testing::TestDeadLetter()), 2000,
      [](const std::string& bytes) { return DecodeDeadLetter(bytes).code(); });
  const std::string sealed = EncodeSealedClean(Seal(testing::TestClean(), TestOrigin(), TestKeys()));
  Try(sealed, 2000, [](const std::string& bytes) { return DecodeSealedClean(bytes).code(); });
}

}  // namespace
}  // namespace freshet
