// From a file to the Upsert that is published of it.
//
//   Decoder decoder(options);
//   decoder.MediaTypeOf("visits.md")                              // "text/markdown"; empty: no document
//   Upsert upsert = decoder.Decode("wards/visits.md", bytes);
//
// Ids, as the source's own, before the host makes them opaque:
//
//   document id := path below the root, '/' between names. A byte that is not part of well-formed UTF-8 is written
//                  %XX, and so is a '%' that two hexadecimal digits follow: different files, different ids.
//   scope id    := '/' folder path in the same form; the root is "/"
//
// Immutable: any thread.
#pragma once

#include <string>
#include <string_view>

#include "connectors/folder/options.h"
#include "schemas/change.h"

namespace freshet::folder {

std::string NativeId(std::string_view path);
ScopeId ScopeOf(std::string_view folder_path);

class Decoder {
 public:
  // The options outlive the decoder.
  explicit Decoder(const FolderOptions& options) : options_(options) {}

  bool IsIgnored(const std::string& name) const;
  bool IsDocument(const std::string& name) const { return !IsIgnored(name) && !MediaTypeOf(name).empty(); }
  // By the extension, whatever its case.
  std::string_view MediaTypeOf(std::string_view name) const;
  Upsert Decode(std::string_view path, std::string bytes) const;
  // For a version whose content does not travel.
  Upsert Refuse(std::string_view path, Code code) const;

 private:
  const FolderOptions& options_;
};

}  // namespace freshet::folder
