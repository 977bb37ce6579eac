// Who may see what in a view: the decisions behind View::FilterFor and View::MayRead (DESIGN §4.5).
//
// Latest access, deletes and withholds decide. Where a document's content changed after the view, the caller must also
// have been allowed what the view still shows: the scope and version that it had then, by the lists of today. So a
// widening that came with newer content never opens the older one. Names that are listed for a time count by
// Access::now: what ends then is over without any change that says so.
//
//   AccessCheck check(core, access);                      // under the state's shared lock, as all calls
//   Roaring documents = check.Filter(space, view_commit, ...)
#pragma once

#include <memory>
#include <string>

#include "common/store/core.h"

namespace freshet::store {

class AccessCheck {
 public:
  AccessCheck(const Core& core, const Access& access);

  // Where a view stands.
  struct Point {
    uint64_t commit = 0;
    uint32_t next_document = 0;
  };
  std::shared_ptr<const Filter::Bitmap> FilterFor(const Space& space, const Point& view,
                                                  const Restriction& restriction) const;
  bool MayRead(const Space& space, const Point& view, DocumentOrdinal document) const;

 private:
  bool IsStale(SourceNumber source) const;
  bool Allows(const SourceKey& scope, const Version& content, Moment& moment) const;
  bool AllowsNow(const Space& space, DocumentOrdinal document, Moment& moment) const;
  // By newer content that another generation has already: what closes a document does not wait for it to be made here.
  bool AllowsAhead(const Space& space, const SourceKey& document, Moment& moment) const;
  // Access alone, as of now; remembered for as long as it is the same.
  std::shared_ptr<const Filter::Bitmap> Readable(const Space& space) const;
  Roaring ReadableNow(const Space& space, Moment& moment) const;

  const Core& core_;
  const Access& access_;
  const Principals principals_;  // closed over groups
};

}  // namespace freshet::store
