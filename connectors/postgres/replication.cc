#include "connectors/postgres/replication.h"

#include <poll.h>

#include "common/base/bytes.h"
#include "connectors/postgres/pgoutput.h"

namespace freshet::postgres {
namespace {

// Well below wal_sender_timeout's default of 60 s.
constexpr auto kSayAgain = std::chrono::seconds(10);

}  // namespace

Result<std::unique_ptr<ReplicationStream>> ReplicationStream::Start(std::unique_ptr<SqlClient> client,
                                                                    const Options& options) {
  const std::string sql = "START_REPLICATION SLOT " + Quoted(options.slot) + " LOGICAL " + FormatLsn(options.start) +
                          " (proto_version '2', publication_names " + Literal(Quoted(options.publication)) +
                          ", messages 'true'" + (options.stream_large ? ", streaming 'on')" : ")");
  const PgResult begun(PQexec(client->raw(), sql.c_str()), &PQclear);
  if (PQresultStatus(begun.get()) != PGRES_COPY_BOTH) return client->StatusOf(begun.get(), "START_REPLICATION");
  std::unique_ptr<ReplicationStream> stream(new ReplicationStream(std::move(client), options.start));
  stream->said_ = std::chrono::steady_clock::now();
  return stream;
}

Result<std::optional<WalMessage>> ReplicationStream::Receive() {
  char* buffer = nullptr;
  int size = PQgetCopyData(client_->raw(), &buffer, 1);
  if (size == 0) {
    if (PQconsumeInput(client_->raw()) == 0) return Status(Code::kUnavailable, "PostgreSQL: the stream ended");
    size = PQgetCopyData(client_->raw(), &buffer, 1);
  }
  frame_.reset(buffer);
  if (size == 0) return std::optional<WalMessage>();
  if (size > 0) return Parse(std::string_view(buffer, static_cast<size_t>(size)));
  const PgResult ended(PQgetResult(client_->raw()), &PQclear);
  const Status why = client_->StatusOf(ended.get(), "stream");
  // What ends a stream that had begun (a slot dropped, a server stopped) is looked into when it is begun again.
  return Status(Code::kUnavailable, why.message());
}

Result<std::optional<WalMessage>> ReplicationStream::Parse(std::string_view frame) {
  ByteReader reader(frame);
  uint8_t kind = 0, reply = 0;
  uint64_t start = 0, end = 0, time = 0;
  const bool known = reader.Byte(kind);
  if (known && kind == 'w' && reader.Big64(start) && reader.Big64(end) && reader.Big64(time)) {
    return std::optional(WalMessage{.lsn = start, .payload = reader.rest()});
  }
  if (known && kind == 'k' && reader.Big64(end) && reader.Big64(time) && reader.Byte(reply)) {
    if (reply != 0) FRESHET_RETURN_IF_ERROR(Confirm(confirmed_, false));
    return std::optional(WalMessage{.lsn = end, .keepalive = true});
  }
  return Status(Code::kCorruptRecord, "PostgreSQL: a frame of the stream that is none");
}

void ReplicationStream::Wait(Duration limit) {
  pollfd watched{.fd = PQsocket(client_->raw()), .events = POLLIN, .revents = 0};
  poll(&watched, 1, static_cast<int>((limit.count() + 999) / 1000));
}

Status ReplicationStream::Confirm(uint64_t lsn, bool ask) {
  confirmed_ = std::max(confirmed_, lsn);
  std::string frame = "r";
  for (int i = 0; i < 3; ++i) AppendBig64(frame, confirmed_);
  AppendBig64(frame, static_cast<uint64_t>(ToPgMicros(SystemClock().Now())));
  frame.push_back(ask ? 1 : 0);
  if (PQputCopyData(client_->raw(), frame.data(), static_cast<int>(frame.size())) != 1 || PQflush(client_->raw()) < 0) {
    return Status(Code::kUnavailable, "PostgreSQL: the stream takes nothing");
  }
  said_ = std::chrono::steady_clock::now();
  return OkStatus();
}

Status ReplicationStream::KeepAlive() {
  return std::chrono::steady_clock::now() - said_ < kSayAgain ? OkStatus() : Confirm(confirmed_, false);
}

}  // namespace freshet::postgres
