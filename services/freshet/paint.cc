#include "services/freshet/paint.h"

#include <algorithm>
#include <cstdio>

#include "common/base/utf8.h"

namespace freshet {
namespace {

constexpr std::string_view kCodes[] = {"1", "2", "31", "32", "33"};

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }
// Marks that turn the direction of what follows: they could show a text that is not there.
bool IsDirection(char32_t c) { return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069); }

std::string Padded(const std::string& cell, size_t width, bool right) {
  const std::string space(width - std::min(width, CountCodePoints(cell)), ' ');
  return right ? space + cell : cell + space;
}

std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths, const Table& table) {
  std::string line;
  for (size_t i = 0; i < widths.size(); ++i) {
    const bool right = i < table.right.size() && table.right[i];
    line += (i == 0 ? "" : "  ") + Padded(i < cells.size() ? cells[i] : "", widths[i], right);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string Printable(std::string_view text) {
  if (!IsValidUtf8(text)) return "(not UTF-8)";
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = NextCodePoint(text, at);
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space && !out.empty() && out.back() != ' ') out += ' ';
    if (!space && !IsControl(c) && !IsDirection(c)) AppendUtf8(out, c);
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string PrintableLines(std::string_view text) {
  std::string out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const size_t trail = line.find_last_not_of(' ') + 1;
    out += at == 0 ? "" : "\n";
    out += std::string(indent, ' ') + Printable(line);
    if (trail > indent) out += std::string(line.size() - trail, ' ');
    at = end + 1;
  }
  return out;
}

std::string Wrap(std::string_view text, std::string_view indent, size_t columns) {
  const std::string words = Printable(text);
  std::string out, line;
  for (size_t at = 0; at < words.size();) {
    const size_t end = std::min(words.find(' ', at), words.size());
    const std::string word = words.substr(at, end - at);
    at = end + 1;
    const bool full = CountCodePoints(indent) + CountCodePoints(line) + 1 + CountCodePoints(word) > columns;
    if (!line.empty() && full) {
      out.append(indent).append(line).append("\n");
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out.append(indent).append(line).append("\n");
}

std::string Paint(std::string_view text, Colour colour, bool wanted) {
  if (!wanted) return std::string(text);
  return "\x1b[" + std::string(kCodes[static_cast<size_t>(colour)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string Render(const Table& table, bool colour) {
  std::vector<std::vector<std::string>> rows = table.rows;
  std::vector<size_t> widths;
  for (const std::string& heading : table.headings) widths.push_back(CountCodePoints(heading));
  for (auto& row : rows) {
    row.resize(widths.size());
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = Printable(row[i]);
      widths[i] = std::max(widths[i], CountCodePoints(row[i]));
    }
  }
  std::string out = Paint(Line(table.headings, widths, table), Colour::kBold, colour) + "\n";
  for (const auto& row : rows) out += Line(row, widths, table) + "\n";
  return out;
}

std::string SpokenMillis(double millis) {
  struct Unit {
    double from, millis;
    const char* format;
  };
  static constexpr Unit kUnits[] = {{172'800'000, 86'400'000, "%.1f d"},
                                    {7'200'000, 3'600'000, "%.1f h"},
                                    {120'000, 60'000, "%.1f min"},
                                    {10'000, 1'000, "%.1f s"},
                                    {100, 1, "%.0f ms"},
                                    {-1e300, 1, "%.1f ms"}};
  const Unit* const unit =
      std::find_if(std::begin(kUnits), std::end(kUnits) - 1, [&](const Unit& u) { return millis >= u.from; });
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, unit->format, millis / unit->millis);
  return buffer;
}

}  // namespace freshet
