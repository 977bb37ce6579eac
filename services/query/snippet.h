// Snippets: the part of a passage that says most of what was asked, and where in it the query's words stand.
//
//   const Highlighter highlighter("precautions for C. diff");
//   Snippet snippet = highlighter.Cut(passage, 160);
//   passage.substr(snippet.begin, snippet.end - snippet.begin)      // snippet.matches: bytes of the passage too
//
// Words match as in search: by their stems, folded, and through clinical abbreviations (common/store/analyzer.h,
// stemmer.h, abbreviations.h); function words ("what", "of") only where the query has no other. The part is the one
// with the most distinct words of the query, then the most of any, then the first; it begins and ends between words.
// Immutable: any thread.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet::query {

struct ByteRange {
  uint32_t begin = 0;
  uint32_t end = 0;  // past the end
  bool operator==(const ByteRange&) const = default;
};

struct Snippet {
  uint32_t begin = 0;
  uint32_t end = 0;
  std::vector<ByteRange> matches;  // in order, within the snippet
};

class Highlighter {
 public:
  explicit Highlighter(std::string_view query);

  // Every word of the text that the query asks for, in order.
  std::vector<ByteRange> Find(std::string_view text) const;
  // At most so many code points of it; `text` is valid UTF-8. Without a match it is the beginning.
  Snippet Cut(std::string_view text, size_t code_points) const;

 private:
  struct Match {
    ByteRange bytes;
    uint32_t place_begin = 0;  // code points
    uint32_t place_end = 0;
    uint32_t stem = 0;  // its number in stems_
  };
  std::vector<Match> Matches(std::string_view text) const;
  std::pair<size_t, size_t> BestRun(std::span<const Match> matches, size_t code_points) const;

  std::set<std::string, std::less<>> stems_;
};

}  // namespace freshet::query
