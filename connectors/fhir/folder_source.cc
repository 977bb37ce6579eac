#include "connectors/fhir/folder_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/telemetry/log.h"

namespace freshet::fhir {
namespace {

namespace fs = std::filesystem;

constexpr size_t kChunk = 1u << 20;
const Status kGone(Code::kUnavailable, "The folder or a file in it cannot be read");

struct File {
  fs::path path;
  uintmax_t size = 0;
  Time changed;
  bool operator<(const File& other) const { return path < other.path; }
};

Result<std::vector<File>> FilesOf(const fs::path& folder) {
  std::vector<File> files;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string kind = entry->path().extension();
    if ((kind != ".json" && kind != ".ndjson") || !entry->is_regular_file(error)) continue;
    File file{.path = entry->path(), .size = entry->file_size(error)};
    const auto time = entry->last_write_time(error);
    file.changed = std::chrono::time_point_cast<Duration>(fs::file_time_type::clock::to_sys(time));
    files.push_back(std::move(file));
  }
  if (error) return kGone;
  std::sort(files.begin(), files.end());
  return files;
}

// Their resources, a chunk of a file at a time.
class FilePages final : public Pages {
 public:
  FilePages(std::vector<File> files, size_t most_resource) : files_(std::move(files)), most_(most_resource) {}

  Result<Page> Next() override {
    while (next_ < files_.size() && entries_.empty()) FRESHET_RETURN_IF_ERROR(ReadChunk());
    return Page{.entries = std::exchange(entries_, {}), .last = next_ == files_.size()};
  }
  std::optional<Time> as_of() const override { return FromMicros(1); }  // never of use: TakePiece gives each its time

 private:
  Status Open() {
    const auto take = [this](Piece piece) { return TakePiece(std::move(piece)); };
    stream_.open(files_[next_].path, std::ios::binary);
    if (!stream_) return kGone;
    lines_.reset(), bundle_.reset();
    if (files_[next_].path.extension() == ".ndjson") {
      lines_ = std::make_unique<LineSplitter>(most_, take);
    } else {
      bundle_ = std::make_unique<BundleSplitter>(most_, take);
    }
    return OkStatus();
  }

  Status TakePiece(Piece piece) {
    if (piece.last_updated.empty()) piece.last_updated = FormatTime(files_[next_].changed);
    entries_.push_back(std::move(piece));
    return OkStatus();
  }

  Status ReadChunk() {
    if (!stream_.is_open()) FRESHET_RETURN_IF_ERROR(Open());
    std::string bytes(kChunk, '\0');
    stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(stream_.gcount()));
    if (stream_.bad()) return kGone;
    const Status pushed = lines_ != nullptr ? lines_->Push(bytes) : bundle_->Push(bytes);
    if (!pushed.ok()) return Status(Code::kUnavailable, "A file that is no JSON");
    if (!stream_.eof()) return OkStatus();
    const Status ended = lines_ != nullptr ? lines_->Finish() : bundle_->Finish();
    if (!ended.ok()) return Status(Code::kUnavailable, "A file that is no JSON, or breaks off");
    if (bundle_ != nullptr && bundle_->rest().type != "Bundle")
      FRESHET_RETURN_IF_ERROR(TakePiece(std::move(bundle_->rest())));
    stream_.close();
    stream_.clear();
    ++next_;
    return OkStatus();
  }

  const std::vector<File> files_;
  const size_t most_;
  size_t next_ = 0;
  std::ifstream stream_;
  std::unique_ptr<LineSplitter> lines_;
  std::unique_ptr<BundleSplitter> bundle_;
  std::vector<Piece> entries_;
};

}  // namespace

FhirFolderSource::FhirFolderSource(FhirOptions options) : options_(std::move(options)), client_(options_) {}
FhirFolderSource::~FhirFolderSource() = default;

Status FhirFolderSource::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  return FilesOf(options_.folder).status();
}

Result<std::string> FhirFolderSource::Fingerprint() const {
  FRESHET_ASSIGN_OR_RETURN(const std::vector<File> files, FilesOf(options_.folder));
  std::string text(1, options_.all_observations ? 'a' : 'w');
  for (const std::string& type : options_.types) AppendText(text, type);
  for (const auto& [label, readers] : options_.restricted) AppendText(text, label);
  for (const File& file : files) {
    AppendText(text, file.path.string());
    AppendBig64(text, file.size);
    AppendBig64(text, static_cast<uint64_t>(ToMicros(file.changed)));
  }
  return std::string(AsBytes(HashOf(text)));
}

Status FhirFolderSource::Open(SourceStart start) {
  start_ = std::move(start);
  told_ = start_.position;
  reader_ = std::make_unique<Reader>(options_, client_, start_);
  next_look_ = {};
  FRESHET_ASSIGN_OR_RETURN(opened_, Fingerprint());
  return OkStatus();
}

void FhirFolderSource::Close() {
  listing_.reset();
  reader_.reset();
}

Result<SourceBatch> FhirFolderSource::Snapshot(const std::string& cursor) {
  SourceBatch batch;
  if (cursor.empty() || !listing_) {
    FRESHET_ASSIGN_OR_RETURN(std::vector<File> files, FilesOf(options_.folder));
    reader_->Forget();
    listing_.emplace();
    listing_->pages = std::make_unique<FilePages>(std::move(files), options_.max_resource.bytes);
    listing_->told = Told::kInListing;
    listing_->own_versions = false;
    batch.first = true;
  }
  reader_->AddKnownLists(batch);
  FRESHET_ASSIGN_OR_RETURN(const bool more, reader_->Read(*listing_, batch));
  batch.position = "1";
  batch.done = !more;
  if (batch.done) listing_.reset();
  return batch;
}

Result<SourceBatch> FhirFolderSource::Stream(Duration wait) {
  SourceBatch batch;
  reader_->AddKnownLists(batch);
  if (told_.empty()) batch.position = told_ = opened_;  // a listing has begun after that
  if (!batch.events.empty() || !batch.position.empty()) return batch;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) {
    std::this_thread::sleep_for(std::min<Duration>(wait, std::chrono::ceil<Duration>(next_look_ - now)));
    return batch;
  }
  next_look_ = now + options_.every;
  const Time looked = start_.clock->Now();
  FRESHET_ASSIGN_OR_RETURN(const std::string found, Fingerprint());
  if (found != told_) {
    batch.snapshot_wanted = true;
    batch.position = told_ = found;
  } else if (!listing_) {
    batch.complete_up_to = looked;
  }
  return batch;
}

}  // namespace freshet::fhir
