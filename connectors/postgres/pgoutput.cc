#include "connectors/postgres/pgoutput.h"

#include <charconv>
#include <cstdio>

#include "common/base/bytes.h"

namespace freshet::postgres {
namespace {

// 1970-01-01 to 2000-01-01.
constexpr int64_t kPgEpochMicros = 946'684'800'000'000;

// Reads on after a failure give nothing: one check at the end of a message is enough.
class Reader {
 public:
  Reader(std::string_view bytes, bool in_stream) : reader_(bytes), in_stream_(in_stream) {}

  uint8_t Byte() {
    uint8_t out = 0;
    good_ = good_ && reader_.Byte(out);
    return out;
  }
  uint16_t Short() {
    uint16_t out = 0;
    good_ = good_ && reader_.Big16(out);
    return out;
  }
  uint32_t Int() {
    uint32_t out = 0;
    good_ = good_ && reader_.Big32(out);
    return out;
  }
  uint64_t Long() {
    uint64_t out = 0;
    good_ = good_ && reader_.Big64(out);
    return out;
  }
  Time When() { return FromPgMicros(static_cast<int64_t>(Long())); }
  std::string_view Bytes(size_t count) {
    std::string_view out;
    good_ = good_ && reader_.Bytes(count, out);
    return out;
  }
  std::string_view Text() {
    const size_t end = reader_.rest().find('\0');
    if (end == std::string_view::npos) good_ = false;
    const std::string_view text = good_ ? Bytes(end) : std::string_view();
    Byte();
    return text;
  }
  uint32_t Xid() { return in_stream_ ? Int() : 0; }
  PgTuple Tuple() {
    PgTuple tuple;
    const uint16_t count = Short();
    for (uint16_t i = 0; i < count && good_; ++i) {
      PgValue value{.kind = static_cast<char>(Byte())};
      if (value.kind == 't') value.text = Bytes(Int());
      if (value.kind != 't' && value.kind != 'n' && value.kind != 'u') good_ = false;
      tuple.push_back(value);
    }
    return tuple;
  }
  void Expect(bool what) { good_ = good_ && what; }
  bool ended_well() const { return good_ && reader_.rest().empty(); }
  bool good() const { return good_; }

 private:
  ByteReader reader_;
  const bool in_stream_;
  bool good_ = true;
};

PgRelation ReadRelation(Reader& in) {
  in.Xid();
  PgRelation out{.oid = in.Int()};
  out.schema = in.Text();
  out.name = in.Text();
  out.identity = static_cast<char>(in.Byte());
  const uint16_t count = in.Short();
  for (uint16_t i = 0; i < count && in.good(); ++i) {
    PgColumn column{.key = (in.Byte() & 1) != 0};
    column.name = in.Text();
    column.type = in.Int();
    in.Int();
    out.columns.push_back(column);
  }
  if (out.schema.empty()) out.schema = "pg_catalog";
  return out;
}

PgInsert ReadInsert(Reader& in) {
  PgInsert out{.xid = in.Xid(), .oid = in.Int()};
  in.Expect(in.Byte() == 'N');
  out.row = in.Tuple();
  return out;
}

PgUpdate ReadUpdate(Reader& in) {
  PgUpdate out{.xid = in.Xid(), .oid = in.Int()};
  char kind = static_cast<char>(in.Byte());
  if (kind == 'K' || kind == 'O') {
    out.before_is_key = kind == 'K';
    out.before = in.Tuple();
    kind = static_cast<char>(in.Byte());
  }
  in.Expect(kind == 'N');
  out.row = in.Tuple();
  return out;
}

PgDelete ReadDelete(Reader& in) {
  PgDelete out{.xid = in.Xid(), .oid = in.Int()};
  const char kind = static_cast<char>(in.Byte());
  in.Expect(kind == 'K' || kind == 'O');
  out.before_is_key = kind == 'K';
  out.before = in.Tuple();
  return out;
}

PgTruncate ReadTruncate(Reader& in) {
  PgTruncate out{.xid = in.Xid()};
  const uint32_t count = in.Int();
  in.Byte();
  for (uint32_t i = 0; i < count && in.good(); ++i) out.oids.push_back(in.Int());
  return out;
}

PgCommit ReadCommit(Reader& in, bool streamed) {
  PgCommit out{.xid = streamed ? in.Int() : 0};
  in.Byte();
  out.lsn = in.Long();
  out.end_lsn = in.Long();
  out.time = in.When();
  return out;
}

PgLogicalMessage ReadLogicalMessage(Reader& in) {
  in.Xid();
  in.Byte();
  PgLogicalMessage out{.lsn = in.Long()};
  out.prefix = in.Text();
  out.content = in.Bytes(in.Int());
  return out;
}

PgMessage Read(char kind, Reader& in) {
  switch (kind) {
    case 'B': {
      PgBegin out{.final_lsn = in.Long()};
      out.time = in.When();
      out.xid = in.Int();
      return out;
    }
    case 'C':
    case 'c':
      return ReadCommit(in, kind == 'c');
    case 'R':
      return ReadRelation(in);
    case 'I':
      return ReadInsert(in);
    case 'U':
      return ReadUpdate(in);
    case 'D':
      return ReadDelete(in);
    case 'T':
      return ReadTruncate(in);
    case 'M':
      return ReadLogicalMessage(in);
    case 'S': {
      const PgStreamStart out{.xid = in.Int()};
      in.Byte();
      return out;
    }
    case 'E':
      return PgStreamStop{};
    case 'A': {
      PgStreamAbort out{.xid = in.Int()};
      out.subxid = in.Int();
      return out;
    }
    default:
      in.Expect(false);
      return PgIgnored{};
  }
}

}  // namespace

Result<PgMessage> DecodePgMessage(std::string_view bytes, bool in_stream) {
  if (bytes.empty()) return Status(Code::kCorruptRecord, "pgoutput: an empty message");
  const char kind = bytes[0];
  if (kind == 'Y' || kind == 'O') return PgMessage(PgIgnored{});
  Reader reader(bytes.substr(1), in_stream);
  PgMessage message = Read(kind, reader);
  if (reader.ended_well()) return message;
  return Status(Code::kCorruptRecord, "pgoutput: a message of kind " + std::to_string(static_cast<uint8_t>(kind)) +
                                          " and " + std::to_string(bytes.size()) + " bytes that is none");
}

Time FromPgMicros(int64_t micros) {
  // Times beyond what 64 bits of microseconds since 1970 hold are no times of commits.
  int64_t out = 0;
  if (__builtin_add_overflow(micros, kPgEpochMicros, &out)) return Time();
  return FromMicros(out);
}

int64_t ToPgMicros(Time time) { return ToMicros(time) - kPgEpochMicros; }

std::string FormatLsn(uint64_t lsn) {
  char text[24];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<uint32_t>(lsn >> 32), static_cast<uint32_t>(lsn));
  return text;
}

Result<uint64_t> ParseLsn(std::string_view text) {
  const size_t slash = text.find('/');
  const auto read = [](std::string_view part, uint32_t& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out, 16);
    return error == std::errc() && end == part.data() + part.size();
  };
  uint32_t high = 0, low = 0;
  if (slash == std::string_view::npos || !read(text.substr(0, slash), high) || !read(text.substr(slash + 1), low)) {
    return Status(Code::kInvalidArgument, "a log position is two hexadecimal numbers, as 16/B374D848");
  }
  return (uint64_t{high} << 32) | low;
}

}  // namespace freshet::postgres
