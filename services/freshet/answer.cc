#include "services/freshet/answer.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/paint.h"

namespace freshet {

using Json = nlohmann::json;

const Json& PartAt(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string TextAt(const Json& object, const char* key) {
  const Json& part = PartAt(object, key);
  return part.is_string() ? part.get<std::string>() : std::string();
}

std::optional<double> NumberAt(const Json& object, const char* key) {
  const Json& part = PartAt(object, key);
  if (!part.is_number()) return std::nullopt;
  return part.get<double>();
}

std::string MillisAt(const Json& object, const char* key) {
  const auto number = NumberAt(object, key);
  return number ? SpokenMillis(*number) : "-";
}

ExitStatus FailCall(const Status& status, bool json, Terminal& terminal) {
  if (json) {
    const Json problem = {{"code", NameOf(status.code())}, {"detail", status.message()}};
    terminal.out << problem.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  }
  return Fail(Status(status.code(), Printable(status.message())), terminal);
}

Result<Json> ParseAnswer(const std::string& body) {
  Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return Status(Code::kUnavailable, "the answer is no JSON object: is this Freshet's URL?");
  return answer;
}

}  // namespace freshet
