// What the lexical index's commits say of themselves and of their segments, in Lucene's own records; and files read
// through Lucene's directories. Internal to lexical_shelf.cc and lexical_shelf_load.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/store/lexical_directory.h"
#include "common/store/lexical_shelf.h"
// Of Lucene++, after its Lucene.h.
#include <SegmentInfo.h>
#include <SegmentInfos.h>

namespace freshet::store {

struct LexicalShelf::Lucene {
  ::Lucene::DirectoryPtr directory;
  ::Lucene::SegmentInfosPtr commits;  // the last one, as read or written
};

inline constexpr std::string_view kCommitPrefix = "segments_";
inline constexpr std::string_view kSegmentSuffix = ".cfs";
inline constexpr size_t kLargestStep = 1 << 30;  // Lucene counts bytes in 32 bits

// The number behind a prefix, in Lucene's base 36.
std::optional<uint64_t> NumberBehind(std::string_view prefix, std::string_view name);

// User data of a commit. Reading: nothing where another analyzer, or nobody we know, wrote it.
Lucene::MapStringString CommitData(uint64_t commit);
std::optional<uint64_t> CommitIn(Lucene::MapStringString data);

std::string FileOf(const ShelvedSegment& shelved);
Lucene::SegmentInfoPtr RecordOf(const ShelvedSegment& shelved, const Lucene::DirectoryPtr& directory);
// The other way: all but the segment and its dead rows. A number that is missing reads as 0, which no sum agrees with.
ShelvedSegment FromRecord(const Lucene::SegmentInfoPtr& record);

// These two throw what Lucene++ throws.
std::string ReadRange(const Lucene::DirectoryPtr& directory, const std::string& file, uint64_t begin, uint64_t size);
// Lucene checks the sum of a commit when it has read it all, and believes any length until then: so we look first.
Status CheckCommitSum(const Lucene::DirectoryPtr& directory, const std::string& file);

}  // namespace freshet::store
