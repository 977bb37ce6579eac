// What every command of an operator needs to reach the query service, and how it asks it.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/answer.h"
#include "services/freshet/http.h"

namespace freshet {

// The fields that such a command's table ends with: services/freshet/dead_letters.cc shows how.
template <class Options>
constexpr auto OperatorFields() {
  return std::tuple{Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
                    Field("token", &Options::token, "An operator's; ${ENV:NAME} or ${FILE:path} keeps it out of ps.")
                        .Required()
                        .Secret(),
                    Field("json", &Options::json, "The answer as it is: one JSON value.")};
}

inline ExitStatus AlwaysDone(const nlohmann::json&) { return ExitStatus::kDone; }

// Prints the answer as it is where --json asks for it, else what `tell` makes of it; `judge` says how to exit.
template <class Options, class Tell, class Judge = ExitStatus (*)(const nlohmann::json&)>
ExitStatus Show(const Options& options, Terminal& terminal, const Result<std::string>& body, Tell tell,
                Judge judge = &AlwaysDone) {
  if (!body.ok()) return FailCall(body.status(), options.json, terminal);
  const Result<nlohmann::json> answer = ParseAnswer(*body);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << *body << "\n";
  } else {
    tell(*answer);
  }
  return judge(*answer);
}

inline std::string Dump(const nlohmann::json& request) {
  return request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// For a path or a query: everything but letters, digits and "-._~" as %XX (RFC 3986, 2.1); a slash only where `slash`.
std::string Escaped(std::string_view text, bool slash = false);

}  // namespace freshet
