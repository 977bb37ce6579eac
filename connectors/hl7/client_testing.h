// For tests and the kit's rig: a sender of messages over one connection, plain or TLS.
//
//   TestSender sender(port);
//   sender.Exchange(message)      // the answer as it came, "" where there was none
//
// One thread.
#pragma once

#include <string>

#include "connectors/source/tls.h"

namespace freshet::hl7 {

class TestSender {
 public:
  explicit TestSender(int port) { Connect(port); }
  // TLS; with a certificate where there is one.
  TestSender(int port, const TlsFiles& files);
  ~TestSender();
  TestSender(const TestSender&) = delete;
  TestSender& operator=(const TestSender&) = delete;

  std::string Exchange(const std::string& message);

 private:
  void Connect(int port);
  bool Send(const std::string& frame);
  size_t Receive(char* bytes, size_t size);

  int descriptor_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool open_ = false;
};

}  // namespace freshet::hl7
