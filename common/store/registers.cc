#include "common/store/registers.h"

#include <algorithm>
#include <tuple>

namespace freshet::store {
namespace {

bool IsDeletedAt(const DocumentHead& head, const Version& version) {
  return head.deletion != nullptr && version <= head.deletion->version;
}

bool IsWithheld(const DocumentHead& head, const Edition& content) {
  if (head.hold == nullptr || !head.hold->withheld) return false;
  // The embedding run does not count: embedding anew what was found to be flawed does not mend it.
  return std::tie(content.version, content.revision.deid_run) <= std::tie(head.hold->version, head.hold->deid_run);
}

bool IsOutdated(const DocumentHead& head, const Edition& content) {
  return head.skip != nullptr && head.skip->edition > content;
}

}  // namespace

bool ContentWins(const DocumentHead& head, const Edition& edition) {
  if (IsDeletedAt(head, edition.version)) return false;
  return !head.has_content() || edition > head.content;
}

bool SkipWins(const DocumentHead& head, const Edition& edition) {
  if (!ContentWins(head, edition)) return false;
  return head.skip == nullptr || edition > head.skip->edition;
}

bool DeleteWins(const DocumentHead& head, const Version& version) {
  if (IsDeletedAt(head, version)) return false;
  return !head.has_content() || version >= head.content.version;
}

bool HoldWins(const DocumentHead& head, const Hold& hold) {
  if (head.hold == nullptr) return true;
  // At one edition a release comes after the withhold that it answers.
  const auto rank = [](const Hold& of) { return std::tuple(of.version, of.deid_run, !of.withheld); };
  return rank(hold) > rank(*head.hold);
}

void TakeSkip(DocumentHead& head, const Skip& skip) { head.skip = std::make_shared<const Skip>(skip); }

void TakeDelete(DocumentHead& head, const Deletion& deletion) {
  head.ClearContent();
  head.deletion = std::make_shared<const Deletion>(deletion);
  if (head.skip != nullptr && head.skip->edition.version <= deletion.version) head.skip.reset();
}

void TakeHold(DocumentHead& head, const Hold& hold) { head.hold = std::make_shared<const Hold>(hold); }

std::optional<DocumentState> StateOf(const DocumentHead& head, bool withhold_outdated) {
  if (head.has_content()) {
    if (IsWithheld(head, head.content)) return DocumentState::kWithheld;
    if (!IsOutdated(head, head.content)) return DocumentState::kSearchable;
    return withhold_outdated ? DocumentState::kWithheld : DocumentState::kOutdated;
  }
  if (head.skip != nullptr) return DocumentState::kSkipped;
  if (head.deletion != nullptr) return DocumentState::kDeleted;
  return std::nullopt;
}

bool IsVisible(const DocumentHead& head, bool withhold_outdated) {
  return head.has_content() && IsVisibleAs(head, head.content, withhold_outdated);
}

bool IsVisibleAs(const DocumentHead& head, const Edition& content, bool withhold_outdated) {
  return !IsWithheld(head, content) && !(withhold_outdated && IsOutdated(head, content));
}

Version NewestOf(const DocumentHead& head) {
  Version newest = head.content.version;
  if (head.skip != nullptr) newest = std::max(newest, head.skip->edition.version);
  if (head.deletion != nullptr) newest = std::max(newest, head.deletion->version);
  return newest;
}

bool SaysNothing(const DocumentHead& head) {
  return !head.has_content() && head.deletion == nullptr && head.skip == nullptr && head.hold == nullptr &&
         head.present == Version();
}

bool IsUnmentioned(const DocumentHead& head, const Version& begin) {
  if (!head.has_content() && head.skip == nullptr) return false;
  return NewestOf(head) < begin && head.present < begin;
}

}  // namespace freshet::store
