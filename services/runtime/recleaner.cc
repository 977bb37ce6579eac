#include "services/runtime/recleaner.h"

#include "services/deid/residual.h"

namespace freshet {

std::shared_ptr<const deid::Policy> PolicyNamed(const RuntimeOptions& options, const CollectionName& collection,
                                                std::string_view name) {
  for (const auto* const policies : {&options.policies, &options.beside_policies}) {
    const auto policy = policies->find(collection);
    if (policy != policies->end() && policy->second->name == name) return policy->second;
  }
  const bool has_none = !options.policies.contains(collection);
  return has_none && deid::DefaultPolicy()->name == name ? deid::DefaultPolicy() : nullptr;
}

Result<std::optional<CleanDocument>> Recleaner::Clean(const Origin& origin, std::string_view policy_name) {
  const auto policy = PolicyNamed(context_.options, origin.collection, policy_name);
  if (policy == nullptr) return Status(Code::kInternalError, "a policy that the collection does not have");
  if (!stores_.whole()) return Status(Code::kUnavailable, "originals and roster are being read");
  FRESHET_ASSIGN_OR_RETURN(const auto original, stores_.originals.Load(KeyOf(origin)));
  if (original && original->first.version > origin.version) return std::optional<CleanDocument>();
  if (!original || original->first.version != origin.version) return Status(Code::kExpired, "no original is kept");
  if (stage_ == nullptr) {
    FRESHET_ASSIGN_OR_RETURN(stage_, deid::Deid::Make());
  }
  const deid::DeidState state{
      .policies = {{origin.collection, policy}}, .roster = stores_.roster.Get(), .keys = context_.parts.keys};
  const deid::Deid::Input input{origin, original->second};
  auto outcomes = stage_->Process({&input, 1}, state);
  FRESHET_RETURN_IF_ERROR(outcomes[0].status());
  if (const auto* const skipped = std::get_if<Skipped>(&*outcomes[0])) return Status(skipped->code);
  CleanDocument clean = std::get<Forward<CleanDocument>>(std::move(*outcomes[0])).body;
  FRESHET_RETURN_IF_ERROR(deid::ScanResidue(clean, origin.source, *policy, state.roster.get()));
  return std::optional(std::move(clean));
}

}  // namespace freshet
