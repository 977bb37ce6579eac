// Who wins (DESIGN §4.2): the registers of one document, as pure functions of its head. Whatever the order in which
// changes arrive, and however often, the head ends up the same, but for stamps.
//
//   content    the newest (version, revision), unless a delete of that version or a newer one is known
//   existence  the newest delete; content with a newer version brings the document back
//   skip       the newest edition that has no content: makes older content outdated
//   hold       the newest withhold or release; a withhold hides content up to its (version, de-identification run)
//   present    the newest snapshot that saw the document: keeps it from being taken for deleted
//
//   if (ContentWins(head, edition)) ...
//   std::optional<DocumentState> state = StateOf(head, withhold_outdated);
//
// Stateless: any thread.
#pragma once

#include <optional>

#include "common/store/document_record.h"
#include "common/store/view.h"

namespace freshet::store {

bool ContentWins(const DocumentHead& head, const Edition& edition);
bool SkipWins(const DocumentHead& head, const Edition& edition);
bool DeleteWins(const DocumentHead& head, const Version& version);
bool HoldWins(const DocumentHead& head, const Hold& hold);

// Put the winner in. Content itself is the caller's work; ordinals are its own.
void TakeSkip(DocumentHead& head, const Skip& skip);
void TakeDelete(DocumentHead& head, const Deletion& deletion);  // clears the content
void TakeHold(DocumentHead& head, const Hold& hold);

// Nothing where no version of the document is known, only mentions or holds.
std::optional<DocumentState> StateOf(const DocumentHead& head, bool withhold_outdated);
// True where searches may find it, once its content is in the view.
bool IsVisible(const DocumentHead& head, bool withhold_outdated);
// The same where the document's content were this one, as it still is in an older view.
bool IsVisibleAs(const DocumentHead& head, const Edition& content, bool withhold_outdated);
// The newest version that content, a skip or a delete told of.
Version NewestOf(const DocumentHead& head);
// True where nothing is known of the document that is worth a record.
bool SaysNothing(const DocumentHead& head);
// True where a snapshot that began at `begin` and did not mention the document says that it is gone.
bool IsUnmentioned(const DocumentHead& head, const Version& begin);

}  // namespace freshet::store
