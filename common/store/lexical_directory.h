// Where the lexical index keeps its files: a Lucene::Directory over anything that can hold files.
//
//   Lucene::DirectoryPtr directory = NewLexicalDirectory(NewOsFiles("/var/lib/freshet/lexical/policies"));
//
// Why not Lucene++'s own FSDirectory: it takes no notice of a failed write (a full disk would be found out when it is
// too late), and syncs no names. Ours is strict: what Sync has returned from survives power loss, by name and to the
// last byte, or an exception has been thrown; StatusOf gives its code. Locks do nothing: RocksDB's guards both.
// Any thread.
#pragma once

// Lucene.h comes before all else of Lucene++, whose headers do not stand alone.
// clang-format off
#include <Lucene.h>
#include <Directory.h>
#include <LuceneException.h>
// clang-format on

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/store/lexical_disk.h"

namespace freshet::store {

Lucene::DirectoryPtr NewLexicalDirectory(std::unique_ptr<LexicalFiles> files);

// As LexicalOptions::open_directory returns it.
inline std::shared_ptr<void> HideDirectory(const Lucene::DirectoryPtr& directory) {
  return std::make_shared<Lucene::DirectoryPtr>(directory);
}

// Throws the exception that StatusOf knows again.
void ThrowUnlessOk(const Status& status);
// Freshet's code for what Lucene++ threw; the message names the kind, never content.
Status StatusOf(const Lucene::LuceneException& exception);

// Runs `work`, which may throw what Lucene++ throws, and returns its Status.
Status CatchLucene(const std::function<Status()>& work);

inline Lucene::String Widen(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }
inline std::string Narrow(const Lucene::String& ascii) { return {ascii.begin(), ascii.end()}; }

}  // namespace freshet::store
