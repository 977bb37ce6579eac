#include "connectors/postgres/pgoutput.h"

#include <gtest/gtest.h>

#include <random>

#include "connectors/postgres/pgoutput_testing.h"

namespace freshet::postgres {
namespace {

using Values = std::vector<std::pair<char, std::string>>;

template <class T>
T Decoded(const PgWriter& out, bool in_stream = false) {
  const Result<PgMessage> message = DecodePgMessage(out.bytes, in_stream);
  EXPECT_TRUE(message.ok()) << message.status().ToString();
  if (!message.ok() || !std::holds_alternative<T>(*message)) {
    ADD_FAILURE() << "another message";
    return T();
  }
  return std::get<T>(*message);
}

Values ValuesOf(const PgTuple& tuple) {
  Values values;
  for (const PgValue& value : tuple) values.emplace_back(value.kind, value.text);
  return values;
}

TEST(PgOutput, BeginAndCommit) {
  const auto begin = Decoded<PgBegin>(PgWriter().Kind('B').Long(0x16B374D848).Long(1'000'000).Int(77));
  EXPECT_EQ(begin.final_lsn, 0x16B374D848u);
  EXPECT_EQ(FormatTime(begin.time), "2000-01-01T00:00:01.000Z");
  EXPECT_EQ(begin.xid, 77u);
  const auto commit = Decoded<PgCommit>(PgWriter().Kind('C').Byte(0).Long(5).Long(6).Long(0));
  EXPECT_EQ(commit.lsn, 5u);
  EXPECT_EQ(commit.end_lsn, 6u);
  const auto streamed = Decoded<PgCommit>(PgWriter().Kind('c').Int(9).Byte(0).Long(5).Long(6).Long(0));
  EXPECT_EQ(streamed.xid, 9u);
  EXPECT_EQ(streamed.end_lsn, 6u);
}

TEST(PgOutput, RelationInAndOutOfAStream) {
  for (const bool in_stream : {false, true}) {
    PgWriter out;
    out.Kind('R');
    if (in_stream) out.Int(9);
    out.Int(16384).Text("public").Text("note").Raw("d").Short(2);
    out.Byte(1).Text("id").Int(20).Int(0xFFFFFFFF).Byte(0).Text("body").Int(25).Int(0xFFFFFFFF);
    const auto relation = Decoded<PgRelation>(out, in_stream);
    EXPECT_EQ(relation.oid, 16384u);
    EXPECT_EQ(relation.schema, "public");
    EXPECT_EQ(relation.identity, 'd');
    ASSERT_EQ(relation.columns.size(), 2u);
    EXPECT_TRUE(relation.columns[0].key);
    EXPECT_EQ(relation.columns[1].name, "body");
    EXPECT_EQ(relation.columns[1].type, 25u);
    EXPECT_FALSE(relation.columns[1].key);
  }
}

TEST(PgOutput, RowsAsTheyWereWritten) {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    const auto tuple = [&random] {
      Values values(random() % 6);
      for (auto& [kind, text] : values) {
        kind = "ntu"[random() % 3];
        for (unsigned n = kind == 't' ? random() % 20 : 0; n > 0; --n) text.push_back(static_cast<char>(random()));
      }
      return values;
    };
    const Values before = tuple(), after = tuple();
    const bool key = random() % 2 != 0;
    PgWriter update, insert, gone;
    update.Kind('U').Int(9).Int(1).Kind(key ? 'K' : 'O').Tuple(before).Kind('N').Tuple(after);
    insert.Kind('I').Int(1).Kind('N').Tuple(after);
    gone.Kind('D').Int(1).Kind(key ? 'K' : 'O').Tuple(before);
    const auto updated = Decoded<PgUpdate>(update, true);
    ASSERT_TRUE(updated.before.has_value());
    EXPECT_EQ(ValuesOf(*updated.before), before);
    EXPECT_EQ(updated.before_is_key, key);
    EXPECT_EQ(ValuesOf(updated.row), after);
    EXPECT_EQ(updated.xid, 9u);
    EXPECT_EQ(ValuesOf(Decoded<PgInsert>(insert).row), after);
    EXPECT_EQ(ValuesOf(Decoded<PgDelete>(gone).before), before);
  }
  const auto plain = Decoded<PgUpdate>(PgWriter().Kind('U').Int(1).Kind('N').Tuple({{'t', "x"}}));
  EXPECT_FALSE(plain.before.has_value());
}

TEST(PgOutput, TheRest) {
  EXPECT_EQ(Decoded<PgTruncate>(PgWriter().Kind('T').Int(2).Byte(1).Int(7).Int(8)).oids, (std::vector<uint32_t>{7, 8}));
  PgWriter out;  // outlives the views
  out.Kind('M').Byte(0).Long(42).Text("freshet").Int(2).Raw("hi");
  const auto message = Decoded<PgLogicalMessage>(out);
  EXPECT_EQ(message.prefix, "freshet");
  EXPECT_EQ(message.content, "hi");
  EXPECT_EQ(message.lsn, 42u);
  EXPECT_EQ(Decoded<PgStreamStart>(PgWriter().Kind('S').Int(5).Byte(1)).xid, 5u);
  Decoded<PgStreamStop>(PgWriter().Kind('E'));
  EXPECT_EQ(Decoded<PgStreamAbort>(PgWriter().Kind('A').Int(5).Int(6)).subxid, 6u);
  Decoded<PgIgnored>(PgWriter().Kind('Y').Int(1).Text("a").Text("b"));
}

// Every message cut anywhere, and with any one byte changed, is read as some message or refused; never more than that.
TEST(PgOutput, SurvivesWhatIsNoMessage) {
  std::vector<std::string> messages;
  messages.push_back(PgWriter().Kind('B').Long(1).Long(2).Int(3).bytes);
  messages.push_back(
      PgWriter().Kind('R').Int(1).Text("p").Text("n").Raw("f").Short(1).Byte(1).Text("i").Int(2).Int(3).bytes);
  messages.push_back(PgWriter().Kind('U').Int(1).Kind('K').Tuple({{'t', "a"}}).Kind('N').Tuple({{'u', ""}}).bytes);
  messages.push_back(PgWriter().Kind('T').Int(1).Byte(0).Int(7).bytes);
  messages.push_back(PgWriter().Kind('M').Byte(0).Long(42).Text("f").Int(2).Raw("hi").bytes);
  int refused = 0;
  for (const std::string& message : messages) {
    for (size_t cut = 0; cut < message.size(); ++cut) {
      const Result<PgMessage> short_one = DecodePgMessage(message.substr(0, cut), false);
      EXPECT_EQ(short_one.code(), Code::kCorruptRecord) << message[0] << " cut at " << cut;
    }
    for (size_t at = 0; at < message.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string other = message;
        other[at] = static_cast<char>(value);
        refused += DecodePgMessage(other, at % 2 == 0).ok() ? 0 : 1;
      }
    }
    EXPECT_EQ(DecodePgMessage(message + "x", false).code(), Code::kCorruptRecord);
  }
  EXPECT_GT(refused, 1000);
}

TEST(PgOutput, RandomBytesAreRefusedOrRead) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
    if (!bytes.empty()) bytes[0] = "BCRIUDTMSEcAYOx"[random() % 15];
    (void)DecodePgMessage(bytes, random() % 2 == 0);
  }
}

TEST(PgOutput, PositionsReadBackWhatTheyPrint) {
  EXPECT_EQ(FormatLsn(0x16B374D848), "16/B374D848");
  for (const uint64_t lsn : {uint64_t{0}, uint64_t{1}, uint64_t{0xFFFFFFFF}, uint64_t{1} << 32, ~uint64_t{0}}) {
    EXPECT_EQ(*ParseLsn(FormatLsn(lsn)), lsn);
  }
  for (const char* text : {"", "/", "1", "1/", "/1", "g/1", "1/1/1", "123456789/1"}) {
    EXPECT_EQ(ParseLsn(text).code(), Code::kInvalidArgument) << text;
  }
  EXPECT_EQ(FromPgMicros(ToPgMicros(FromMicros(1'700'000'000'123'456))), FromMicros(1'700'000'000'123'456));
  EXPECT_EQ(FromPgMicros(std::numeric_limits<int64_t>::max()), Time());
}

}  // namespace
}  // namespace freshet::postgres
