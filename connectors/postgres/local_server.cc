#include "connectors/postgres/local_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace freshet::postgres {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr const char* kUser = "postgres";
constexpr auto kPatience = 120s;

// Free now; nobody else takes it in the moment until the server does, as a rule.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  close(listener);
  return ntohs(address.sin_port);
}

// One of PostgreSQL's programs, in a process group of its own; all it says goes to `output`.
pid_t Spawn(std::vector<std::string> arguments, const std::string& output) {
  arguments[0].insert(0, kPrograms);
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const passwd* const user = getuid() == 0 ? getpwnam(kUser) : nullptr;
  const pid_t pid = fork();
  if (pid != 0) return pid;
  setpgid(0, 0);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  if (user != nullptr && (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after the change of user, which clears it; SIGQUIT: its children end too
  execv(raw[0], raw.data());
  _exit(127);
}

Status Failed(const std::string& what) { return Status(Code::kUnavailable, what); }

}  // namespace

std::optional<std::string> LocalServer::Missing() {
  if (access((std::string(kPrograms) + "postgres").c_str(), X_OK) != 0) {
    return "No PostgreSQL here: Debian's postgresql-15 is missing.";
  }
  if (getuid() == 0 && getpwnam(kUser) == nullptr) return "No PostgreSQL here: there is no user postgres.";
  return std::nullopt;
}

LocalServer::LocalServer(LocalServerOptions options) : options_(std::move(options)), port_(FreePort()) {}

Result<std::unique_ptr<LocalServer>> LocalServer::Start(LocalServerOptions options) {
  std::unique_ptr<LocalServer> server(new LocalServer(std::move(options)));
  FRESHET_RETURN_IF_ERROR(server->Initialise());
  FRESHET_RETURN_IF_ERROR(server->Launch());
  return server;
}

Status LocalServer::MakeData() const {
  const pid_t pid = Spawn({"initdb", "-D", options_.directory + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                           "--locale=C.UTF-8", "--no-sync"},
                          options_.directory + "/initdb.log");
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) return Failed("initdb failed: " + options_.directory);
  return OkStatus();
}

Status LocalServer::CopyData() const {
  namespace fs = std::filesystem;
  const fs::path data = options_.directory + "/data";
  std::error_code error;
  fs::copy(options_.copy_of + "/data", data, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) return Failed("the copy failed: " + options_.directory);
  fs::remove(data / "postmaster.pid", error);
  if (options_.promoted) std::ofstream(data / "recovery.signal").close();
  fs::permissions(data, fs::perms::owner_all, error);
  if (error || getuid() != 0) return error ? Failed("the copy has no owner") : OkStatus();
  const passwd* const user = getpwnam(kUser);
  int failed = chown(data.c_str(), user->pw_uid, user->pw_gid);
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    failed |= lchown(entry.path().c_str(), user->pw_uid, user->pw_gid);
  }
  return failed == 0 ? OkStatus() : Failed("the copy has no owner");
}

Status LocalServer::Initialise() {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  if (getuid() == 0) {
    const passwd* const user = getpwnam(kUser);
    if (chown(options_.directory.c_str(), user->pw_uid, user->pw_gid) != 0) return Failed("the folder has no owner");
  }
  FRESHET_RETURN_IF_ERROR(options_.copy_of.empty() ? MakeData() : CopyData());
  const std::string data = options_.directory + "/data";
  std::ofstream file(data + "/postgresql.conf", std::ios::app);
  file << "listen_addresses = '127.0.0.1'\nport = " << port_ << "\nunix_socket_directories = ''\n"
       << "wal_level = logical\nmax_wal_senders = 10\nmax_replication_slots = 10\nmax_connections = 40\n"
       << "shared_buffers = 32MB\nautovacuum = off\nlogical_decoding_work_mem = 64kB\n"
       // A copy takes nobody in before it has ended its recovery; its archive is empty.
       << (options_.promoted ? "hot_standby = off\nrestore_command = 'false'\n" : "") << options_.extra;
  file.close();
  return file.good() ? OkStatus() : Failed("the server's configuration cannot be written");
}

Status LocalServer::Launch() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    // It ends at once while children of a killed one still hold the shared memory.
    if (pid_ == 0) pid_ = Spawn({"postgres", "-D", options_.directory + "/data"}, options_.directory + "/postgres.log");
    if (pid_ < 0) return Failed("no process for the server");
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    if (pid_ != 0 && PQping(url().c_str()) == PQPING_OK) return OkStatus();
    std::this_thread::sleep_for(20ms);
  }
  return Failed("the server does not get ready: " + options_.directory + "/postgres.log");
}

void LocalServer::Stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGINT);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void LocalServer::Kill() {
  if (pid_ <= 0) return;
  // Its children have groups of their own (setsid): they end when they find their parent gone, and hold the shared
  // memory until then, so that Launch may have to wait.
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace freshet::postgres
