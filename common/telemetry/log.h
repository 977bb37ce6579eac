// Log lines: a sentence and key=value fields, to standard error.
//
//   Log(LogLevel::kWarning, "Connector stopped.", {{"source", source}, {"error", status}});
//   2026-01-31T09:30:00.125Z WARNING Connector stopped. source=policies error="timeout: 5s"
//
// Only coordinates go into a line, and that is checked when it is compiled: the sentence must be a literal
// (capitalised, with a full stop), a field's name a literal in lower case, and its value a strong id, a number, a
// duration, a time, a code, a status, a version, something with a NameOf, or text that its writer calls a Coordinate.
// Patient ids do not compile. A sentence that comes more than 10 times in 10 s is held back, and the next one let
// through says `repeated=<how many>`. Any thread.
#pragma once

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/base/version.h"

namespace freshet {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kNone };
enum class LogFormat : uint8_t { kText, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

// A literal that is one sentence.
class LogSentence {
 public:
  template <size_t N>
  consteval LogSentence(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT: implicit by design
    if (N < 3 || text[0] < 'A' || text[0] > 'Z') throw "a log sentence begins with a capital letter";
    if (text[N - 2] != '.') throw "a log sentence ends with a full stop";
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A literal name of a field: lower-case letters and '_'.
class LogKey {
 public:
  template <size_t N>
  consteval LogKey(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT: implicit by design
    for (const char c : text_) {
      if ((c < 'a' || c > 'z') && c != '_') throw "a log field's name is lower-case letters and '_'";
    }
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Says that this text is a coordinate (a topic, a path of ours, an address) and holds nothing of a document.
struct Coordinate {
  explicit Coordinate(std::string_view text) : text(text) {}
  std::string_view text;
};

template <class T>
concept HasName = requires(T value) {
  { NameOf(value) } -> std::convertible_to<std::string_view>;
};

class LogField {
 public:
  template <class Tag>
  LogField(LogKey key, const StrongString<Tag>& id) : LogField(key, id.value, true) {}
  LogField(LogKey key, const PatientId& id) = delete;
  template <class Tag, class Number>
  LogField(LogKey key, const StrongNumber<Tag, Number>& number) : LogField(key, std::to_string(number.value), false) {}
  // Not by a plain `bool`: a pointer would become one.
  LogField(LogKey key, std::integral auto number) : LogField(key, TextOf(number), false) {}
  LogField(LogKey key, double number);
  LogField(LogKey key, Duration duration) : LogField(key, FormatDuration(duration), true) {}
  LogField(LogKey key, Time time) : LogField(key, FormatTime(time), true) {}
  LogField(LogKey key, const Status& status) : LogField(key, status.ToString(), true) {}
  LogField(LogKey key, const Version& version) : LogField(key, version.ToString(), true) {}
  LogField(LogKey key, Coordinate coordinate) : LogField(key, std::string(coordinate.text), true) {}
  LogField(LogKey key, HasName auto value) : LogField(key, std::string(NameOf(value)), true) {}

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }
  bool is_text() const { return is_text_; }

 private:
  static std::string TextOf(std::integral auto number) {
    if constexpr (std::same_as<decltype(number), bool>) return number ? "true" : "false";
    return std::to_string(number);
  }
  LogField(LogKey key, std::string value, bool is_text)
      : key_(key.text()), value_(std::move(value)), is_text_(is_text) {}

  std::string_view key_;
  std::string value_;
  bool is_text_;
};

using LogFields = std::initializer_list<LogField>;

// Where lines go. The process has one (ProcessLogger); tests make their own.
class Logger {
 public:
  // To a stream that outlives the logger; nothing: standard error.
  explicit Logger(LogOptions options, std::ostream* out = nullptr);
  ~Logger();

  void Write(Time now, LogLevel level, LogSentence sentence, LogFields fields);
  void Configure(LogOptions options);
  bool Takes(LogLevel level) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Logger& ProcessLogger();
void ConfigureLogging(LogOptions options);
// A line of the process's log, now.
void Log(LogLevel level, LogSentence sentence, LogFields fields = {});

}  // namespace freshet
