#include "services/runtime/review.h"

namespace freshet {

Review::Review(const HopContext& context, Stores stores)
    : keys_(context.parts.keys), policies_(context.options.policies), stores_(stores), rerunner_(context) {}
Review::~Review() = default;

Result<deid::Held> Review::FindHeld(const CollectionName& collection, const DocumentId& document) const {
  for (deid::Held& held : stores_.quarantine.List()) {
    if (held.origin.collection == collection && held.origin.document == document) return std::move(held);
  }
  return Status(Code::kNotFound, "no document of this id is in quarantine");
}

Result<Review::Kept> Review::OriginalOf(const deid::Held& held) const {
  FRESHET_ASSIGN_OR_RETURN(auto original, stores_.originals.Load(KeyOf(held.origin)));
  if (!original || original->first.version != held.origin.version) {
    return Status(Code::kNotFound, "the original of this version is not kept any more");
  }
  original->first.revision = held.origin.revision;
  return std::move(*original);
}

Result<Review::Shown> Review::Show(const CollectionName& collection, const DocumentId& document) {
  FRESHET_ASSIGN_OR_RETURN(deid::Held held, FindHeld(collection, document));
  FRESHET_ASSIGN_OR_RETURN(const Kept original, OriginalOf(held));
  const deid::DeidState state{.policies = policies_, .roster = stores_.roster.Get(), .keys = keys_};
  const std::lock_guard lock(stage_mutex_);
  if (stage_ == nullptr) {
    FRESHET_ASSIGN_OR_RETURN(stage_, deid::Deid::Make());
  }
  FRESHET_ASSIGN_OR_RETURN(deid::Explanation why, stage_->ExplainText({original.first, original.second}, state));
  return Shown{std::move(held), std::move(why)};
}

Status Review::RunAgain(const deid::Held& held) const {
  FRESHET_ASSIGN_OR_RETURN(const Kept original, OriginalOf(held));
  return rerunner_.Run(original.first, original.second);
}

Result<deid::Held> Review::Release(const DocumentKey& document, const Version& version,
                                   const deid::Reviewer& reviewer) {
  FRESHET_RETURN_IF_ERROR(stores_.quarantine.Release(document, version, reviewer));
  const std::optional<deid::Held> held = stores_.quarantine.Find(document);
  if (!held) return Status(Code::kNotFound, "the document was deleted meanwhile");
  FRESHET_RETURN_IF_ERROR(RunAgain(*held));
  return *held;
}

Result<deid::Held> Review::Rerun(const DocumentKey& document) {
  const std::optional<deid::Held> held = stores_.quarantine.Find(document);
  if (!held) return Status(Code::kNotFound, "no document of this id is in quarantine");
  FRESHET_RETURN_IF_ERROR(RunAgain(*held));
  return *held;
}

}  // namespace freshet
