// LocalServer: a real PostgreSQL of one node that is thrown away after use, for tests: it
// replicates logically and listens on a free port of 127.0.0.1.
//
//   if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
//   auto server = LocalServer::Start({.directory = folder});
//   PQconnectdb((*server)->url().c_str());      // superuser postgres, trusted
//   (*server)->Stop();                          // and one that is restored from a copy of it
//   auto restored = LocalServer::Start({.directory = other, .copy_of = folder});
//
// Needs Debian's postgresql-15. As root it runs as user `postgres`, as PostgreSQL refuses root. The server dies with
// the thread that started it, whatever ends that; start it from the main thread. One thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "common/base/status.h"

namespace freshet::postgres {

struct LocalServerOptions {
  std::string directory;  // made; data and log of the server
  std::string extra;      // further lines of postgresql.conf
  std::string copy_of;    // directory of another server, which does not run: this one begins with all of its data
  bool promoted = false;  // a copy that ends its archive's recovery: on a timeline of its own
};

class LocalServer {
 public:
  // What the machine lacks for a server; nothing: it can run one.
  static std::optional<std::string> Missing();
  static Result<std::unique_ptr<LocalServer>> Start(LocalServerOptions options);
  ~LocalServer() { Kill(); }

  std::string url() const { return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/postgres"; }

  // kill -9 of all of it, and its end awaited: what was not written is lost.
  void Kill();
  // A shutdown in order: everything is written, and nobody writes any more.
  void Stop();
  // Starts it again on the same data and port.
  Status Launch();

 private:
  explicit LocalServer(LocalServerOptions options);
  Status Initialise();
  Status MakeData() const;
  Status CopyData() const;

  const LocalServerOptions options_;
  const int port_;
  pid_t pid_ = 0;
};

}  // namespace freshet::postgres
