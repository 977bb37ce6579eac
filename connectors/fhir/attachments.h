// Attachments that stand elsewhere: fetched and put into their resource as `data`, so that one version of a document is
// one whole.
//
//   FRESHET_ASSIGN_OR_RETURN(std::string whole, WithAttachments(json, {.most_bytes = 12 << 20, .read = read}));
//
// Of DocumentReference.content[].attachment and DiagnosticReport.presentedForm[] those that have a url and no data, and
// are no image, sound or film. Codes: document_too_large (with them over the limit), malformed_document (the server
// says that there is no such attachment, or that nobody may have it); what `read` says besides, to try again. Any
// thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::fhir {

struct AttachmentRules {
  size_t most_bytes = 0;
  // The bytes of an attachment by its url and media type, at most so many. not_found: it is not to be had.
  std::function<Result<std::string>(const std::string& url, const std::string& type, size_t most)> read;
};

Result<std::string> WithAttachments(std::string json, const AttachmentRules& rules);

}  // namespace freshet::fhir
