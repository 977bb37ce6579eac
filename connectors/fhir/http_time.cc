#include "connectors/fhir/http_time.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace freshet::fhir {
namespace {

constexpr Duration kMostPause = std::chrono::hours(1);

}  // namespace

std::optional<Time> ReadHttpDate(const std::string& text) {
  // IMF-fixdate, RFC 850, asctime.
  for (const char* const form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* const end = strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return Time(std::chrono::seconds(timegm(&parts)));
  }
  return std::nullopt;
}

std::optional<Duration> ReadRetryAfter(const std::string& text, std::optional<Time> answered) {
  uint32_t seconds = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && next == text.data() + text.size()) {
    return std::min<Duration>(std::chrono::seconds(seconds), kMostPause);
  }
  const std::optional<Time> then = ReadHttpDate(text);
  if (!then) return std::nullopt;
  const Duration wait = *then - answered.value_or(SystemClock().Now());
  return std::clamp<Duration>(wait, Duration(0), kMostPause);
}

}  // namespace freshet::fhir
