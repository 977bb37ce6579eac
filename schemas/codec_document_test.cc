#include <gtest/gtest.h>

#include "schemas/chunk.pb.h"
#include "schemas/codec.h"
#include "schemas/embedded.pb.h"
#include "schemas/test_print.h"
#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::Print;
using testing::TestChunked;
using testing::TestClean;
using testing::TestEmbedded;
using testing::TestEnvelopes;
using testing::TestKeys;
using testing::TestOrigin;

template <class Body>
using Encoder = Result<std::string> (*)(const Envelope<Body>&, const KeyRing&);
template <class Body>
using Decoder = Result<Envelope<Body>> (*)(std::string_view, const KeyRing&);

template <class Body>
void ExpectReadsBack(Body body, Encoder<Body> encode, Decoder<Body> decode) {
  for (const auto& [name, envelope] : TestEnvelopes(std::move(body))) {
    const Result<std::string> bytes = encode(envelope, TestKeys());
    ASSERT_TRUE(bytes.ok()) << name << " " << bytes.status().ToString();
    const Result<Envelope<Body>> decoded = decode(*bytes, TestKeys());
    ASSERT_TRUE(decoded.ok()) << name << " " << decoded.status().ToString();
    EXPECT_EQ(Print(*decoded), Print(envelope)) << name;
    EXPECT_EQ(*encode(*decoded, TestKeys()), *bytes) << name << ": equal records, equal bytes";
    EXPECT_EQ(Print(DecodeOrigin(*bytes).value()), Print(TestOrigin())) << name;
  }
}

TEST(Documents, EveryEnvelopeReadsBackToTheSameBytes) {
  ExpectReadsBack<CleanDocument>(TestClean(), EncodeClean, DecodeClean);
  ExpectReadsBack<ChunkedDocument>(TestChunked(), EncodeChunked, DecodeChunked);
  ExpectReadsBack<EmbeddedDocument>(TestEmbedded(), EncodeEmbedded, DecodeEmbedded);
}

TEST(Documents, EveryCodeAndStepReadsBack) {
  for (const CodeRow& row : AllCodes()) {
    if (row.code == Code::kOk) continue;
    for (size_t step = 0; step < kStepCount; ++step) {
      const Envelope<CleanDocument> skipped{TestOrigin(), Skipped{row.code, static_cast<Step>(step)}};
      EXPECT_EQ(Print(DecodeClean(EncodeClean(skipped, TestKeys()).value(), TestKeys()).value()), Print(skipped));
    }
  }
}

TEST(Documents, WithoutVectorsOrChunksReadBack) {
  EmbeddedDocument bare = TestEmbedded();
  bare.vectors = nullptr;
  ExpectReadsBack<EmbeddedDocument>(bare, EncodeEmbedded, DecodeEmbedded);
  bare.chunked.chunks = std::make_shared<const std::vector<Chunk>>();
  ExpectReadsBack<EmbeddedDocument>(bare, EncodeEmbedded, DecodeEmbedded);
  bare.chunked.chunks = nullptr;  // reads back as no chunks
  const Envelope<EmbeddedDocument> envelope{TestOrigin(), bare};
  const auto decoded = DecodeEmbedded(EncodeEmbedded(envelope, TestKeys()).value(), TestKeys());
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(decoded->body()->chunked.chunks->empty());
}

TEST(Documents, NoKeyNoSeal) {
  const KeyRing payload_only = KeyRing::Parse(TestKeys().ScopedTo({KeyPurpose::kPayload})).value();
  const Envelope<CleanDocument> clean{TestOrigin(), TestClean()};
  EXPECT_EQ(EncodeClean(clean, payload_only).code(), Code::kKeyMissing);
  EXPECT_EQ(DecodeClean(EncodeClean(clean, TestKeys()).value(), payload_only).code(), Code::kKeyMissing);
}

TEST(Documents, KindsOfNewerWritersAreUnsupported) {
  v1::ChunkRecord record;
  record.mutable_origin()->set_source("s");
  EXPECT_EQ(DecodeChunked(record.SerializeAsString(), TestKeys()).code(), Code::kUnsupportedChange);
  record.mutable_control();
  EXPECT_EQ(DecodeChunked(record.SerializeAsString(), TestKeys()).code(), Code::kUnsupportedChange);
  record.mutable_skipped()->set_code("code_of_2031");
  record.mutable_skipped()->set_stage("stage_of_2031");
  const Envelope<ChunkedDocument> decoded = DecodeChunked(record.SerializeAsString(), TestKeys()).value();
  EXPECT_EQ(Print(std::get<Skipped>(decoded.payload)), "skipped internal_error at captured");
}

// Decodes TestEmbedded with one thing about it changed after it was sealed, as a faulty or hostile writer would.
Code CodeAfter(const std::function<void(v1::EmbeddedBody&)>& change) {
  const Envelope<EmbeddedDocument> envelope{TestOrigin(), TestEmbedded()};
  v1::EmbeddedRecord record;
  EXPECT_TRUE(record.ParseFromString(EncodeEmbedded(envelope, TestKeys()).value()));
  change(*record.mutable_embedded());
  return DecodeEmbedded(record.SerializeAsString(), TestKeys()).code();
}
Code CodeAfterChunk(const std::function<void(v1::Chunk&)>& change) {
  return CodeAfter([&](v1::EmbeddedBody& body) { change(*body.mutable_chunked()->mutable_chunks(0)); });
}

TEST(Chunks, AreCheckedAgainstTheText) {
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk&) {}), Code::kOk);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_byte_end(77); }), Code::kCorruptRecord) << "past the end";
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_byte_end(UINT32_MAX); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_byte_begin(61); }), Code::kCorruptRecord) << "backwards";
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_byte_begin(33); }), Code::kCorruptRecord) << "in an i";
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_place_begin(25); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_place_end(60); }), Code::kCorruptRecord) << "bytes";
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_block(4); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_section(1, 4); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_occurrence(2); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.set_hash("short"); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) { chunk.clear_section(); }), Code::kOk);
}

TEST(Chunks, OfADocumentWithoutBlocksAreOfBlockZero) {
  v1::CleanDocument body;
  body.set_text("No blocks at all.");
  ChunkedDocument chunked{.clean = testing::MakeClean(body), .chunker = "c"};
  const auto code = [&](uint32_t block) {
    const Chunk chunk{.byte_end = 17, .place_end = 17, .block = block};
    chunked.chunks = std::make_shared<const std::vector<Chunk>>(1, chunk);
    return DecodeChunked(EncodeChunked({TestOrigin(), chunked}, TestKeys()).value(), TestKeys()).code();
  };
  EXPECT_EQ(code(0), Code::kOk);
  EXPECT_EQ(code(1), Code::kCorruptRecord);
}

TEST(Chunks, MayOverlapAndStandInAnyOrder) {
  const auto swap = [](v1::EmbeddedBody& body) { body.mutable_chunked()->mutable_chunks()->SwapElements(0, 1); };
  EXPECT_EQ(CodeAfter(swap), Code::kOk);
  EXPECT_EQ(CodeAfterChunk([](v1::Chunk& chunk) {
              chunk.set_byte_end(75);  // into the second chunk
              chunk.set_place_end(72);
            }),
            Code::kOk);
}

TEST(Chunks, TheCleanPartIsSealed) {
  const auto other_text = [](v1::EmbeddedBody& body) {
    body.mutable_chunked()->mutable_clean()->mutable_body()->back()++;
  };
  EXPECT_EQ(CodeAfter(other_text), Code::kSealMismatch);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.clear_chunked(); }), Code::kSealMismatch);
}

TEST(Vectors, AreAsManyAsChunksSay) {
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.set_dimensions(4); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.set_dimensions(0); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.set_dimensions(UINT32_MAX); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.mutable_vectors()->pop_back(); }), Code::kCorruptRecord);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.mutable_chunked()->mutable_chunks()->RemoveLast(); }),
            Code::kCorruptRecord);
  EXPECT_EQ(CodeAfter([](v1::EmbeddedBody& body) { body.clear_vectors(); }), Code::kOk);

  EmbeddedDocument wrong = TestEmbedded();
  wrong.dimensions = 4;
  EXPECT_EQ(EncodeEmbedded({TestOrigin(), wrong}, TestKeys()).code(), Code::kInternalError);
}

TEST(Limits, AreTheWritersToKeep) {
  ChunkedDocument chunked = TestChunked();
  chunked.chunks = std::make_shared<const std::vector<Chunk>>(kMaxChunks + 1, (*chunked.chunks)[0]);
  EXPECT_EQ(EncodeChunked({TestOrigin(), chunked}, TestKeys()).code(), Code::kDocumentTooLarge);
  chunked.chunks = std::make_shared<const std::vector<Chunk>>(kMaxChunks, (*TestChunked().chunks)[0]);
  const Result<std::string> most = EncodeChunked({TestOrigin(), chunked}, TestKeys());
  ASSERT_TRUE(most.ok());
  EXPECT_TRUE(DecodeChunked(*most, TestKeys()).ok());

  EmbeddedDocument embedded{.chunked = chunked, .model = "m", .dimensions = 1024};
  embedded.vectors = std::make_shared<const std::vector<uint16_t>>(kMaxChunks * 1024);
  EXPECT_EQ(EncodeEmbedded({TestOrigin(), embedded}, TestKeys()).code(), Code::kDocumentTooLarge);
}

TEST(SealedClean, ReadsBackAsOneValue) {
  const SealedClean sealed = Seal(TestClean(), TestOrigin(), TestKeys());
  const SealedClean decoded = DecodeSealedClean(EncodeSealedClean(sealed)).value();
  EXPECT_EQ(decoded.body, sealed.body);
  EXPECT_EQ(decoded.seal, sealed.seal);
  EXPECT_EQ(decoded.key_id, sealed.key_id);
  EXPECT_EQ(Print(DecodeSealed(decoded, TestOrigin(), TestKeys()).value()), Print(TestClean()));
  EXPECT_EQ(DecodeSealedClean("\x0A\x7F").code(), Code::kCorruptRecord);
}

TEST(DeadLetter, ReadsBack) {
  const DeadLetter letter = testing::TestDeadLetter();
  EXPECT_EQ(Print(DecodeDeadLetter(EncodeDeadLetter(letter)).value()), Print(letter));
  EXPECT_EQ(Print(DecodeDeadLetter(EncodeDeadLetter({})).value()), Print(DeadLetter{.stage = Step::kDeid}));
  DeadLetter broken = letter;
  broken.origin.document = DocumentId("caf\xE9");
  EXPECT_EQ(DecodeDeadLetter(EncodeDeadLetter(broken))->origin.document, DocumentId());
  EXPECT_EQ(DecodeDeadLetter("\x0A\x7F").code(), Code::kCorruptRecord);
}

}  // namespace
}  // namespace freshet
