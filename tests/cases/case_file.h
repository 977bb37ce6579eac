// CaseFile: one behaviour of the pipeline as data: what the source tells, and what must then be found.
//
//   Result<CaseFile> file = CaseFile::Parse(text);
//   file->about                       // what the case shows: the comment on top
//   for (const CaseLine& line : file->lines) ...
//
// Grammar (README.md has every verb):
//   line := "#" anything | verb word* [" | " text]      words are separated by blanks; in text, \n is a line feed and
//                                                       \0 the byte 0
// invalid_argument with the line's number where a line is none. Stateless: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::test {

struct CaseLine {
  size_t number = 0;  // from 1
  std::string verb;
  std::vector<std::string> words;
  std::string text;  // after " | "

  // The value of the word "key=value"; empty where there is none.
  std::string Option(std::string_view key) const;
};

struct CaseFile {
  std::string about;
  std::vector<CaseLine> lines;

  static Result<CaseFile> Parse(std::string_view text);
};

}  // namespace freshet::test
