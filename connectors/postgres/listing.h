// Which documents a server has now: the ids alone, by queries that change nothing there and need neither slot nor
// publication.
//
//   ListDocuments(connection, mapping, [&](const std::string& id) { ids.insert(id); return OkStatus(); });
//
// All tables as of one moment; a row at a time is in memory. What the mapping says is no document (`where`,
// `entered_in_error`, no value in a column of the id) is not listed. Codes: SqlClient's; configuration where a column
// of the mapping is not there; what `take` says. One thread.
#pragma once

#include <functional>

#include "connectors/rows/mapping.h"

namespace freshet::postgres {

using TakeId = std::function<Status(const std::string& id)>;

Status ListDocuments(const std::string& connection, const rows::Mapping& mapping, const TakeId& take);

}  // namespace freshet::postgres
