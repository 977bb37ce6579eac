#include "services/runtime/generation_builder.h"

#include <algorithm>

#include "common/store/recipe.h"
#include "schemas/codec.h"
#include "services/index/mutation_of.h"

namespace freshet {
namespace {

constexpr size_t kJobs = 16;  // waiting: more keep what has just changed waiting longer
constexpr size_t kJobsAStep = 4;
constexpr Duration kKeepEvery = std::chrono::seconds(1);  // a look for collections that have come
constexpr BackoffOptions kBackoff;

}  // namespace

std::string RecipeName(const model::Embedder& embedder, const chunk::ChunkOptions& chunk) {
  return std::string(embedder.name()) + " " + std::to_string(chunk.target_tokens) + "/" +
         std::to_string(chunk.max_tokens);
}

GenerationBuilder::GenerationBuilder(Parts parts) : parts_(std::move(parts)), backoff_(kBackoff, parts_.seed) {}

Result<std::unique_ptr<GenerationBuilder>> GenerationBuilder::Make(Parts parts) {
  std::unique_ptr<GenerationBuilder> builder(new GenerationBuilder(std::move(parts)));
  embed::EmbedOptions options = builder->parts_.embed;
  options.forward_without_vectors_after = 0;  // nobody waits: vectors are what this is for
  for (const GenerationRecipe& recipe : builder->parts_.recipes) {
    Maker maker{.recipe = recipe, .stage = std::make_unique<embed::EmbedStage>(options)};
    FRESHET_ASSIGN_OR_RETURN(maker.chunker, chunk::Chunker::Make(recipe.chunk, *recipe.tokens));
    builder->makers_.push_back(std::move(maker));
  }
  return builder;
}

bool GenerationBuilder::Makes(const std::string& recipe) const {
  return std::find(parts_.names.begin(), parts_.names.end(), recipe) != parts_.names.end();
}

Result<bool> GenerationBuilder::Tend(store::IndexStore& store) {
  RunWishes(store);
  FRESHET_ASSIGN_OR_RETURN(const bool changed, TakeIn(store));
  FRESHET_RETURN_IF_ERROR(AskForMore(store));
  return changed;
}

void GenerationBuilder::RunWishes(store::IndexStore& store) {
  std::vector<std::shared_ptr<Wish>> wishes;
  {
    const std::lock_guard lock(mutex_);
    wishes.swap(wishes_);
  }
  for (const auto& wish : wishes) wish->done.set_value(wish->work(store));
}

Status GenerationBuilder::OnWriter(const std::function<Status(store::IndexStore&)>& work, Duration patience) {
  const auto wish = std::make_shared<Wish>();
  wish->work = work;
  std::future<Status> done = wish->done.get_future();
  {
    const std::lock_guard lock(mutex_);
    wishes_.push_back(wish);
  }
  parts_.sink->Wake();
  if (done.wait_for(patience) == std::future_status::ready) return done.get();
  {
    const std::lock_guard lock(mutex_);
    if (std::erase(wishes_, wish) > 0) return Status(Code::kTimeout, "the index is busy");
  }
  return done.get();  // it is being run, and refers to what the caller has
}

// What fails to be written stays, and is tried again when the sink is.
Result<bool> GenerationBuilder::TakeIn(store::IndexStore& store) {
  {
    const std::lock_guard lock(mutex_);
    for (store::Mutation& mutation : made_) taking_in_.push_back(std::move(mutation));
    made_.clear();
  }
  if (taking_in_.empty()) return false;
  FRESHET_RETURN_IF_ERROR(store.generations().Derive(taking_in_, parts_.clock->Now()));
  taking_in_.clear();
  return true;
}

Status GenerationBuilder::AskForMore(store::IndexStore& store) {
  const Time now = parts_.clock->Now();
  if (IsDue(kept_at_ + kKeepEvery, now, kKeepEvery)) {
    kept_at_ = now;
    FRESHET_RETURN_IF_ERROR(parts_.index->KeepGenerations());
  }
  size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = jobs_.size() + under_way_ + made_.size();
  }
  if (waiting >= kJobs) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(std::vector<store::BehindDocument> behind, store.generations().TakeBehind(kJobs - waiting));
  if (behind.empty()) return OkStatus();
  {
    const std::lock_guard lock(mutex_);
    for (store::BehindDocument& document : behind) jobs_.push_back(std::move(document));
  }
  waker_.Wake();
  return OkStatus();
}

Result<bool> GenerationBuilder::Step() {
  if (!IsDue(retry_at_, parts_.clock->Now(), kBackoff.longest)) return false;
  std::deque<store::BehindDocument> jobs;
  {
    const std::lock_guard lock(mutex_);
    while (!jobs_.empty() && jobs.size() < kJobsAStep) {
      jobs.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    under_way_ = jobs.size();
  }
  if (jobs.empty()) return false;
  std::vector<store::Mutation> made;
  Status failed;
  while (!jobs.empty()) {
    Result<std::optional<store::Mutation>> mutation = Made(jobs.front());
    failed = mutation.status();
    if (!failed.ok()) break;
    if (*mutation) made.push_back(std::move(**mutation));
    jobs.pop_front();
  }
  {
    const std::lock_guard lock(mutex_);
    for (store::Mutation& mutation : made) made_.push_back(std::move(mutation));
    jobs_.insert(jobs_.begin(), std::move_iterator(jobs.begin()), std::move_iterator(jobs.end()));
    under_way_ = 0;
  }
  parts_.sink->Wake();
  if (failed.ok()) {
    backoff_.Reset();
    return true;
  }
  if (DispositionOf(failed.code()) != Disposition::kRetry) return failed;
  retry_at_ = parts_.clock->Now() + backoff_.Next();
  return false;
}

GenerationBuilder::Maker* GenerationBuilder::MakerOf(const std::string& recipe) {
  for (Maker& maker : makers_) {
    if (maker.recipe.name == store::BaseOf(recipe)) return &maker;
  }
  return nullptr;
}

Result<std::optional<CleanDocument>> GenerationBuilder::CleanOf(const store::BehindDocument& document) {
  FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(document.sealed));
  FRESHET_ASSIGN_OR_RETURN(CleanDocument clean, DecodeSealed(sealed, document.origin, *parts_.keys));
  const std::string_view wanted = store::PolicyOf(document.recipe);
  const std::string_view stamp = clean.policy();
  // The policy's name stands before the '@' of its stamp.
  if (wanted.empty() || parts_.reclean == nullptr || stamp.substr(0, stamp.find('@')) == wanted)
    return std::optional(std::move(clean));
  return parts_.reclean(document.origin, wanted);
}

Result<std::optional<store::Mutation>> GenerationBuilder::Made(const store::BehindDocument& document) {
  const Origin& origin = document.origin;
  const auto made = [&]() -> Result<std::optional<EmbeddedDocument>> {
    Maker* const maker = MakerOf(document.recipe);
    if (maker == nullptr) return Status(Code::kInternalError, "a recipe that nobody makes");
    FRESHET_ASSIGN_OR_RETURN(std::optional<CleanDocument> clean, CleanOf(document));
    if (!clean) return std::optional<EmbeddedDocument>();
    FRESHET_ASSIGN_OR_RETURN(EmbeddedDocument embedded, Embedded(*maker, origin, std::move(*clean)));
    return std::optional(std::move(embedded));
  }();
  if (!made.ok() && DispositionOf(made.code()) != Disposition::kSkip) return made.status();
  if (!made.ok()) {
    return std::optional(
        store::Mutation{.origin = origin, .change = store::SkipDocument{made.code(), freshet::Step::kIndex}});
  }
  if (!*made) return std::optional<store::Mutation>();
  const Arrival<EmbeddedDocument> arrival{{origin, **made}, {}};
  store::Mutation mutation = index::MutationOf(arrival, *parts_.keys, parts_.clock->Now());
  mutation.origin.generation = origin.generation;
  return std::optional(std::move(mutation));
}

Result<EmbeddedDocument> GenerationBuilder::Embedded(Maker& maker, const Origin& origin, CleanDocument clean) {
  FRESHET_ASSIGN_OR_RETURN(const ChunkedDocument chunked, maker.chunker->Chunked(clean));
  const embed::EmbedStage::Input input{origin, chunked};
  const embed::EmbedState state{
      .embedder = maker.recipe.embedder.get(), .cache = nullptr, .priority = model::Priority::kBackground};
  std::vector<Result<embed::EmbedStage::Outcome>> outcomes = maker.stage->Process({&input, 1}, state);
  FRESHET_RETURN_IF_ERROR(outcomes.front().status());
  if (const auto* skipped = std::get_if<Skipped>(&*outcomes.front())) return Status(skipped->code);
  return std::get<Forward<EmbeddedDocument>>(std::move(*outcomes.front())).body;
}

}  // namespace freshet
