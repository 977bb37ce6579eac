#include "connectors/push/problem.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

namespace freshet::push {
namespace {

int HttpStatusOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kNotFound:
      return 404;
    case Code::kDocumentTooLarge:
      return 413;
    case Code::kUnsupportedMediaType:
      return 415;
    case Code::kInternalError:
      return 500;
    default:
      return 503;
  }
}

}  // namespace

void WriteProblem(const Status& status, const ProblemOptions& options, httplib::Response& response) {
  const std::string name(NameOf(status.code()));
  response.status = options.http == 0 ? HttpStatusOf(status.code()) : options.http;
  const nlohmann::ordered_json problem = {{"type", "urn:freshet:problem:" + name},
                                          {"title", name},
                                          {"status", response.status},
                                          {"code", name},
                                          {"detail", status.message()}};
  response.set_content(problem.dump(), "application/problem+json");
  if (response.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  if (response.status == 405) response.set_header("Allow", "POST");
  if (response.status != 503) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.retry_after).count();
  response.set_header("Retry-After", std::to_string(seconds));
}

}  // namespace freshet::push
