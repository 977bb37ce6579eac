#include "tests/cases/case_file.h"

#include <sstream>

namespace freshet::test {
namespace {

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == '0');
    plain += escape ? (text[i + 1] == 'n' ? '\n' : '\0') : text[i];
    if (escape) ++i;
  }
  return plain;
}

CaseLine ParseLine(const std::string& line, size_t number) {
  const size_t bar = line.find(" | ");
  CaseLine parsed{.number = number, .text = bar == line.npos ? "" : Unescaped(line.substr(bar + 3))};
  std::istringstream words(line.substr(0, bar));
  words >> parsed.verb;
  for (std::string word; words >> word;) parsed.words.push_back(word);
  return parsed;
}

}  // namespace

std::string CaseLine::Option(std::string_view key) const {
  for (const std::string& word : words) {
    if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=') {
      return word.substr(key.size() + 1);
    }
  }
  return "";
}

Result<CaseFile> CaseFile::Parse(std::string_view text) {
  CaseFile file;
  std::istringstream in{std::string(text)};
  size_t number = 0;
  bool top = true;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with('#')) {
      if (top) file.about += (file.about.empty() ? "" : " ") + line.substr(line.find_first_not_of("# "));
      continue;
    }
    top = false;
    if (line.empty()) continue;
    if (line.front() == ' ') return Status(Code::kInvalidArgument, "line " + std::to_string(number) + " is indented");
    file.lines.push_back(ParseLine(line, number));
  }
  if (file.about.empty() || file.lines.empty()) {
    return Status(Code::kInvalidArgument, "a case begins with a comment that says what it shows, and has lines");
  }
  return file;
}

}  // namespace freshet::test
