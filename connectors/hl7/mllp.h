// MllpServer: takes frames (frames.h) of many senders, over plain connections or TLS.
//
//   MllpServer server(options, [](const std::string& message) { return Reply{ack, false}; });
//   FRESHET_ASSIGN_OR_RETURN(int port, server.Start());
//
// A thread for each connection, which answers its frames in their order; the handler runs on those threads. A frame
// over max_message comes to the handler as "". Codes of Start: unavailable (the address is taken, or not this
// machine's), configuration (TLS that cannot be). Start and Stop: one thread.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "connectors/hl7/frames.h"
#include "connectors/hl7/options.h"
#include "connectors/hl7/stream.h"

namespace freshet::hl7 {

struct Reply {
  std::string text;          // "": none
  bool unasked_for = false;  // left out where its receiver has not read the last ones
};

class MllpServer {
 public:
  using Handler = std::function<Reply(const std::string& message)>;
  MllpServer(const Hl7Options& options, Handler handler);
  ~MllpServer();

  // The port.
  Result<int> Start();
  void Stop();

 private:
  struct Connection {
    explicit Connection(int descriptor, SSL_CTX* tls) : stream(descriptor, tls) {}
    ByteStream stream;
    std::atomic<bool> over{false};
    std::thread thread;
  };
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  Status SetUp();
  void Accept();
  void TakeIn(int descriptor);
  void Serve(Connection& connection);
  bool Answer(ByteStream& stream, FrameReader& reader);
  void Reap(bool all);

  const Hl7Options options_;
  const Handler handler_;
  std::unique_ptr<SSL_CTX, FreeContext> tls_;
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  std::thread acceptor_;
  std::list<std::unique_ptr<Connection>> connections_;  // the acceptor's; Stop's once that has ended
};

}  // namespace freshet::hl7
