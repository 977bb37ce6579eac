#include "common/store/database_manifest.h"

#include <algorithm>
#include <cstring>

#include "common/store/lexical_files.h"

namespace freshet::store {
namespace {

using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kBlock = 32 << 10;
constexpr size_t kHead = 7;
constexpr size_t kTypeAt = 6;
constexpr size_t kPiece = 64 << 10;  // of a file that is read

uint64_t Fixed(std::string_view bytes, size_t size) {
  uint64_t number = 0;
  for (size_t i = size; i > 0; --i) number = number << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return number;
}

// So that a sum over bytes which hold sums is a sum still (RocksDB's and LevelDB's crc32c::Mask).
uint32_t Masked(uint32_t sum) { return ((sum >> 15) | (sum << 17)) + 0xa282ead8u; }

// What is in memory already, as a file.
class Bytes final : public FSSequentialFile {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  IOStatus Read(size_t size, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    const size_t count = std::min(size, bytes_.size() - at_);
    std::memcpy(scratch, bytes_.data() + at_, count);
    at_ += count;
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t count) override {
    at_ += std::min<uint64_t>(count, bytes_.size() - at_);
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

IOStatus ReadAll(FSSequentialFile& file, std::string& out) {
  std::string scratch(kPiece, '\0');
  while (true) {
    Slice piece;
    IOStatus status = file.Read(scratch.size(), IOOptions(), &piece, scratch.data(), nullptr);
    if (!status.ok() || piece.empty()) return status;
    out.append(piece.data(), piece.size());
  }
}

}  // namespace

size_t WithoutTornEnd(std::string_view manifest) {
  const size_t written = manifest.find_last_not_of('\0') + 1;  // before the zeros at the end
  for (size_t at = 0; at + kHead <= manifest.size();) {
    if (const size_t left = kBlock - at % kBlock; left < kHead) {
      at += left;
      continue;
    }
    const std::string_view rest = manifest.substr(at);
    const size_t size = Fixed(rest.substr(4), 2);
    if (at + kHead + size > manifest.size()) break;  // cut: RocksDB knows
    const std::string_view summed = rest.substr(kTypeAt, 1 + size);
    if (Fixed(rest, 4) != Masked(Crc32c(summed))) return written < at + kHead + size ? at : manifest.size();
    at += kHead + size;
  }
  return manifest.size();
}

IOStatus OpenManifest(rocksdb::FileSystem& target, const std::string& path, const rocksdb::FileOptions& options,
                      std::unique_ptr<FSSequentialFile>* file) {
  std::unique_ptr<FSSequentialFile> whole;
  IOStatus status = target.NewSequentialFile(path, options, &whole, nullptr);
  std::string bytes;
  if (status.ok()) status = ReadAll(*whole, bytes);
  if (!status.ok()) return status;
  const size_t whole_bytes = WithoutTornEnd(bytes);
  if (whole_bytes == bytes.size()) return target.NewSequentialFile(path, options, file, nullptr);  // may go on growing
  bytes.resize(whole_bytes);
  *file = std::make_unique<Bytes>(std::move(bytes));
  return IOStatus::OK();
}

}  // namespace freshet::store
