#include "services/deid/document_names.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

std::string_view LastPart(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view Stem(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}

// "%20" as a blank: URIs write names so.
std::string Unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size() ? FromHex(text.substr(i + 1, 2))
                                                            : Result<std::string>(std::string(1, text[i]));
    if (!byte.ok()) {
      out += text[i];
      continue;
    }
    out += *byte;
    if (text[i] == '%' && i + 2 < text.size()) i += 2;
  }
  return out;
}

std::vector<std::string> NamesOf(const Upsert& upsert) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  for (const std::string& path : {upsert.native_id, Unescaped(upsert.uri)}) {
    const std::string_view last = LastPart(path);
    add(last);
    add(Stem(last));
  }
  add(upsert.native_id);
  return names;
}

}  // namespace

IdentityForms NamesOfDocument(const Upsert& upsert) { return FormsOfLiterals(NamesOf(upsert), upsert.patients); }

bool IsNameOfDocument(const Upsert& upsert, std::string_view text) {
  const std::vector<std::string> names = NamesOf(upsert);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return EqualsIgnoringCase(name, text); });
}

Status CheckPatients(const CleanJob& job) {
  if (!job.policy.cleans || job.policy.unknown_patient == UnknownPatient::kProceed) return OkStatus();
  for (const PatientId& patient : job.context.patients) {
    if (job.context.roster == nullptr || !job.context.roster->Knows(job.context.source, patient)) {
      return Status(Code::kQuarantined, "A patient of the document is not in the roster.");
    }
  }
  return OkStatus();
}

}  // namespace freshet::deid
