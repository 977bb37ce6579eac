#include "services/query/query.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "schemas/opaque_patient.h"
#include "services/query/query_work.h"

namespace freshet::query {

QueryEngine::QueryEngine(QueryEngineOptions options, CurrentView view, const KeyRing& keys,
                         std::shared_ptr<const model::Embedder> embedder, const Clock& clock)
    : options_(std::move(options)),
      view_(std::move(view)),
      keys_(keys),
      embedder_(std::move(embedder)),
      clock_(clock) {}

store::Access QueryEngine::AccessOf(const Caller& caller) const {
  store::Access access{.now = clock_.Now()};
  for (const Principal& principal : caller.principals()) access.principals.insert(principal);
  for (const SourceInfo& source : options_.sources) access.max_staleness[source.name] = source.access_max_staleness;
  return access;
}

std::map<CollectionName, std::string> QueryEngine::PoliciesOf(const store::View& view) const {
  std::map<CollectionName, std::string> policies = options_.policies;
  if (options_.policy_of == nullptr) return policies;
  for (auto& [collection, policy] : policies) {
    std::string own = options_.policy_of(collection, view.Generation(collection));
    if (!own.empty()) policy = std::move(own);
  }
  return policies;
}

Result<SearchResponse> QueryEngine::Search(const Caller& caller, const SearchRequest& request,
                                           std::string trace_id) const {
  const auto begin = std::chrono::steady_clock::now();
  if (caller.tenant != options_.tenant) return Status(Code::kPermissionDenied, "this is another tenant's index");
  Work work{.view = view_(), .access = AccessOf(caller)};
  work.response.trace_id = std::move(trace_id);
  if (request.after) FRESHET_RETURN_IF_ERROR(AwaitVersion(*request.after, work));
  FRESHET_ASSIGN_OR_RETURN(work.collections, CollectionsOf(request));
  FRESHET_RETURN_IF_ERROR(ReadPatients(request, work));
  work.access.now = clock_.Now();
  work.response.now = work.access.now;
  FillFreshness(work);
  FRESHET_RETURN_IF_ERROR(CheckStaleness(request, work.response));
  work.policies = PoliciesOf(*work.view);
  work.passages.emplace(Passages::Parts{.view = *work.view,
                                        .access = work.access,
                                        .keys = keys_,
                                        .collections = work.collections,
                                        .policies = work.policies});
  RunSearches(request, work);
  Resolve(request, work);
  work.response.took_ms.emplace_back(
      "total", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  return std::move(work.response);
}

// A collection that the configuration names may have no document yet, and is no mistake of the caller's.
Result<std::vector<CollectionName>> QueryEngine::CollectionsOf(const SearchRequest& request) const {
  std::set<CollectionName> known;
  for (const SourceInfo& source : options_.sources) known.insert(source.collection);
  if (request.collections.empty()) return std::vector<CollectionName>(known.begin(), known.end());
  std::vector<CollectionName> named;
  for (const CollectionName& name : request.collections) {
    if (!known.contains(name)) return Status(Code::kNotFound, "a collection of the request is not known");
    if (std::find(named.begin(), named.end(), name) == named.end()) named.push_back(name);
  }
  return named;
}

// What the caller may not read is not there, or asking after it would tell that it is: nor is what has been deleted,
// as nobody knows any more whose it was.
Status QueryEngine::AwaitVersion(const VersionToken& token, Work& work) const {
  constexpr auto kPause = std::chrono::milliseconds(1);
  for (Duration waited{};; waited += kPause) {
    for (const store::StoredDocument& document :
         work.view->Lookup(token.document.collection, token.document.document)) {
      const bool same =
          document.origin.source == token.document.source && document.state != store::DocumentState::kPending;
      const bool readable =
          document.ordinal && work.view->MayRead(token.document.collection, *document.ordinal, work.access);
      if (same && readable && std::max(document.newest, document.origin.version) >= token.version) return OkStatus();
    }
    if (waited >= options_.after_wait) return Status(Code::kTimeout, "the version of `after` is not searchable yet");
    std::this_thread::sleep_for(kPause);
    work.view = view_();
    work.access.now = clock_.Now();
  }
}

// A caller names a patient as the source does; an attribute of that name that a source gives is asked for too.
Status QueryEngine::ReadPatients(const SearchRequest& request, Work& work) const {
  work.filters = request.filters;
  const auto patients = work.filters.attributes.find(std::string(kPatientFilter));
  if (patients == work.filters.attributes.end()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(keys_.Require({KeyPurpose::kId}));
  std::vector<std::string> opaque;
  for (const std::string& native : patients->second) opaque.push_back(OpaquePatient(keys_, PatientId(native)).value);
  std::move(opaque.begin(), opaque.end(), std::back_inserter(patients->second));
  return OkStatus();
}

}  // namespace freshet::query
