// Text for a terminal: colours where wanted, tables, and nothing that a document could do to the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace freshet {

// Control characters (C0, C1, DEL) and broken UTF-8 out, white space to single spaces: a document's text may hold
// escape sequences.
std::string Printable(std::string_view text);
// The same for a text of many lines, which stay, with the spaces at their ends.
std::string PrintableLines(std::string_view text);

// Words on lines of at most `columns` code points, each behind `indent`; a newline at the end of each.
std::string Wrap(std::string_view text, std::string_view indent, size_t columns);

enum class Colour : uint8_t { kBold, kDim, kRed, kGreen, kYellow };
std::string Paint(std::string_view text, Colour colour, bool wanted);

// Columns as wide as their widest cell; `headings` first. Cells are Printable; the first column is to the left, the
// others where `right` says so.
struct Table {
  std::vector<std::string> headings;
  std::vector<bool> right;
  std::vector<std::vector<std::string>> rows;
};
std::string Render(const Table& table, bool colour);

// "180 ms", "4.6 ms", "12.3 s", "5.0 min", "3.2 h", "2.1 d".
std::string SpokenMillis(double millis);

}  // namespace freshet
