// freshet keys new
#include "common/crypto/keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <ostream>
#include <sstream>

#include "services/freshet/command.h"

namespace freshet {

struct KeysNewOptions {
  std::filesystem::path out;
  bool rotate = false;
};

template <>
struct OptionTable<KeysNewOptions> {
  using Options = KeysNewOptions;
  static constexpr auto fields = std::tuple{
      Field("out", &Options::out, "Write to this file, readable by its owner only; without it: to standard output."),
      Field("rotate", &Options::rotate,
            "The file exists: put the new key in front. The old ones stay, to open what they sealed.")};
};

namespace {

Status IoError(const std::filesystem::path& file, int error) {
  return Status(Code::kConfiguration, file.string() + ": " + std::strerror(error));
}

// The bytes under a new name that only the owner can read, synced, before the name changes: the file is never half
// written and never readable by others, not for a moment.
Status WriteOwnerOnly(const std::filesystem::path& file, const std::string& bytes) {
  const std::filesystem::path fresh = file.string() + ".new";
  const int descriptor = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return IoError(fresh, errno);
  size_t written = 0;
  int error = 0;
  while (written < bytes.size() && error == 0) {
    const ssize_t count = write(descriptor, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno != EINTR) error = errno;
    if (count > 0) written += static_cast<size_t>(count);
  }
  if (error == 0 && fsync(descriptor) != 0) error = errno;
  close(descriptor);
  if (error == 0 && rename(fresh.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) unlink(fresh.c_str());
  return error == 0 ? OkStatus() : IoError(file, error);
}

// The keys that stand in the file already; nothing where it is not there.
Result<std::string> OlderKeys(const KeysNewOptions& options) {
  std::error_code error;
  const bool exists = std::filesystem::exists(options.out, error);
  if (!exists && options.rotate) return Status(Code::kConfiguration, options.out.string() + ": nothing to rotate");
  if (!exists) return std::string();
  if (!options.rotate) {
    return Status(Code::kConfiguration, options.out.string() + ": exists; --rotate puts a new key in front");
  }
  std::ifstream stream(options.out, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) return Status(Code::kConfiguration, options.out.string() + ": cannot be read");
  FRESHET_RETURN_IF_ERROR(KeyRing::Parse(text.str()).status());
  return text.str();
}

ExitStatus RunKeysNew(const KeysNewOptions& options, Terminal& terminal) {
  std::string key = KeyRing::NewKeyLine();
  if (!key.ends_with('\n')) key += '\n';
  if (options.out.empty()) {
    if (options.rotate) return Fail(Status(Code::kInvalidArgument, "--rotate needs --out"), terminal);
    terminal.out << key;
    return ExitStatus::kDone;
  }
  const Result<std::string> older = OlderKeys(options);
  if (!older.ok()) return Fail(older.status(), terminal);
  const Status written = WriteOwnerOnly(options.out, key + *older);
  if (!written.ok()) return Fail(written, terminal);
  terminal.err << "Wrote " << options.out.string() << ". Keep a copy: what it sealed cannot be opened without it.\n";
  return ExitStatus::kDone;
}

}  // namespace

CommandBody KeysNewCommand() { return BodyOf<&RunKeysNew>(); }

}  // namespace freshet
