// Reading an answer of the HTTP interface leniently: what is not there is empty, so that an older client can show what
// a newer server says. And the options and endings that all callers of it share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "services/freshet/command.h"

namespace freshet {

std::string TextAt(const nlohmann::json& object, const char* key);
std::optional<double> NumberAt(const nlohmann::json& object, const char* key);
// An object or array at the key; an empty one where there is none.
const nlohmann::json& PartAt(const nlohmann::json& object, const char* key);
// "12.3 ms", or "-" where there is no number.
std::string MillisAt(const nlohmann::json& object, const char* key);

// With `json`, also prints {"code", "detail"}, so that standard output is one JSON value whatever happened.
ExitStatus FailCall(const Status& status, bool json, Terminal& terminal);

// The body as JSON; unavailable where the server answered something else.
Result<nlohmann::json> ParseAnswer(const std::string& body);

}  // namespace freshet
