// One record of every kind, with every field set, for the tests of this folder. Invented patients only.
//
// A CleanDocument is had here as any process without de-identification has one: from sealed bytes. SealBody makes the
// seal from the grammar on top of clean.cc, written a second time, with a key that the test holds.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/utf8.h"
#include "schemas/clean.pb.h"
#include "schemas/codec.h"

namespace freshet::testing {

// What testdata/v1/test.key holds.
inline const char* TestKeyFile() { return "v1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"; }
inline KeyRing TestKeys() { return KeyRing::Parse(TestKeyFile()).value(); }

inline Origin TestOrigin() {
  Origin origin{.source = SourceName("ehr"),
                .collection = CollectionName("notes"),
                .document = DocumentId("a1b2c3"),
                .version = {.epoch = 7, .position = 42, .ordinal = 3},
                .revision = {.deid_run = 2, .embed_run = 5},
                .committed = FromMicros(1'769'851'800'125'001),
                .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                .generation = 4};
  for (size_t i = 0; i < kStepCount; ++i) origin.stamps[i] = origin.committed + Duration(1000 * (i + 1));
  return origin;
}

inline Upsert TestUpsert() {
  return {.content = std::string("# Anna Example\n\xFF\0 raw bytes", 27),
          .media_type = "text/markdown",
          .title = "Visit of Anna Example",
          .uri = "file:///notes/anna-example.md",
          .attributes = {{"department", {"cardiology", "ward 3"}}, {"empty", {}}},
          .access_scope = ScopeId("ward-3"),
          .patients = {PatientId("MRN-1234567"), PatientId("MRN-7654321")},
          .effective = FromMicros(-86'400'000'000),
          .native_id = "anna-example.md",
          .refused = Code::kInvalidUtf8};
}

inline IdentityChange TestIdentity() {
  return {.patient = PatientId("p1"),
          .identity = "official",
          .retracted = true,
          .names = {{.given = {"Anna", "Maria"}, .family = "Example", .prefix = "Dr.", .suffix = "Jr."}, {}},
          .identifiers = {{"mrn", "1234567"}, {"ssn", "000-12-3456"}},
          .birth_date = "1950-02-28",
          .addresses = {"1 Sample Street, Springfield"},
          .telecoms = {"+1 555 0100", "anna@example.org"},
          .merged_into = PatientId("p2"),
          .unmerged_from = PatientId("p3")};
}

// Each kind of change under the name that its stored bytes have.
inline std::vector<std::pair<std::string, ChangeEvent>> TestChanges() {
  const auto with = [](Change change) { return ChangeEvent{TestOrigin(), std::move(change)}; };
  return {
      {"change_upsert", with(TestUpsert())},
      {"change_identity", with(TestIdentity())},
      {"change_delete", with(Delete{Delete::Reason::kEnteredInError})},
      {"change_access", with(AccessChange{.scope = ScopeId("ward-3"),
                                          .allow = {Principal("group:nurses"), Principal("user:ada")},
                                          .deny = {Principal("user:bob")},
                                          .content_version = Version{7, 41, 0},
                                          .removed = true})},
      {"change_group", with(GroupChange{Principal("group:nurses"), {Principal("user:ada"), Principal("group:icu")}})},
      {"change_access_limited",
       with(AccessChange{.scope = ScopeId("ward-3"),
                         .allow = {Principal("group:nurses"),
                                   Listed(Principal("user:locum"), {.until = FromMicros(1'798'729'200'000'000),
                                                                    .from = FromMicros(1'769'851'800'000'000)})},
                         .deny = {Principal("user:eve"),
                                  Listed(Principal("user:bob"), {.until = FromMicros(1'769'851'800'000'000)})}})},
      {"change_group_limited",
       with(GroupChange{
           Principal("group:nurses"),
           {Principal("user:ada"), Listed(Principal("user:locum"), {.from = FromMicros(-1'769'851'800'000'000)})}})},
      {"change_consent", with(ConsentChange{PatientId("p1"), "research"})},
      {"change_withhold", with(Withhold{Code::kQuarantined})},
      {"change_release", with(Release{Code::kOk})},
      {"change_confirm", with(Confirm{})},
      {"change_heartbeat", with(Heartbeat{FromMicros(1'769'851'800'000'000)})},
      {"change_snapshot_edge", with(SnapshotEdge{SnapshotEdge::Side::kEnd, {7, 40, 1}})},
      {"change_present", with(Present{})},
  };
}

inline v1::CleanDocument SampleBody() {
  v1::CleanDocument body;
  body.set_text("Falls policy\nAssessment\nAssess r\u00EFsk on admission \u2192 score.\nRepeat weekly.\n");
  body.set_title("Falls policy");
  body.set_uri("https://example.org/falls");
  const auto add = [&](v1::Block::Kind kind, uint32_t level, uint32_t begin, uint32_t end, const char* place) {
    v1::Block* const block = body.add_blocks();
    block->set_kind(kind);
    block->set_level(level);
    block->set_begin(begin);
    block->set_end(end);
    block->set_source_place(place);
  };
  add(v1::Block::HEADING, 1, 0, 12, "line=1");
  add(v1::Block::HEADING, 2, 13, 23, "line=3");
  add(v1::Block::PARAGRAPH, 0, 24, 60, "line=5");
  add(v1::Block::LIST_ITEM, 1, 61, 75, "line=7");
  v1::Attribute* const attribute = body.add_attributes();
  attribute->set_name("department");
  attribute->add_values("infection-control");
  body.set_access_scope("policies");
  body.add_patients("9f86d081884c7d65");
  body.set_effective_us(1'769'817'600'000'000);
  body.set_policy("safe_harbor@1");
  return body;
}

inline SealedClean SealBody(std::string body, const Origin& origin, const KeyRing& keys) {
  std::string input = "freshet.clean.v1";
  for (const std::string* text : {&origin.source.value, &origin.collection.value, &origin.document.value}) {
    for (int shift = 24; shift >= 0; shift -= 8) input += static_cast<char>(text->size() >> shift);
    input += *text;
  }
  for (const uint64_t number :
       {origin.version.epoch, origin.version.position, origin.version.ordinal, origin.revision.deid_run}) {
    for (int shift = 56; shift >= 0; shift -= 8) input += static_cast<char>(number >> shift);
  }
  KeyRing::Seal seal = keys.Mac(input + body);
  return {.body = std::move(body), .seal = std::move(seal.mac), .key_id = std::move(seal.key_id)};
}

inline CleanDocument MakeClean(const v1::CleanDocument& body) {
  return DecodeSealed(SealBody(body.SerializeAsString(), TestOrigin(), TestKeys()), TestOrigin(), TestKeys()).value();
}
inline CleanDocument TestClean() { return MakeClean(SampleBody()); }

inline Chunk MakeChunk(const CleanDocument& clean, uint32_t block, std::vector<uint32_t> section) {
  const Block& place = clean.blocks()[block];
  const std::string_view text = clean.text();
  Chunk chunk{.byte_begin = place.begin,
              .byte_end = place.end,
              .place_begin = static_cast<uint32_t>(CountCodePoints(text.substr(0, place.begin))),
              .place_end = static_cast<uint32_t>(CountCodePoints(text.substr(0, place.end))),
              .block = block,
              .section = std::move(section),
              .tokens = 9};
  chunk.hash = HashOf(EmbeddedText(clean, chunk));
  return chunk;
}

inline ChunkedDocument TestChunked() {
  CleanDocument clean = TestClean();
  std::vector<Chunk> chunks = {MakeChunk(clean, 2, {0, 1}), MakeChunk(clean, 3, {0, 1})};
  chunks[1].occurrence = 1;
  return {.clean = std::move(clean),
          .chunks = std::make_shared<const std::vector<Chunk>>(std::move(chunks)),
          .chunker = "structure@1/words"};
}

inline EmbeddedDocument TestEmbedded() {
  return {.chunked = TestChunked(),
          .model = "hashing-3",
          .dimensions = 3,
          .vectors = std::make_shared<const std::vector<uint16_t>>(
              std::vector<uint16_t>{0x3C00, 0x0000, 0x8000, 0xB800, 0x3A66, 0x0001})};
}

inline DeadLetter TestDeadLetter() {
  return {.origin = TestOrigin(),
          .code = Code::kBinaryContent,
          .stage = Step::kChunk,
          .topic = "freshet.t.clean.live",
          .partition = Partition(5),
          .offset = Offset(1ull << 40),
          .skipped = FromMicros(1'769'851'801'000'000)};
}

// What may stand in an envelope beside a body.
template <class Body>
std::vector<std::pair<std::string, Envelope<Body>>> TestEnvelopes(Body body) {
  const Origin origin = TestOrigin();
  return {{"body", {origin, std::move(body)}},
          {"skipped", {origin, Skipped{Code::kQuarantined, Step::kDeid}}},
          {"heartbeat", {origin, Heartbeat{FromMicros(1'769'851'800'000'000)}}},
          {"snapshot_edge", {origin, SnapshotEdge{SnapshotEdge::Side::kBegin, {7, 40, 1}}}},
          {"present", {origin, Present{}}},
          {"lost", {origin, Lost{Code::kExpired, 12, Step::kChunk}}}};
}

}  // namespace freshet::testing
