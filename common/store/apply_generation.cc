// What is made for one generation of what another one has.
#include "common/store/apply.h"
#include "common/store/registers.h"

namespace freshet::store {
namespace {

// Everything but content is as where the content comes from, whatever of it came while this was being made.
void TakeRegisters(DocumentHead& head, const DocumentHead& from) {
  head.deletion = from.deletion;
  head.hold = from.hold;
  head.skip = from.skip;
  head.present = from.present;
}

}  // namespace

void Applier::Derive(const Mutation& mutation) {
  const Origin& origin = mutation.origin;
  Space* const space = state_.FindSpace(origin.collection, origin.generation);
  if (space == nullptr || !state_.source_numbers.contains(origin.source)) return;
  const SourceKey key = KeyOf(mutation);
  const Edition edition{origin.version, origin.revision};
  const DocumentHead* from = nullptr;  // that has just this content, and nobody a newer one
  for (const Space* other : state_.SpacesOf(origin.collection)) {
    const DocumentHead* const head = batch_.documents(*other).Find(key);
    if (head == nullptr || !head->has_content()) continue;
    if (head->content > edition) return;
    if (other != space && head->content == edition) from = head;
  }
  if (from == nullptr) return;
  const DocumentHead registers = *from;  // edits move what it points to
  const DocumentHead* const own = batch_.documents(*space).Find(key);
  if (own != nullptr && own->has_content() && own->content >= edition) return;
  if (const auto* skip = std::get_if<SkipDocument>(&mutation.change)) {
    if (own == nullptr || SkipWins(*own, edition)) {
      TakeSkip(batch_.documents(*space).Edit(key), {edition, skip->code, skip->stage});
    }
    return;
  }
  const auto* put = std::get_if<PutDocument>(&mutation.change);
  if (put == nullptr) return;
  TakeIn(*space, mutation, *put);
  TakeRegisters(batch_.documents(*space).Edit(key), registers);
}

bool Applier::IsMentionedElsewhere(const Space& space, const SourceKey& document, const Version& begin) {
  for (const Space* other : state_.SpacesOf(space.record.collection)) {
    if (other == &space) continue;
    const DocumentHead* const head = batch_.documents(*other).Find(document);
    if (head == nullptr) continue;
    if (head->present >= begin || (head->has_content() && head->content.version >= begin)) return true;
    if (head->skip != nullptr && head->skip->edition.version >= begin) return true;
  }
  return false;
}

}  // namespace freshet::store
