#include "connectors/folder/position.h"

#include <algorithm>

namespace freshet::folder {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint8_t kFormatWithPeriods = 2;  // of a folder
constexpr uint8_t kReplaced = 1, kRacy = 2;
constexpr std::string_view kEpochKey = "epoch";

bool IsLimited(const AccessList& list) {
  const auto limited = [](const Listed& listed) { return listed.period.is_limited(); };
  return std::ranges::any_of(list.allow, limited) || std::ranges::any_of(list.deny, limited);
}

void AppendListed(std::string& out, const std::vector<Listed>& list, bool periods) {
  AppendBig32(out, static_cast<uint32_t>(list.size()));
  for (const Listed& listed : list) {
    AppendText(out, listed.principal.value);
    if (!periods) continue;
    AppendBig64(out, static_cast<uint64_t>(ToMicros(listed.period.from)));
    AppendBig64(out, static_cast<uint64_t>(ToMicros(listed.period.until)));
  }
}

bool ReadSigned(ByteReader& reader, int64_t& out) {
  uint64_t bits = 0;
  if (!reader.Big64(bits)) return false;
  out = static_cast<int64_t>(bits);
  return true;
}

bool ReadListed(ByteReader& reader, std::vector<Listed>& list, bool periods) {
  uint32_t count = 0;
  if (!reader.Big32(count)) return false;
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    int64_t from = ToMicros(Period().from), until = ToMicros(Period().until);
    if (!reader.Text(text)) return false;
    if (periods && !(ReadSigned(reader, from) && ReadSigned(reader, until))) return false;
    list.emplace_back(Principal(text), Period{.until = FromMicros(until), .from = FromMicros(from)});
  }
  return true;
}

bool ReadHash(ByteReader& reader, Hash128& hash) {
  std::string_view bytes;
  if (!reader.Bytes(hash.size(), bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return true;
}

bool ReadFormat(ByteReader& reader) {
  uint8_t format = 0;
  return reader.Byte(format) && format == kFormat;
}

struct EpochRecord {
  uint64_t epoch = 0;
  Hash128 fingerprint{};
};

std::string EncodeEpoch(const EpochRecord& record) {
  std::string out(1, static_cast<char>(kFormat));
  AppendBig64(out, record.epoch);
  return out.append(AsBytes(record.fingerprint));
}

EpochRecord DecodeEpoch(std::string_view bytes) {
  EpochRecord record;
  ByteReader reader(bytes);
  if (!ReadFormat(reader) || !reader.Big64(record.epoch) || !ReadHash(reader, record.fingerprint)) return {};
  return record;
}

void FillTree(Tree& tree, std::string_view key, std::string_view value, bool same_options) {
  if (key.size() < 2 || key[1] != '/') return;
  const std::string_view path = key.substr(2);
  if (key[0] == 'd') {
    Folder& folder = tree.Ensure(path);
    folder.remembered = true;
    if (auto list = DecodeFolder(value)) folder.published = std::move(*list);
  } else if (key[0] == 'f' && !path.empty()) {
    std::optional<FileState> state = DecodeFile(value);
    if (!state) return;
    if (!same_options) state->stamp = FileStamp();  // equal to no file's
    const auto [folder, name] = SplitPath(path);
    tree.Ensure(folder).files[std::string(name)] = *state;
  }
}

}  // namespace

std::string FileKey(std::string_view path) { return "f/" + std::string(path); }
std::string FolderKey(std::string_view path) { return "d/" + std::string(path); }

std::string EncodeFile(const FileState& state) {
  std::string out(1, static_cast<char>(kFormat));
  AppendBig64(out, state.stamp.inode);
  AppendBig64(out, state.stamp.size);
  AppendBig64(out, static_cast<uint64_t>(state.stamp.mtime_ns));
  AppendBig64(out, static_cast<uint64_t>(state.stamp.ctime_ns));
  out.append(AsBytes(state.hash));
  AppendVersion(out, state.version);
  AppendBig64(out, static_cast<uint64_t>(ToMicros(state.published)));
  AppendText(out, NameOf(state.refused));
  out.push_back(static_cast<char>((state.replaced ? kReplaced : 0) | (state.racy ? kRacy : 0)));
  return out;
}

std::optional<FileState> DecodeFile(std::string_view record) {
  FileState state;
  ByteReader reader(record);
  int64_t published = 0;
  std::string code;
  uint8_t flags = 0;
  const bool good = ReadFormat(reader) && reader.Big64(state.stamp.inode) && reader.Big64(state.stamp.size) &&
                    ReadSigned(reader, state.stamp.mtime_ns) && ReadSigned(reader, state.stamp.ctime_ns) &&
                    ReadHash(reader, state.hash) && reader.ReadVersion(state.version) &&
                    ReadSigned(reader, published) && reader.Text(code) && reader.Byte(flags);
  if (!good) return std::nullopt;
  state.published = FromMicros(published);
  state.refused = CodeOf(code).value_or(Code::kInternalError);
  state.replaced = (flags & kReplaced) != 0;
  state.racy = (flags & kRacy) != 0;
  return state;
}

std::string EncodeFolder(const AccessList* list) {
  const AccessList none;
  const AccessList& told = list != nullptr ? *list : none;
  const bool periods = IsLimited(told);
  std::string out(1, static_cast<char>(periods ? kFormatWithPeriods : kFormat));
  out.push_back(list != nullptr ? 1 : 0);
  AppendListed(out, told.allow, periods);
  AppendListed(out, told.deny, periods);
  return out;
}

std::optional<std::shared_ptr<const AccessList>> DecodeFolder(std::string_view record) {
  AccessList list;
  ByteReader reader(record);
  uint8_t format = 0, has_list = 0;
  if (!reader.Byte(format) || (format != kFormat && format != kFormatWithPeriods)) return std::nullopt;
  const bool periods = format == kFormatWithPeriods;
  const bool good =
      reader.Byte(has_list) && ReadListed(reader, list.allow, periods) && ReadListed(reader, list.deny, periods);
  if (!good) return std::nullopt;
  return has_list != 0 ? std::make_shared<const AccessList>(std::move(list)) : nullptr;
}

Hash128 FingerprintOf(const FolderOptions& options) {
  std::string text;
  for (const auto& [extension, media_type] : options.media_types) {
    AppendText(text, extension);
    AppendText(text, media_type);
  }
  AppendText(text, options.uri_prefix);
  return HashOf(text);
}

Result<uint64_t> PositionBook::Load(Tree& tree, const Hash128& fingerprint) {
  FRESHET_ASSIGN_OR_RETURN(const auto positions, host_.LoadPositions());
  EpochRecord stored{.epoch = 0, .fingerprint = fingerprint};  // nothing known: nothing to compare anew
  if (const auto found = positions.find(std::string(kEpochKey)); found != positions.end()) {
    stored = DecodeEpoch(found->second);
  }
  const bool same_options = stored.fingerprint == fingerprint;
  for (const auto& [key, value] : positions) FillTree(tree, key, value, same_options);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(host_.clock().Now()).time_since_epoch().count();
  epoch_ = std::max(stored.epoch + 1, static_cast<uint64_t>(std::max<int64_t>(seconds, 1)));
  fingerprint_ = fingerprint;
  const EpochRecord record{.epoch = epoch_, .fingerprint = same_options ? fingerprint : Hash128{}};
  FRESHET_RETURN_IF_ERROR(host_.SavePositions({{std::string(kEpochKey), EncodeEpoch(record)}}));
  return epoch_;
}

void PositionBook::SnapshotEnded() {
  Put(std::string(kEpochKey), EncodeEpoch({.epoch = epoch_, .fingerprint = fingerprint_}));
}

void PositionBook::Put(std::string key, std::optional<std::string> value) {
  if (dirty_.empty()) first_dirty_ = host_.clock().Now();
  dirty_[std::move(key)] = std::move(value);
}

Status PositionBook::SaveFirst(std::vector<std::pair<std::string, std::optional<std::string>>> positions) {
  for (const auto& [key, value] : positions) dirty_.erase(key);
  return positions.empty() ? OkStatus() : host_.SavePositions(positions);
}

Status PositionBook::Save() {
  if (dirty_.empty()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(host_.SavePositions({dirty_.begin(), dirty_.end()}));
  dirty_.clear();
  return OkStatus();
}

}  // namespace freshet::folder
