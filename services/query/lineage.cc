#include "services/query/lineage.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/codec.h"

namespace freshet::query {
namespace {

using nlohmann::ordered_json;

std::string_view WhereOf(const store::StoredDocument& document) {
  switch (document.state) {
    case store::DocumentState::kSearchable:
    case store::DocumentState::kOutdated:
      return "searchable";
    case store::DocumentState::kWithheld:
      return "withheld";
    case store::DocumentState::kDeleted:
      return "deleted";
    case store::DocumentState::kSkipped:
      return "dead-lettered";
    case store::DocumentState::kPending:
      return "in flight";
  }
  return "in flight";
}

ordered_json StampsJson(const Origin& origin) {
  ordered_json stamps = {{"committed", FormatTime(origin.committed)}};
  for (size_t i = 0; i < kStepCount; ++i) {
    const Time stamp = origin.stamps[i];
    stamps[std::string(NameOf(static_cast<Step>(i)))] =
        stamp == Time{} ? ordered_json(nullptr) : ordered_json(FormatTime(stamp));
  }
  return stamps;
}

ordered_json DocumentJson(const store::StoredDocument& document, const KeyRing& keys) {
  const Origin& origin = document.origin;
  ordered_json object = {
      {"source", origin.source.value},
      {"collection", origin.collection.value},
      {"document_id", origin.document.value},
      {"where", WhereOf(document)},
      {"version", origin.version.ToString()},
      {"newest_version", document.newest.ToString()},
      {"revision", {{"deid_run", origin.revision.deid_run}, {"embed_run", origin.revision.embed_run}}},
      {"stamps", StampsJson(origin)},
      {"traceparent", origin.traceparent},
      {"model", document.model},
      {"generation", origin.generation},
      {"chunks", document.chunk_count}};
  object["outdated"] = document.state == store::DocumentState::kOutdated;
  object["skipped"] =
      document.skip_code == Code::kOk
          ? ordered_json(nullptr)
          : ordered_json({{"code", NameOf(document.skip_code)}, {"stage", NameOf(document.skip_stage)}});
  object["policy"] = nullptr;
  if (document.sealed.empty()) return object;
  const Result<SealedClean> sealed = DecodeSealedClean(document.sealed);
  if (!sealed.ok()) return object;
  const Result<CleanDocument> clean = DecodeSealed(*sealed, origin, keys);
  if (clean.ok()) object["policy"] = clean->policy();
  return object;
}

}  // namespace

bool IsOperator(const Caller& caller) {
  return std::find(caller.groups.begin(), caller.groups.end(), kOperatorGroup) != caller.groups.end();
}

Result<std::string> LineageJson(const QueryEngine& engine, const Caller& caller, const CollectionName& collection,
                                const DocumentId& document) {
  if (caller.tenant != engine.options().tenant)
    return Status(Code::kPermissionDenied, "this is another tenant's index");
  const auto view = engine.view();
  const store::Access access = engine.AccessOf(caller);
  ordered_json rows = ordered_json::array();
  for (const store::StoredDocument& row : view->Lookup(collection, document)) {
    const bool readable = row.ordinal && view->MayRead(collection, *row.ordinal, access);
    if (readable || IsOperator(caller)) rows.push_back(DocumentJson(row, engine.keys()));
  }
  if (rows.empty()) return Status(Code::kNotFound, "no document of this id that the caller may see");
  ordered_json object = rows[0];
  for (size_t i = 1; i < rows.size(); ++i) object["others"].push_back(rows[i]);
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace freshet::query
