// From a CloudEvent to a change. What an event says is its `type`:
//
//   FRESHET_ASSIGN_OR_RETURN(ChangeEvent change, DecodeEvent(event));
//
//   type                               subject    data
//   org.freshet.document.upserted.v1   document   the document whole, of datacontenttype; extensions: title, uri,
//   scope,
//                                                 patients (separated by blanks), effective, attr<name>
//   org.freshet.document.deleted.v1    document   none; extension: reason (deleted, enteredinerror, retention)
//   org.freshet.access.changed.v1      scope      {"allow": ["group:staff"], "deny": []}: the whole list
//   org.freshet.group.changed.v1       group:x    {"members": ["user:ada"]}: all of them
//   org.freshet.patient.changed.v1     patient    one identity, whole: {"identity", "retracted", "names": [{"given":
//   [],
//                                                 "family", "prefix", "suffix"}], "identifiers": [{"kind", "value"}],
//                                                 "birth_date", "addresses": [], "telecoms": [], "merged_into",
//                                                 "unmerged_from"}
//
// `time` orders: the version is (1, time in microseconds, extension `sequence`, else 0 for the caller to fill), so that
// an event that comes late, or twice, never wins over one of a later time. Codes: invalid_argument (with what is
// wrong), unsupported_media_type (a patch). Messages name members, never values. Pure functions: any thread.
#pragma once

#include "connectors/push/cloud_event.h"
#include "schemas/change.h"

namespace freshet::push {

Result<ChangeEvent> DecodeEvent(const CloudEvent& event);

}  // namespace freshet::push
