#include "connectors/singer/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace freshet::singer {
namespace {

constexpr size_t kReadBytes = 64u << 10;
constexpr size_t kComplaintBytes = 256;  // of a line: where loggers write its level
constexpr Duration kGrace = std::chrono::seconds(1);
constexpr Duration kEnding = std::chrono::seconds(10);  // from its last word to its end
constexpr Duration kLook = std::chrono::milliseconds(1);
constexpr int kStateDescriptor = 3;

// A pipe whose ends the program started does not get unless it is given them.
struct Pipe {
  int read = -1, write = -1;
  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0], write = ends[1];
    return true;
  }
  void Close() {
    for (int* const end : {&read, &write}) {
      if (*end >= 0) close(std::exchange(*end, -1));
    }
  }
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentOf(const std::map<std::string, std::string>& given) {
  std::vector<std::string> all;
  for (const std::string_view name : Child::kInherited) {
    const char* const value = getenv(std::string(name).c_str());
    if (value != nullptr && !given.contains(std::string(name))) all.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : given) all.push_back(name + "=" + value);
  return all;
}

// A file that is in no folder, and gone with its last reader. -1: there is none to be had.
int FileOf(const std::string& text) {
  const int file = memfd_create("state", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return file;
  close(file);
  return -1;
}

struct Plan {
  std::vector<char*> arguments, environment;
  int out = -1, err = -1, state = -1, failure = -1;
  pid_t parent = 0;
};

// In the new process, where nothing may be done but what is safe in a signal handler.
[[noreturn]] void Become(const Plan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  // Away from the numbers that they are to have.
  const int failure = fcntl(plan.failure, F_DUPFD_CLOEXEC, 16);
  const int out = fcntl(plan.out, F_DUPFD_CLOEXEC, 16), err = fcntl(plan.err, F_DUPFD_CLOEXEC, 16);
  const int state = plan.state < 0 ? -1 : fcntl(plan.state, F_DUPFD_CLOEXEC, 16);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (state >= 0) dup2(state, kStateDescriptor);
  execvpe(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  const int why = errno;
  (void)!write(failure, &why, sizeof why);
  _exit(127);
}

int Clamped(Duration wait) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, Duration(0))).count());
}

}  // namespace

Result<std::unique_ptr<Child>> Child::Start(const Options& options) {
  std::vector<std::string> command = options.command, environment = EnvironmentOf(options.environment);
  Pipe out, err, failure;
  Plan plan{.arguments = {}, .environment = Pointers(environment), .parent = getpid()};
  bool ready = out.Open() && err.Open() && failure.Open();
  if (!options.state.empty()) {
    plan.state = FileOf(options.state);
    ready = ready && plan.state >= 0;
    command.insert(command.end(), {"--state", "/proc/self/fd/" + std::to_string(kStateDescriptor)});
  }
  plan.arguments = Pointers(command);
  plan.out = out.write, plan.err = err.write, plan.failure = failure.write;
  const pid_t pid = ready ? fork() : -1;
  if (pid == 0) Become(plan);
  for (Pipe* const pipe : {&out, &err, &failure}) close(std::exchange(pipe->write, -1));
  if (plan.state >= 0) close(plan.state);
  int why = 0;
  const bool failed = pid > 0 && read(failure.read, &why, sizeof why) == sizeof why;
  close(std::exchange(failure.read, -1));
  if (pid < 0 || failed) {
    out.Close(), err.Close();
    if (failed) waitpid(pid, nullptr, 0);
    if (pid < 0) return Status(Code::kUnavailable, "No process, or no pipe, is to be had");
    return Status(Code::kConfiguration, std::string("command: cannot be started: ") + strerror(why));
  }
  std::unique_ptr<Child> child(new Child(options, pid));
  child->out_ = out.read, child->err_ = err.read;
  for (const int end : {out.read, err.read}) fcntl(end, F_SETFL, O_NONBLOCK);
  return child;
}

Child::~Child() {
  End();
  for (const int end : {out_, err_}) {
    if (end >= 0) close(end);
  }
}

void Child::End() {
  if (reaped_) return;
  kill(-pid_, SIGTERM);
  if (Reap(kGrace)) return;
  kill(-pid_, SIGKILL);
  (void)Reap(std::chrono::hours(1));
}

// Waits for its end. What it started goes before its number does, which another may get then.
bool Child::Reap(Duration patience) {
  using SteadyClock = std::chrono::steady_clock;
  const auto begin = SteadyClock::now();
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) {
    if (SteadyClock::now() - begin > patience) return false;
    Listen();  // a full pipe would keep it from ending
    std::this_thread::sleep_for(kLook);
  }
  kill(-pid_, SIGKILL);
  int status = 0;
  (void)waitpid(pid_, &status, 0);
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return reaped_ = true;
}

Result<Child::Got> Child::Next(std::string& line, Duration wait) {
  if (TakeLine(line)) return Got::kLine;
  const bool open = out_ >= 0 && Fill(wait);
  if (TakeLine(line)) return Got::kLine;
  if (text_.size() - read_ > most_line_) return Status(Code::kConfiguration, "A line is longer than max_line");
  if (open) return Got::kNothing;
  if (out_ >= 0) close(std::exchange(out_, -1));
  if (!reaped_ && !Reap(kEnding)) End();
  Listen();
  return Got::kEnd;
}

// What is behind the last line's end counts as none: whoever was cut off did not finish it.
bool Child::TakeLine(std::string& line) {
  const size_t end = text_.find('\n', std::max(read_, searched_));
  searched_ = end == std::string::npos ? text_.size() : end;
  if (end == std::string::npos) return false;
  line.assign(text_, read_, end - read_);
  read_ = end + 1;
  if (read_ == text_.size()) text_.clear(), read_ = searched_ = 0;
  return true;
}

// False: its standard output has ended.
bool Child::Fill(Duration wait) {
  pollfd ends[] = {{.fd = out_, .events = POLLIN, .revents = 0}, {.fd = err_, .events = POLLIN, .revents = 0}};
  if (poll(ends, 2, Clamped(wait)) <= 0) return true;
  if (ends[1].revents != 0) Listen();
  if (ends[0].revents == 0) return true;
  text_.erase(0, read_);
  searched_ -= std::min(searched_, read_);
  read_ = 0;
  const size_t before = text_.size();
  text_.resize(before + kReadBytes);
  const ssize_t count = read(out_, text_.data() + before, kReadBytes);
  text_.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

void Child::Listen() {
  char bytes[4096];
  ssize_t count = 0;
  while (err_ >= 0 && (count = read(err_, bytes, sizeof bytes)) > 0) {
    for (const char c : std::string_view(bytes, static_cast<size_t>(count))) {
      if (c == '\n') {
        Judge(std::exchange(complaint_, {}));
      } else if (complaint_.size() < kComplaintBytes) {
        complaint_ += c;
      }
    }
  }
  if (err_ >= 0 && count == 0) close(std::exchange(err_, -1));
}

void Child::Judge(std::string_view line) {
  const auto has = [line](std::string_view word) { return line.find(word) != std::string_view::npos; };
  ++complaints_.lines;
  if (has("CRITICAL") || has("ERROR") || has("FATAL") || has("Traceback")) {
    ++complaints_.errors;
  } else if (has("WARN")) {
    ++complaints_.warnings;
  }
}

}  // namespace freshet::singer
