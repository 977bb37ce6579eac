// One changed sentence changes one or two chunks, whatever the length of the document: over random documents and edits.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "common/model/words_counter.h"
#include "services/chunk/chunk.h"
#include "tests/support/clean_documents.h"

namespace freshet::chunk {
namespace {

using testing::MakeClean;
using Random = std::mt19937_64;

// Words as in real text: a few very often, most rarely.
std::string RandomWord(Random& random) {
  static constexpr std::string_view kSyllables[] = {"pa",  "ti",  "ent", "car", "di", "ac",  "no",  "re",
                                                    "nal", "the", "os",  "mi",  "lo", "pro", "sta", "in"};
  const auto number = static_cast<uint64_t>(std::pow(20000.0, std::uniform_real_distribution<>(0, 1)(random)));
  std::string word;
  for (uint64_t rest = number * 2654435761 % 65536 + number; rest > 0 && word.size() < 11; rest /= 16) {
    word += kSyllables[rest % 16];
  }
  return word;
}

std::string RandomSentence(Random& random) {
  std::string sentence = "The";
  for (size_t i = 3 + random() % 18; i > 0; --i) sentence += " " + RandomWord(random);
  return sentence + ".";
}

// What a document is made of; edits touch sentences, never headings.
struct Line {
  enum class Kind : uint8_t { kSentence, kParagraph, kItem, kHeading };
  Kind kind = Kind::kSentence;
  std::string text;
};
using Lines = std::vector<Line>;

Line RandomLine(Random& random, bool structured) {
  const uint64_t dice = structured ? random() % 40 : 39;
  const Line::Kind kind = dice == 0   ? Line::Kind::kHeading
                          : dice < 8  ? Line::Kind::kParagraph
                          : dice < 16 ? Line::Kind::kItem
                                      : Line::Kind::kSentence;
  return {.kind = kind, .text = RandomSentence(random)};
}

std::string Markup(const Lines& lines) {
  static constexpr std::string_view kBefore[] = {" ", "\n\n", "\n\n- ", "\n\n## "};
  static constexpr std::string_view kAfter[] = {"", "", "\n\n", "\n\n"};
  std::string text;
  for (const Line& line : lines) {
    const auto kind = static_cast<size_t>(line.kind);
    text += kBefore[kind];
    text += line.text;
    text += kAfter[kind];
  }
  return text;
}

enum class Edit : uint8_t { kWord, kReplace, kInsert, kDelete };
constexpr std::string_view kEditNames[] = {"word", "replace", "insert", "delete"};
constexpr Edit kEdits[] = {Edit::kWord, Edit::kReplace, Edit::kInsert, Edit::kDelete};

void ChangeWord(std::string& sentence, Random& random) {
  size_t space = sentence.find(' ', random() % sentence.size());
  if (space == std::string::npos) space = sentence.rfind(' ');
  const size_t end = std::min(sentence.find_first_of(" .", space + 1), sentence.size());
  sentence.replace(space + 1, end - space - 1, RandomWord(random) + "x");
}

void Apply(Edit edit, Lines& lines, Random& random) {
  size_t at = random() % lines.size();
  for (size_t tries = 0; tries < lines.size() && lines[at].kind == Line::Kind::kHeading; ++tries) {
    at = (at + 1) % lines.size();
  }
  const auto place = lines.begin() + static_cast<ptrdiff_t>(at);
  if (edit == Edit::kInsert) {
    lines.insert(place, {.kind = place->kind, .text = RandomSentence(random)});
  } else if (place->kind == Line::Kind::kHeading) {
    return;  // a document of nothing but headings
  } else if (edit == Edit::kWord) {
    ChangeWord(place->text, random);
  } else if (edit == Edit::kReplace) {
    place->text = RandomSentence(random);
  } else {
    lines.erase(place);
  }
}

struct Distribution {
  std::map<size_t, size_t> new_chunks;  // count of edits by number of new chunks
  size_t edits = 0, chunks = 0, tokens = 0, small = 0;

  double Share(size_t at_most) const {
    size_t sum = 0;
    for (const auto& [count, edits_of_it] : new_chunks) sum += count <= at_most ? edits_of_it : 0;
    return static_cast<double>(sum) / static_cast<double>(edits);
  }
  size_t Most() const { return new_chunks.rbegin()->first; }
  std::string ToString() const {
    std::string out;
    for (const auto& [count, edits_of_it] : new_chunks) {
      out += " " + std::to_string(count) + ":" + std::to_string(edits_of_it);
    }
    return out + " mean " + std::to_string(tokens / std::max<size_t>(chunks, 1)) + " tokens, " + std::to_string(small) +
           " of " + std::to_string(chunks) + " under 40";
  }
};

class StabilityTest : public ::testing::Test {
 protected:
  std::vector<Chunk> ChunksOf(const Lines& lines) {
    auto chunked = chunker_->Chunked(MakeClean(testing::Outline(Markup(lines))));
    EXPECT_TRUE(chunked.ok());
    return *chunked->chunks;
  }

  Lines RandomLines(bool structured) {
    const double power = std::uniform_real_distribution<>(0, std::log(5000.0))(random_);
    Lines lines;
    for (auto n = static_cast<size_t>(std::exp(power)); n > 0; --n) lines.push_back(RandomLine(random_, structured));
    return lines;
  }

  // Chunks of the edited text that the text before did not have.
  size_t NewChunks(std::multiset<Hash128> old, const Lines& edited) {
    size_t fresh = 0;
    for (const Chunk& chunk : ChunksOf(edited)) {
      const auto found = old.find(chunk.hash);
      if (found == old.end()) {
        ++fresh;
      } else {
        old.erase(found);
      }
    }
    return fresh;
  }

  void MeasureOne(Edit edit, bool structured, Distribution& out) {
    const Lines lines = RandomLines(structured);
    std::multiset<Hash128> old;
    for (const Chunk& chunk : ChunksOf(lines)) {
      old.insert(chunk.hash);
      ++out.chunks;
      out.tokens += chunk.tokens;
      out.small += chunk.tokens < 40;
    }
    for (int round = 0; round < 5; ++round) {
      Lines edited = lines;
      Apply(edit, edited, random_);
      ++out.new_chunks[NewChunks(old, edited)];
      ++out.edits;
    }
  }

  // The share of edits, over all kinds, that change at most two chunks.
  double ShareOfTwo(bool structured, size_t documents) {
    Distribution all;
    for (const Edit edit : kEdits) {
      Distribution distribution;
      for (size_t i = 0; i < documents; ++i) MeasureOne(edit, structured, distribution);
      std::printf("%-8s%s\n", kEditNames[static_cast<size_t>(edit)].data(), distribution.ToString().c_str());
      EXPECT_LE(distribution.Most(), 4u) << kEditNames[static_cast<size_t>(edit)];
      EXPECT_GE(distribution.Share(2), 0.98) << kEditNames[static_cast<size_t>(edit)];
      for (const auto& [count, edits] : distribution.new_chunks) all.new_chunks[count] += edits;
      all.edits += distribution.edits;
    }
    return all.Share(2);
  }

  Random random_{20240131};
  model::WordsCounter counter_;
  std::unique_ptr<Chunker> chunker_ = std::move(Chunker::Make({}, counter_)).value();
};

// One paragraph, however long: nothing but content decides where it is cut.
TEST_F(StabilityTest, OneEditOfAFlatTextChangesAtMostTwoChunksIn99Of100AndNeverMoreThanFour) {
  EXPECT_GE(ShareOfTwo(/*structured=*/false, 60), 0.99);
}

TEST_F(StabilityTest, OneEditOfAStructuredTextDoesToo) { EXPECT_GE(ShareOfTwo(/*structured=*/true, 40), 0.99); }

// The worst for content-defined cuts is content that does not differ.
TEST_F(StabilityTest, TheSameSentenceOverAndOverKeepsItsChunksToo) {
  for (const size_t count : {10, 100, 1000, 5000}) {
    const Lines lines(count, Line{.text = "No acute distress was seen in the patient today."});
    std::multiset<Hash128> old;
    for (const Chunk& chunk : ChunksOf(lines)) old.insert(chunk.hash);
    for (const size_t at : {size_t{0}, count / 2, count - 1}) {
      Lines more = lines, fewer = lines, other = lines;
      more.insert(more.begin() + static_cast<ptrdiff_t>(at), lines[0]);
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(at));
      other[at].text = "Fever.";
      EXPECT_LE(NewChunks(old, more), 2u);
      EXPECT_LE(NewChunks(old, fewer), 2u);
      EXPECT_LE(NewChunks(old, other), 4u) << count << " " << at;
    }
  }
}

}  // namespace
}  // namespace freshet::chunk
