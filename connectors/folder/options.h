// FolderOptions: what a source of `connector: folder` may set, each option with its unit and its price.
//
//   Result<FolderOptions> options = ParseOptions<FolderOptions>(node);      // common/config/options.h
//   FRESHET_RETURN_IF_ERROR(Validate(*options));                            // what no table of fields can say
//
// A plain value.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/config/options.h"
#include "schemas/codec.h"

namespace freshet::folder {

enum class DefaultAccess : uint8_t { kNobody, kEveryone };
enum class WatchMode : uint8_t { kInotify, kPoll };

// A file's bytes and its coordinates must fit into one record of the log.
inline constexpr ByteSize kMostFileBytes{kMaxMessageBytes - (1u << 20)};
// The name of a folder's access file: never a document.
inline constexpr std::string_view kAccessFile = "_access.yaml";

struct FolderOptions {
  std::filesystem::path root;
  DefaultAccess default_access = DefaultAccess::kNobody;
  std::map<std::string, std::string> media_types = {
      {"md", "text/markdown"},    {"markdown", "text/markdown"},
      {"txt", "text/plain"},      {"text", "text/plain"},
      {"html", "text/html"},      {"htm", "text/html"},
      {"csv", "text/csv"},        {"tsv", "text/tab-separated-values"},
      {"pdf", "application/pdf"}, {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"rtf", "application/rtf"}, {"eml", "message/rfc822"}};
  std::vector<std::string> ignore = {".*", "*~", "#*#", "*.tmp", "*.swp", "*.part", "*.crdownload"};
  ByteSize max_file_bytes = kMostFileBytes;
  uint64_t max_files = 5'000'000;
  Duration settle = std::chrono::seconds(1);
  Duration settle_limit = std::chrono::seconds(30);
  Duration heartbeat = std::chrono::milliseconds(250);
  WatchMode watch = WatchMode::kInotify;
  Duration poll_interval = std::chrono::seconds(5);
  std::string uri_prefix;
};

// configuration: a media type or a pattern that cannot be meant.
Status Validate(const FolderOptions& options);

}  // namespace freshet::folder

namespace freshet {

template <>
struct EnumTable<folder::DefaultAccess> {
  static constexpr std::array names = {EnumName{"nobody", folder::DefaultAccess::kNobody},
                                       EnumName{"everyone", folder::DefaultAccess::kEveryone}};
};

template <>
struct EnumTable<folder::WatchMode> {
  static constexpr std::array names = {EnumName{"inotify", folder::WatchMode::kInotify},
                                       EnumName{"poll", folder::WatchMode::kPoll}};
};

template <>
struct OptionTable<folder::FolderOptions> {
  using O = folder::FolderOptions;
  static constexpr auto fields = std::tuple{
      Field("root", &O::root, "Directory whose files are the documents. May itself be a symlink.").Required(),
      Field("default_access", &O::default_access,
            "Who may read where the root has no _access.yaml: nobody, or everyone in the tenant."),
      Field("media_types", &O::media_types,
            "Media type by file extension, in lower case; replaces the default as a whole. Files of other extensions "
            "are no documents, unless the extension \"*\" gives them a type."),
      Field("ignore", &O::ignore,
            "Patterns (fnmatch) of names of files and folders that are not looked at; replaces the default."),
      Field("max_file_bytes", &O::max_file_bytes, "A larger file is skipped with document_too_large, unread.")
          .Range(1_KiB, folder::kMostFileBytes),
      Field("max_files", &O::max_files, "The connector stops beyond; a file takes about 250 bytes of memory.")
          .Range(1, 100'000'000),
      Field("settle", &O::settle,
            "A file that is being written is read when it is closed, or when it has been still for so long.")
          .Range(std::chrono::milliseconds(1), std::chrono::minutes(10)),
      Field("settle_limit", &O::settle_limit, "A file that is never still is read after so long, as it then is.")
          .Range(std::chrono::milliseconds(1), std::chrono::hours(24)),
      Field("heartbeat", &O::heartbeat, "How often the source's watermark moves; less: more records.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(1)),
      Field("watch", &O::watch, "inotify: told by the kernel, in milliseconds. poll: for network file systems."),
      Field("poll_interval", &O::poll_interval,
            "Pause between two scans when polling; also taken where the kernel's limit of watches is reached.")
          .Range(std::chrono::milliseconds(10), std::chrono::hours(24)),
      Field("uri_prefix", &O::uri_prefix, "Put before a document's path to make its URI; empty: the path alone.")};
};

}  // namespace freshet
