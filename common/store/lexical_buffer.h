// LexicalBuffer: entries on their way into a segment: each stem of a word (stemmer.h) a number, each entry the numbers
// of its words' stems. A word is stemmed when it is first met. Sorting by word is put off to Flush, where it is one
// counting sort.
//
//   LexicalBuffer buffer;
//   buffer.Add(entry);
//   BuiltSegment built = buffer.Flush();   // empty where nothing was added
//
// Numbers of words outlive Flush, so that the next entries find them. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/store/lexical.h"
#include "common/store/lexical_segment.h"
#include "common/store/lexical_word_table.h"
#include "common/store/stemmer.h"

namespace freshet::store {

// A word of the title or the section counts as this many of the text. Stands beside kAnalyzerVersion in each commit: an
// index made with another weight is made anew.
inline constexpr uint32_t kHeadingWeight = 2;

class LexicalBuffer {
 public:
  void Add(const LexicalEntry& entry);
  BuiltSegment Flush();

  size_t rows() const { return rows_.size(); }
  // What the entries take, and will take while they are sorted.
  size_t MemoryBytes() const { return occurrences_.size() * kBytesAnOccurrence + rows_.size() * sizeof(Row); }

 private:
  struct Row {
    LexicalRow row;
    uint64_t end;  // in occurrences_
  };
  struct Occurrence {
    uint32_t row;
    uint32_t position;
  };
  static constexpr size_t kBytesAnOccurrence = sizeof(uint32_t) + sizeof(Occurrence);

  uint32_t AddField(std::string_view text, uint32_t weight);
  uint32_t NumberOf(std::string_view word);
  std::vector<uint32_t> SortedWords() const;
  std::vector<Occurrence> SortOccurrences(const std::vector<uint32_t>& words);
  void Forget();

  Stemmer stemmer_;
  LexicalWordTable words_;         // as the analyzer gives them
  std::vector<uint32_t> stem_of_;  // by word
  LexicalWordTable stems_;         // what is indexed
  std::vector<uint32_t> counts_;   // by stem: occurrences since the last Flush
  std::vector<uint32_t> touched_;  // stems with a count
  std::vector<uint32_t> occurrences_;
  std::vector<Row> rows_;
};

}  // namespace freshet::store
