#include "services/query/problem.h"

#include <nlohmann/json.hpp>

namespace freshet::query {

int HttpStatusOf(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kDocumentTooLarge:
      return 413;
    case Code::kBackpressure:
      return 429;
    case Code::kStale:
    case Code::kUnavailable:
    case Code::kLogUnavailable:
    case Code::kDiskFull:
      return 503;
    case Code::kTimeout:
      return 504;
    default:
      return 500;
  }
}

std::string ProblemJson(const Status& status, std::string_view trace_id, std::optional<int> http_status) {
  const std::string name(NameOf(status.code()));
  std::string_view title;
  for (const CodeRow& row : AllCodes()) {
    if (row.code == status.code()) title = row.meaning;
  }
  const nlohmann::json problem = {{"type", "urn:freshet:problem:" + name},
                                  {"title", title},
                                  {"status", http_status.value_or(HttpStatusOf(status.code()))},
                                  {"code", name},
                                  {"detail", status.message()},
                                  {"trace_id", trace_id}};
  return problem.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace freshet::query
