#include "tests/support/kafka_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace freshet::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kJars = "build/kafka";
constexpr const char* kClusterId = "RnJlc2hldFRlc3RCcm9rZQ";
constexpr auto kPatience = 60s;

sockaddr_in Local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Free now; nobody else takes it in the moment until the broker does, as a rule.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Local(0);
  socklen_t size = sizeof(address);
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  close(listener);
  return ntohs(address.sin_port);
}

bool Listens(int port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Local(port);
  const bool connected = connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(client);
  return connected;
}

bool Runs(const char* program) {
  const char* const path = getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// A Java program of Kafka's; all it says goes to `output`.
pid_t SpawnJava(std::vector<std::string> arguments, const std::string& output) {
  arguments.insert(arguments.begin(),
                   {"java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
                    "-cp", std::filesystem::absolute(kJars).string() + "/*"});
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execvp(raw[0], raw.data());
  _exit(127);
}

Status Failed(const std::string& what) { return Status(Code::kUnavailable, what); }

}  // namespace

std::optional<std::string> KafkaServer::Missing() {
  if (!Runs("java")) return "No Apache Kafka here: java is missing.";
  if (!std::filesystem::exists(kJars)) return "No Apache Kafka here: tools/setup_kafka.sh fetches it.";
  return std::nullopt;
}

KafkaServer::KafkaServer(KafkaServerOptions options)
    : options_(std::move(options)), port_(FreePort()), controller_port_(FreePort()), guarded_port_(FreePort()) {}

Result<std::unique_ptr<KafkaServer>> KafkaServer::Start(KafkaServerOptions options) {
  std::unique_ptr<KafkaServer> server(new KafkaServer(std::move(options)));
  FRESHET_RETURN_IF_ERROR(server->Configure());
  FRESHET_RETURN_IF_ERROR(server->Format());
  FRESHET_RETURN_IF_ERROR(server->Launch());
  return server;
}

std::string KafkaServer::Properties() const {
  const bool guarded = !options_.guarded_protocol.empty();
  const std::string plain = "PLAINTEXT://127.0.0.1:" + std::to_string(port_);
  const std::string other = guarded ? ",GUARDED://localhost:" + std::to_string(guarded_port_) : "";
  const std::string controller = "127.0.0.1:" + std::to_string(controller_port_);
  std::ostringstream out;
  out << "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n"
      << "controller.quorum.voters=1@" << controller << "\n"
      << "listeners=" << plain << other << ",CONTROLLER://" << controller << "\n"
      << "advertised.listeners=" << plain << other << "\n"
      << "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
      << (guarded ? ",GUARDED:" + options_.guarded_protocol : "") << "\n"
      << "log.dirs=" << options_.directory << "/data\n"
      << "offsets.topic.num.partitions=4\noffsets.topic.replication.factor=1\n"
      << "transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n"
      // Otherwise a restart waits until the killed broker's session is over.
      << "broker.session.timeout.ms=2000\nbroker.heartbeat.interval.ms=200\n"
      << "group.initial.rebalance.delay.ms=0\nnum.io.threads=4\nnum.network.threads=2\nbackground.threads=4\n"
      << options_.extra;
  return out.str();
}

Status KafkaServer::Configure() {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  std::ofstream file(options_.directory + "/server.properties");
  file << Properties();
  file.close();
  return file.good() ? OkStatus() : Failed("the broker's configuration cannot be written");
}

Status KafkaServer::Format() {
  const std::string output = options_.directory + "/format.log";
  const pid_t pid = SpawnJava(
      {"kafka.tools.StorageTool", "format", "-t", kClusterId, "-c", options_.directory + "/server.properties"}, output);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) return Failed("Kafka's format failed: " + output);
  return OkStatus();
}

Status KafkaServer::Launch() {
  pid_ = SpawnJava({"kafka.Kafka", options_.directory + "/server.properties"}, options_.directory + "/kafka.log");
  if (pid_ < 0) return Failed("no process for the broker");
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      return Failed("the broker ended: " + options_.directory + "/kafka.log");
    }
    if (IsReady()) return OkStatus();
    std::this_thread::sleep_for(50ms);
  }
  return Failed("the broker does not get ready: " + options_.directory + "/kafka.log");
}

bool KafkaServer::IsReady() const {
  std::ifstream log(options_.directory + "/kafka.log");
  for (std::string line; std::getline(log, line);) {
    if (line.find("Kafka Server started") != std::string::npos) return Listens(port_);
  }
  return false;
}

void KafkaServer::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace freshet::test
