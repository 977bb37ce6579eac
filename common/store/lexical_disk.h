// The files of one directory, as the lexical index uses them: written once, read at any place.
//
//   std::unique_ptr<LexicalFiles> files = NewOsFiles("/var/lib/freshet/lexical/policies");
//   auto output = *files->Create("_0.cfs");  output->Write(0, bytes);  output->Close();
//   files->Sync("_0.cfs");   // from here on, name and bytes survive power loss
//
// Any thread; one output is for one. Codes: not_found, io_error, disk_full; corrupt_store for a file shorter than
// asked.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::store {

class LexicalOutput {
 public:
  virtual ~LexicalOutput() = default;
  // At most at the end of what is there.
  virtual Status Write(uint64_t offset, std::string_view bytes) = 0;
  virtual Status Close() = 0;
};

class LexicalInput {
 public:
  virtual ~LexicalInput() = default;
  virtual uint64_t size() const = 0;
  // Exactly out.size() bytes; corrupt_store where the file is shorter.
  virtual Status Read(uint64_t offset, std::span<char> out) const = 0;
};

// The directory comes into being with its first file.
class LexicalFiles {
 public:
  virtual ~LexicalFiles() = default;
  virtual Result<std::vector<std::string>> List() = 0;  // empty where there is no directory
  virtual Result<std::unique_ptr<LexicalOutput>> Create(const std::string& name) = 0;  // replaces
  virtual Result<std::shared_ptr<LexicalInput>> Open(const std::string& name) = 0;
  virtual Status Remove(const std::string& name) = 0;
  virtual Status Sync(const std::string& name) = 0;  // bytes and name
};

std::unique_ptr<LexicalFiles> NewOsFiles(std::string path);

}  // namespace freshet::store
