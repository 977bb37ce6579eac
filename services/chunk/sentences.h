// Sentences of clinical text: where a paragraph may be cut. By rules of our own rather than ICU's: those break after
// "Dr." and before every wrapped line, and cost more than all the rest of chunking; sentences_test.cc compares the two.
//
//   std::vector<uint32_t> ends;
//   SentenceEnds("Seen by Dr. Wu. Afebrile.", ends);   // {16, 25}
//
// A sentence ends behind
// - ! ? or a sentence terminal of another script (Unicode's Sentence_Terminal), with closing quotes and brackets;
// - a full stop before whitespace, unless the next visible character is a lower-case letter, or the stop belongs to a
//   title or reference ("Dr.", "No. 5"), an initial ("J."), an enumerator ("2." at the start of a line), or to an
//   abbreviation ("mg.", "q.i.d.") before anything but a capital;
// - an empty line; and a line break, unless the line reads on: the next begins with a lower-case letter, or this one is
//   as long as wrapped lines are and has no final punctuation.
//
// Deterministic, linear, any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace freshet::chunk {

// Replaces `ends` by the byte offsets where sentences end, trailing whitespace included; the last is text.size(). Empty
// for an empty text. The text is valid UTF-8.
void SentenceEnds(std::string_view text, std::vector<uint32_t>& ends);

}  // namespace freshet::chunk
