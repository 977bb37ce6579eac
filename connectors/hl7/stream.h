// ByteStream: one connection of a sender, plain or TLS, with limits on how long it may keep us.
//
//   ByteStream stream(descriptor, tls_context);   // null: plain
//   if (!stream.Handshake()) ...                  // of TLS; true at once where it is plain
//   while (stream.Wait(50ms)) { size_t count = stream.Read(bytes); if (count == 0) break; ... stream.Write(answer); }
//
// A sender that takes or gives nothing in the middle of something holds a thread up for at most kPatience. Nothing
// throws and nothing is logged: a connection that failed is over. Interrupt: any thread, while the stream lives; the
// rest: one.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <span>
#include <string_view>

namespace freshet::hl7 {

inline constexpr std::chrono::seconds kPatience{30};

class ByteStream {
 public:
  // Owns the descriptor; the context outlives this.
  ByteStream(int descriptor, SSL_CTX* tls);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  bool Handshake();
  // Whether there is something to read (the end is, too).
  bool Wait(std::chrono::milliseconds limit) const;
  // 0: it is over.
  size_t Read(std::span<char> into);
  bool Write(std::string_view bytes);
  // Room for an answer that nobody may be reading.
  bool HasRoom() const;
  // Whoever reads is told that it is over; what is being written still goes out.
  void Interrupt();

 private:
  const int descriptor_;
  const bool tls_;
  SSL* ssl_ = nullptr;
};

}  // namespace freshet::hl7
