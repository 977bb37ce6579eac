// BundleSplitter, LineSplitter: a bundle, or lines of resources (NDJSON), into one piece a resource, while the bytes
// come in: no more than one resource and what the bundle says besides its entries is held, and of a resource over the
// limit only what names it.
//
//   BundleSplitter splitter(most_bytes, [&](Piece piece) { ...; return OkStatus(); });
//   FRESHET_RETURN_IF_ERROR(splitter.Push(bytes));  ...  FRESHET_RETURN_IF_ERROR(splitter.Finish());
//   splitter.rest()                       // the bundle without its entries; a file of one resource: that resource
//
// Codes: malformed_document (brackets that do not match, an end before the end); what the taker says. One thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "connectors/fhir/scanner.h"

namespace freshet::fhir {

// An entry of a bundle, or a resource alone: what names it, and its JSON as it was written.
struct Piece {
  std::string text;
  size_t begin = 0, end = 0;  // of the resource in `text`; end 0: there is none, or it is broken
  bool too_large = false;     // without text
  std::string full_url, type, id, version_id, last_updated;
  std::string method, request_url, etag, last_modified;  // of an entry of a history

  std::string_view resource() const { return std::string_view(text).substr(begin, end < begin ? 0 : end - begin); }
};

// Makes a piece of its bytes.
class PieceBuilder {
 public:
  explicit PieceBuilder(size_t most_bytes);

  // Of an entry; or of a resource, which is then the only thing in an entry.
  void Begin(bool resource_alone);
  // The scanner's event of this byte.
  JsonScanner::Event Add(char c);
  Piece Take();

  const JsonScanner& scanner() const { return scanner_; }
  bool any() const { return any_; }  // anything but white space since Begin

 private:
  const size_t most_bytes_;
  JsonScanner scanner_;
  Piece piece_;
  bool alone_ = false, any_ = false;
};

class BundleSplitter {
 public:
  using Taker = std::function<Status(Piece)>;
  BundleSplitter(size_t most_bytes, Taker take);

  Status Push(std::string_view bytes);
  // The text is at its end.
  Status Finish();
  Piece& rest() { return rest_; }

 private:
  Status Step(char c);

  const Taker take_;
  PieceBuilder outer_, entry_;
  bool in_entry_ = false;
  Piece rest_;
};

class LineSplitter {
 public:
  using Taker = BundleSplitter::Taker;
  LineSplitter(size_t most_bytes, Taker take);

  // A line that is broken is a piece without a resource.
  Status Push(std::string_view bytes);
  Status Finish();

 private:
  Status EndLine();

  const Taker take_;
  PieceBuilder line_;
};

}  // namespace freshet::fhir
