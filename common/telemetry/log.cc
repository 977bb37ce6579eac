#include "common/telemetry/log.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>

#include "common/base/utf8.h"

namespace freshet {
namespace {

constexpr size_t kMostValueBytes = 256;
constexpr uint32_t kMostRepeats = 10;
constexpr Duration kRepeatWindow = std::chrono::seconds(10);

constexpr std::string_view kLevelNames[] = {"DEBUG", "INFO", "WARNING", "ERROR", "NONE"};

std::string_view NameOfLevel(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  static constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                         spdlog::level::err, spdlog::level::off};
  return kLevels[static_cast<size_t>(level)];
}

std::string Shortened(const std::string& value) {
  if (!IsValidUtf8(value)) return "(not UTF-8)";
  if (value.size() <= kMostValueBytes) return value;
  size_t end = kMostValueBytes;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) --end;
  return value.substr(0, end) + "…";
}

// JSON's rules (RFC 8259, section 7), so that no value can end its line or look like another field.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      static constexpr char kHex[] = "0123456789abcdef";
      out.append("\\u00").append(1, kHex[(c >> 4) & 0xf]).append(1, kHex[c & 0xf]);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
  }
  return false;
}

std::string TextLine(Time now, LogLevel level, std::string_view sentence, LogFields fields, uint64_t repeated) {
  std::string line = FormatTime(now);
  line.append(" ").append(NameOfLevel(level)).append(" ").append(sentence);
  for (const LogField& field : fields) {
    const std::string value = Shortened(field.value());
    line.append(" ").append(field.key()).append("=").append(NeedsQuotes(value) ? Quoted(value) : value);
  }
  if (repeated > 0) line.append(" repeated=").append(std::to_string(repeated));
  return line;
}

std::string JsonLine(Time now, LogLevel level, std::string_view sentence, LogFields fields, uint64_t repeated) {
  std::string line = "{\"time\":" + Quoted(FormatTime(now)) + ",\"level\":" + Quoted(NameOfLevel(level)) +
                     ",\"message\":" + Quoted(sentence);
  for (const LogField& field : fields) {
    line.append(",").append(Quoted(field.key())).append(":");
    line.append(field.is_text() ? Quoted(Shortened(field.value())) : field.value());
  }
  if (repeated > 0) line.append(",\"repeated\":").append(std::to_string(repeated));
  return line + "}";
}

// How often each sentence came lately. Sentences are literals, so there are only so many.
class RepeatLimit {
 public:
  // True where the line is to be written; `repeated` then is how many were held back before it.
  bool Admit(Time now, std::string_view sentence, uint64_t& repeated) {
    std::lock_guard lock(mutex_);
    Recent& recent = recent_[sentence];
    if (now - recent.began >= kRepeatWindow || now < recent.began) {
      repeated = std::exchange(recent.held_back, 0);
      recent.began = now;
      recent.written = 1;
      return true;
    }
    if (recent.written < kMostRepeats) {
      ++recent.written;
      return true;
    }
    ++recent.held_back;
    return false;
  }

 private:
  struct Recent {
    Time began;
    uint32_t written = 0;
    uint64_t held_back = 0;
  };
  std::mutex mutex_;
  std::map<std::string_view, Recent> recent_;
};

std::shared_ptr<spdlog::sinks::sink> SinkFor(std::ostream* out) {
  if (out != nullptr) return std::make_shared<spdlog::sinks::ostream_sink_mt>(*out, true);
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace

LogField::LogField(LogKey key, double number) : LogField(key, std::string(), false) {
  char buffer[32];
  value_.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  is_text_ = !std::isfinite(number);
}

struct Logger::State {
  explicit State(std::ostream* out) : logger("freshet", SinkFor(out)) {}
  spdlog::logger logger;
  std::atomic<LogFormat> format{LogFormat::kText};
  RepeatLimit limit;
};

Logger::Logger(LogOptions options, std::ostream* out) : state_(std::make_unique<State>(out)) {
  state_->logger.set_pattern("%v");
  state_->logger.flush_on(spdlog::level::debug);
  Configure(options);
}

Logger::~Logger() = default;

void Logger::Configure(LogOptions options) {
  state_->format = options.format;
  state_->logger.set_level(SpdlogLevel(options.level));
}

bool Logger::Takes(LogLevel level) const {
  return level != LogLevel::kNone && state_->logger.should_log(SpdlogLevel(level));
}

void Logger::Write(Time now, LogLevel level, LogSentence sentence, LogFields fields) {
  uint64_t repeated = 0;
  if (!Takes(level) || !state_->limit.Admit(now, sentence.text(), repeated)) return;
  const auto format = state_->format == LogFormat::kJson ? JsonLine : TextLine;
  const std::string line = format(now, level, sentence.text(), fields, repeated);
  state_->logger.log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

Logger& ProcessLogger() {
  static Logger logger{LogOptions{}};
  return logger;
}

void ConfigureLogging(LogOptions options) { ProcessLogger().Configure(options); }

void Log(LogLevel level, LogSentence sentence, LogFields fields) {
  ProcessLogger().Write(SystemClock().Now(), level, sentence, fields);
}

}  // namespace freshet
