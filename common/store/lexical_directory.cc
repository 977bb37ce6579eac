#include "common/store/lexical_directory.h"

#include <BufferedIndexInput.h>
#include <BufferedIndexOutput.h>
#include <HashSet.h>
#include <NoLockFactory.h>

#include <algorithm>
#include <optional>

namespace freshet::store {
namespace {

class Output final : public Lucene::BufferedIndexOutput {
 public:
  explicit Output(std::shared_ptr<LexicalOutput> file) : file_(std::move(file)) {}

  using Lucene::BufferedIndexOutput::flushBuffer;
  void flushBuffer(const uint8_t* bytes, int32_t offset, int32_t length) override {
    const std::string_view piece(reinterpret_cast<const char*>(bytes) + offset, static_cast<size_t>(length));
    ThrowUnlessOk(file_->Write(at_, piece));
    at_ += piece.size();
    length_ = std::max(length_, at_);
  }
  void close() override {
    if (file_ == nullptr) return;
    Lucene::BufferedIndexOutput::close();
    ThrowUnlessOk(std::exchange(file_, nullptr)->Close());
  }
  // Lucene++ goes back once in a commit, to make its sum good.
  void seek(int64_t to) override {
    Lucene::BufferedIndexOutput::seek(to);
    at_ = static_cast<uint64_t>(to);
  }
  int64_t length() override { return static_cast<int64_t>(length_); }

 private:
  std::shared_ptr<LexicalOutput> file_;
  uint64_t at_ = 0;
  uint64_t length_ = 0;
};

class Input final : public Lucene::BufferedIndexInput {
 public:
  explicit Input(std::shared_ptr<LexicalInput> file) : file_(std::move(file)) {}

  int64_t length() override { return static_cast<int64_t>(file_->size()); }
  void close() override {}
  Lucene::LuceneObjectPtr clone(const Lucene::LuceneObjectPtr& other) override {
    Lucene::LuceneObjectPtr copy = other ? other : Lucene::newLucene<Input>(file_);
    Lucene::BufferedIndexInput::clone(copy);
    boost::static_pointer_cast<Input>(copy)->at_ = at_;
    return copy;
  }

 protected:
  void readInternal(uint8_t* bytes, int32_t offset, int32_t length) override {
    const std::span<char> out(reinterpret_cast<char*>(bytes) + offset, static_cast<size_t>(length));
    ThrowUnlessOk(file_->Read(at_, out));
    at_ += out.size();
  }
  void seekInternal(int64_t to) override { at_ = static_cast<uint64_t>(to); }

 private:
  std::shared_ptr<LexicalInput> file_;
  uint64_t at_ = 0;
};

class Directory final : public Lucene::Directory {
 public:
  explicit Directory(std::shared_ptr<LexicalFiles> files) : files_(std::move(files)) {
    isOpen = true;
    setLockFactory(Lucene::NoLockFactory::getNoLockFactory());
  }

  using Lucene::Directory::openInput;
  Lucene::HashSet<Lucene::String> listAll() override {
    Result<std::vector<std::string>> names = files_->List();
    ThrowUnlessOk(names.status());
    auto out = Lucene::HashSet<Lucene::String>::newInstance();
    for (const std::string& name : *names) out.add(Widen(name));
    return out;
  }
  bool fileExists(const Lucene::String& name) override { return files_->Open(Narrow(name)).ok(); }
  uint64_t fileModified(const Lucene::String&) override { return 0; }
  void touchFile(const Lucene::String&) override {}
  void deleteFile(const Lucene::String& name) override { ThrowUnlessOk(files_->Remove(Narrow(name))); }
  int64_t fileLength(const Lucene::String& name) override {
    Result<std::shared_ptr<LexicalInput>> file = files_->Open(Narrow(name));
    ThrowUnlessOk(file.status());
    return static_cast<int64_t>((*file)->size());
  }
  Lucene::IndexOutputPtr createOutput(const Lucene::String& name) override {
    Result<std::unique_ptr<LexicalOutput>> file = files_->Create(Narrow(name));
    ThrowUnlessOk(file.status());
    return Lucene::newLucene<Output>(std::shared_ptr<LexicalOutput>(std::move(*file)));
  }
  Lucene::IndexInputPtr openInput(const Lucene::String& name) override {
    Result<std::shared_ptr<LexicalInput>> file = files_->Open(Narrow(name));
    ThrowUnlessOk(file.status());
    return Lucene::newLucene<Input>(*file);
  }
  void sync(const Lucene::String& name) override { ThrowUnlessOk(files_->Sync(Narrow(name))); }
  void close() override { isOpen = false; }

 private:
  std::shared_ptr<LexicalFiles> files_;
};

}  // namespace

Lucene::DirectoryPtr NewLexicalDirectory(std::unique_ptr<LexicalFiles> files) {
  return Lucene::newLucene<Directory>(std::shared_ptr<LexicalFiles>(std::move(files)));
}

void ThrowUnlessOk(const Status& status) {
  if (status.ok()) return;
  const Lucene::String code = Widen(NameOf(status.code()));
  if (status.code() == Code::kNotFound) boost::throw_exception(Lucene::FileNotFoundException(code));
  if (status.code() == Code::kCorruptStore) boost::throw_exception(Lucene::CorruptIndexException(code));
  boost::throw_exception(Lucene::IOException(code));
}

Status StatusOf(const Lucene::LuceneException& exception) {
  if (const std::optional<Code> code = CodeOf(Narrow(exception.getError()))) return Status(*code, "lexical index");
  switch (exception.getType()) {
    case Lucene::LuceneException::CorruptIndex:
    case Lucene::LuceneException::FileNotFound:
    case Lucene::LuceneException::IndexOutOfBounds:
    case Lucene::LuceneException::IO:  // not ours, which have a code: bytes that make no sense
    case Lucene::LuceneException::NumberFormat:
      return Status(Code::kCorruptStore, "lexical index");
    default:
      return Status(Code::kIoError, "lexical index, exception " + std::to_string(exception.getType()));
  }
}

Status CatchLucene(const std::function<Status()>& work) {
  try {
    return work();
  } catch (const Lucene::LuceneException& exception) {
    return StatusOf(exception);
  } catch (const std::exception&) {
    return Status(Code::kIoError, "lexical index");
  }
}

}  // namespace freshet::store
