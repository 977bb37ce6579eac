#include "connectors/kit/model_sink.h"

namespace freshet::kit {
namespace {

std::string TextOf(const Listed& listed) {
  std::string text = listed.principal.value;
  if (listed.period.from != Period().from) text += " from " + FormatTime(listed.period.from);
  if (listed.period.until != Period().until) text += " until " + FormatTime(listed.period.until);
  return text;
}

}  // namespace

void ModelSink::Apply(const ChangeEvent& event) {
  const Version& version = event.origin.version;
  if (const auto* edge = std::get_if<SnapshotEdge>(&event.change)) {
    if (edge->side == SnapshotEdge::Side::kEnd) EndSnapshot(edge->begin_version);
  } else if (const auto* access = std::get_if<AccessChange>(&event.change)) {
    Scope& scope = scopes[access->scope.value];
    if (scope.version < version) scope = {version, *access};
  } else if (const auto* identity = std::get_if<IdentityChange>(&event.change)) {
    const std::string key = identity->patient.value + " " + identity->identity;
    if (identity_versions_[key] < version) identities[key] = *identity;
    identity_versions_[key] = std::max(identity_versions_[key], version);
  } else if (const auto* upsert = std::get_if<Upsert>(&event.change)) {
    ApplyUpsert(documents[event.origin.document.value], version, *upsert);
  } else if (std::holds_alternative<Delete>(event.change)) {
    Erase(documents[event.origin.document.value], version);
  } else if (std::holds_alternative<Present>(event.change)) {
    Document& document = documents[event.origin.document.value];
    document.present = std::max(document.present, version);
  } else if (std::holds_alternative<Withhold>(event.change)) {
    Document& document = documents[event.origin.document.value];
    document.withheld = std::max(document.withheld, version);
  }
}

void ModelSink::ApplyUpsert(Document& document, const Version& version, const Upsert& upsert) {
  if (version <= document.content_version || version <= document.deleted) return;
  // A straggler from before a snapshot that has ended, and did not see it.
  if (version < ended_ && document.present < ended_) return;
  document.content_version = version;
  document.upsert = upsert;
  document.has_content = true;
}

void ModelSink::Erase(Document& document, const Version& version) {
  document.deleted = std::max(document.deleted, version);
  if (document.content_version <= version) document.has_content = false;
}

void ModelSink::EndSnapshot(const Version& begin) {
  ended_ = std::max(ended_, begin);
  for (auto& [id, document] : documents) {
    if (document.content_version < begin && document.present < begin) Erase(document, begin);
  }
}

std::map<std::string, std::string> ModelSink::Contents() const {
  std::map<std::string, std::string> contents;
  for (const auto& [id, document] : documents) {
    if (!document.has_content || document.content_version <= document.withheld) continue;
    const bool refused = document.upsert.refused != Code::kOk;
    contents[id] = refused ? "!" + std::string(NameOf(document.upsert.refused)) : document.upsert.content;
  }
  return contents;
}

std::string ModelSink::Access(const std::string& scope) const {
  const auto found = scopes.find(scope);
  if (found == scopes.end() || found->second.change.removed || found->second.change.allow.empty()) return "";
  std::string text = "allow";
  for (const Listed& listed : found->second.change.allow) text += " " + TextOf(listed);
  if (!found->second.change.deny.empty()) text += " deny";
  for (const Listed& listed : found->second.change.deny) text += " " + TextOf(listed);
  return text;
}

std::string ModelSink::Readers(const std::string& document) const {
  const auto found = documents.find(document);
  return found == documents.end() ? "" : Access(found->second.upsert.access_scope.value);
}

}  // namespace freshet::kit
