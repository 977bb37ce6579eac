#include <gtest/gtest.h>

#include <set>

#include "schemas/change.pb.h"
#include "schemas/codec.h"
#include "schemas/test_print.h"
#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::Print;
using testing::TestChanges;
using testing::TestKeys;
using testing::TestOrigin;
using testing::TestUpsert;

ChangeEvent Event(Change change) { return {TestOrigin(), std::move(change)}; }
std::string Encoded(const Change& change) { return EncodeChange(Event(change), TestKeys()).value(); }

v1::ChangeRecord Parsed(const std::string& bytes) {
  v1::ChangeRecord record;
  EXPECT_TRUE(record.ParseFromString(bytes));
  return record;
}
Code CodeOfRecord(const v1::ChangeRecord& record) {
  return DecodeChange(record.SerializeAsString(), TestKeys()).code();
}

TEST(Change, EveryKindReadsBack) {
  std::set<size_t> kinds;
  for (const auto& [name, event] : TestChanges()) kinds.insert(event.change.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Change>) << "a kind without a test record";
  for (const auto& [name, event] : TestChanges()) {
    const Result<std::string> bytes = EncodeChange(event, TestKeys());
    ASSERT_TRUE(bytes.ok()) << name << " " << bytes.status().ToString();
    const Result<ChangeEvent> decoded = DecodeChange(*bytes, TestKeys());
    ASSERT_TRUE(decoded.ok()) << name << " " << decoded.status().ToString();
    EXPECT_EQ(Print(*decoded), Print(event)) << name;
  }
}

TEST(Change, DefaultsReadBack) {
  const Change empty[] = {Upsert{},   IdentityChange{}, Delete{},  AccessChange{}, GroupChange{},  ConsentChange{},
                          Withhold{}, Release{},        Confirm{}, Heartbeat{},    SnapshotEdge{}, Present{}};
  for (const Change& change : empty) {
    const ChangeEvent event{{}, change};
    EXPECT_EQ(Print(DecodeChange(EncodeChange(event, TestKeys()).value(), TestKeys()).value()), Print(event));
  }
}

TEST(Change, EveryReasonReadsBack) {
  for (const auto reason : {Delete::Reason::kDeleted, Delete::Reason::kEnteredInError, Delete::Reason::kRetention}) {
    EXPECT_EQ(std::get<Delete>(DecodeChange(Encoded(Delete{reason}), TestKeys())->change).reason, reason);
  }
  for (const CodeRow& row : AllCodes()) {
    EXPECT_EQ(std::get<Withhold>(DecodeChange(Encoded(Withhold{row.code}), TestKeys())->change).reason, row.code);
    EXPECT_EQ(std::get<Release>(DecodeChange(Encoded(Release{row.code}), TestKeys())->change).reason, row.code);
    const Upsert refused{.refused = row.code};
    EXPECT_EQ(std::get<Upsert>(DecodeChange(Encoded(refused), TestKeys())->change).refused, row.code);
  }
}

TEST(Change, EqualRecordsAreEqualBytesButForSealedOnes) {
  for (const auto& [name, event] : TestChanges()) {
    const bool sealed =
        std::holds_alternative<Upsert>(event.change) || std::holds_alternative<IdentityChange>(event.change);
    EXPECT_EQ(Encoded(event.change) != Encoded(event.change), sealed) << name;
  }
}

// DESIGN §5: content in changes.* and identities is PHI and never leaves the process in clear.
TEST(Change, NothingOfAPayloadIsInClear) {
  for (const auto& [name, event] : TestChanges()) {
    if (name != "change_upsert" && name != "change_identity") continue;
    const std::string bytes = Encoded(event.change);
    for (const char* secret : {"Anna", "anna", "Example", "MRN", "1234567", "markdown", "ward", "Springfield", "1950",
                               "official", "p1", "555"}) {
      EXPECT_EQ(bytes.find(secret), std::string::npos) << name << " shows " << secret;
    }
  }
}

// Sealed bytes fit one document, one version and one kind: nothing can be replayed in another's place.
TEST(Change, SealedPayloadsCannotBeMoved) {
  const v1::ChangeRecord record = Parsed(Encoded(TestUpsert()));
  EXPECT_EQ(CodeOfRecord(record), Code::kOk);
  v1::ChangeRecord moved = record;
  moved.mutable_origin()->set_document("other");
  EXPECT_EQ(CodeOfRecord(moved), Code::kSealMismatch);
  moved = record;
  moved.mutable_origin()->set_collection("other");
  EXPECT_EQ(CodeOfRecord(moved), Code::kSealMismatch);
  moved = record;
  moved.mutable_origin()->set_source("other");
  EXPECT_EQ(CodeOfRecord(moved), Code::kSealMismatch);
  moved = record;
  moved.mutable_origin()->mutable_version()->set_position(43);
  EXPECT_EQ(CodeOfRecord(moved), Code::kSealMismatch);
  moved = record;
  moved.set_sealed_identity(record.sealed_upsert());
  EXPECT_EQ(CodeOfRecord(moved), Code::kSealMismatch);
  moved = record;
  moved.mutable_origin()->mutable_revision()->set_deid_run(9);  // a re-run reads the same original
  EXPECT_EQ(CodeOfRecord(moved), Code::kOk);
}

TEST(Change, KeysDecideWhatCanBeDone) {
  const KeyRing seal_only = KeyRing::Parse(TestKeys().ScopedTo({KeyPurpose::kSeal})).value();
  EXPECT_EQ(EncodeChange(Event(TestUpsert()), seal_only).code(), Code::kKeyMissing);
  EXPECT_EQ(DecodeChange(Encoded(TestUpsert()), seal_only).code(), Code::kKeyMissing);
  EXPECT_TRUE(DecodeChange(Encoded(Delete{}), seal_only).ok()) << "what is not PHI needs no payload key";
  EXPECT_EQ(Print(DecodeOrigin(Encoded(TestUpsert())).value()), Print(TestOrigin()));
}

TEST(Change, KindsOfNewerWritersAreUnsupportedNotCorrupt) {
  v1::ChangeRecord record = Parsed(Encoded(Delete{}));
  record.clear_change();
  record.GetReflection()->MutableUnknownFields(&record)->AddLengthDelimited(99, "a kind of 2031");
  EXPECT_EQ(CodeOfRecord(record), Code::kUnsupportedChange);
  EXPECT_EQ(Print(DecodeOrigin(record.SerializeAsString()).value()), Print(TestOrigin())) << "it is accounted for";
}

TEST(Change, ASnapshotEdgeOfAnUnknownSideIsNeverTakenForAnEnd) {
  v1::ChangeRecord record = Parsed(Encoded(SnapshotEdge{}));
  record.mutable_snapshot_edge()->set_side(static_cast<v1::SnapshotEdge::Side>(2));
  EXPECT_EQ(CodeOfRecord(record), Code::kUnsupportedChange);
}

TEST(Change, FieldsAndNamesOfNewerWritersAreIgnored) {
  v1::ChangeRecord record = Parsed(Encoded(Delete{Delete::Reason::kRetention}));
  record.GetReflection()->MutableUnknownFields(&record)->AddVarint(98, 7);
  record.mutable_origin()->GetReflection()->MutableUnknownFields(record.mutable_origin())->AddVarint(97, 7);
  record.mutable_origin()->add_stamps_us(123);  // a sixth step
  const Result<ChangeEvent> decoded = DecodeChange(record.SerializeAsString(), TestKeys());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Print(*decoded), Print(Event(Delete{Delete::Reason::kRetention})));

  record.mutable_delete_()->set_reason(static_cast<v1::Delete::Reason>(9));
  EXPECT_EQ(Print(*DecodeChange(record.SerializeAsString(), TestKeys())), Print(Event(Delete{})));
  record.mutable_withhold()->set_reason("reason_of_2031");
  EXPECT_EQ(Print(*DecodeChange(record.SerializeAsString(), TestKeys())), Print(Event(Withhold{Code::kQuarantined})));
}

TEST(Change, ARecordOfAnOlderWriterHasDefaults) {
  v1::ChangeRecord record;
  record.mutable_origin()->set_source("s");
  record.mutable_delete_();
  const ChangeEvent event = DecodeChange(record.SerializeAsString(), TestKeys()).value();
  EXPECT_EQ(Print(event), Print(ChangeEvent{{.source = SourceName("s")}, Delete{}}));
  EXPECT_EQ(event.origin.generation, 1u);
}

// Who does not know of limits takes nobody in for longer, and keeps nobody out for shorter.
TEST(Change, ANameThatIsListedForATimeIsNeverListedForGood) {
  const Period until_noon{.until = FromMicros(12)}, all_day{.until = FromMicros(24)};
  const Principal ada("user:ada"), bob("user:bob"), eve("user:eve");
  const AccessChange change{.allow = {ada, Listed(bob, until_noon)}, .deny = {Listed(eve, until_noon)}};
  v1::ChangeRecord record = Parsed(Encoded(change));
  record.mutable_access()->clear_limited_allow();
  record.mutable_access()->clear_limited_deny();
  EXPECT_EQ(Print(*DecodeChange(record.SerializeAsString(), TestKeys())),
            Print(Event(AccessChange{.allow = {ada}, .deny = {eve}})));

  const AccessChange twice{.deny = {eve, Listed(eve, until_noon), Listed(bob, until_noon), Listed(bob, all_day)}};
  EXPECT_EQ(Print(*DecodeChange(Encoded(twice), TestKeys())),
            Print(Event(AccessChange{.deny = {eve, Listed(bob, until_noon), Listed(bob, all_day)}})));

  record = Parsed(Encoded(AccessChange{}));
  record.mutable_access()->add_limited_allow()->set_principal("user:bob");
  EXPECT_EQ(Print(*DecodeChange(record.SerializeAsString(), TestKeys())), Print(Event(AccessChange{})))
      << "a limit that is not there";
}

TEST(Change, TooLargeIsRefusedBeforeItIsSealed) {
  EXPECT_EQ(EncodeChange(Event(Upsert{.content = std::string(kMaxMessageBytes + 1, 'x')}), TestKeys()).code(),
            Code::kDocumentTooLarge);
  EXPECT_EQ(EncodeChange(Event(Upsert{.content = std::string(kMaxMessageBytes - 20, 'x')}), TestKeys()).code(),
            Code::kDocumentTooLarge)
      << "the limit is of the whole message";
  EXPECT_TRUE(EncodeChange(Event(Upsert{.content = std::string(kMaxMessageBytes - 500, 'x')}), TestKeys()).ok());
  const GroupChange group{Principal("group:all"), std::vector<Listed>(1 << 18, Principal(std::string(64, 'u')))};
  EXPECT_EQ(EncodeChange(Event(group), TestKeys()).code(), Code::kDocumentTooLarge);
}

TEST(Change, NamesThatAreNotUtf8AreRefusedByTheWriter) {
  const std::string broken = "caf\xE9.md";  // Latin-1
  EXPECT_EQ(EncodeChange({{.document = DocumentId(broken)}, Delete{}}, TestKeys()).code(), Code::kInvalidUtf8);
  EXPECT_EQ(EncodeChange({{.source = SourceName(broken)}, Delete{}}, TestKeys()).code(), Code::kInvalidUtf8);
  const Change changes[] = {Upsert{.title = broken},
                            Upsert{.uri = broken},
                            Upsert{.native_id = broken},
                            Upsert{.attributes = {{"name", {broken}}}},
                            Upsert{.patients = {PatientId(broken)}},
                            IdentityChange{.names = {{.family = broken}}},
                            IdentityChange{.identifiers = {{"mrn", broken}}},
                            AccessChange{.allow = {Principal(broken)}},
                            AccessChange{.deny = {Listed(Principal(broken), {.until = Time()})}},
                            GroupChange{Principal("g"), {Principal(broken)}},
                            ConsentChange{PatientId("p"), broken}};
  for (const Change& change : changes) {
    EXPECT_EQ(EncodeChange(Event(change), TestKeys()).code(), Code::kInvalidUtf8) << change.index();
  }
  EXPECT_TRUE(EncodeChange(Event(Upsert{.content = broken}), TestKeys()).ok()) << "content may be any bytes";
}

TEST(DecodeOrigin, ReadsWhatIsLeftOfACorruptRecord) {
  const std::string bytes = Encoded(TestUpsert());
  const std::string cut = bytes.substr(0, bytes.size() - 10);
  EXPECT_EQ(DecodeChange(cut, TestKeys()).code(), Code::kCorruptRecord);
  EXPECT_EQ(Print(DecodeOrigin(cut).value()), Print(TestOrigin()));
  EXPECT_EQ(DecodeOrigin("").code(), Code::kCorruptRecord);
  EXPECT_EQ(DecodeOrigin("no record").code(), Code::kCorruptRecord);
  EXPECT_EQ(DecodeOrigin(bytes.substr(0, 20)).code(), Code::kCorruptRecord);
}

}  // namespace
}  // namespace freshet
