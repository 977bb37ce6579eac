#include "connectors/rows/text_template.h"

namespace freshet::rows {

void Template::AddLiteral(char c) {
  if (parts_.empty() || parts_.back().column >= 0) parts_.emplace_back();
  parts_.back().literal.push_back(c);
}

void Template::AddColumn(std::string_view name) {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  parts_.push_back({.column = static_cast<int>(found - columns_.begin())});
  if (found == columns_.end()) columns_.emplace_back(name);
}

Result<Template> Template::Parse(std::string_view text) {
  Template out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c != '{' && c != '}') || doubled) {
      out.AddLiteral(c);
      if (c == '{' || c == '}') ++i;
      continue;
    }
    const size_t end = c == '{' ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) return Status(Code::kConfiguration, "a brace that is not closed; {{ writes one");
    if (end == i + 1) return Status(Code::kConfiguration, "a column without a name");
    out.AddColumn(text.substr(i + 1, end - i - 1));
    i = end;
  }
  return out;
}

Template::Rendered Template::Render(const Row& row) const {
  Rendered out;
  for (const Part& part : parts_) {
    if (part.column < 0) {
      out.text += part.literal;
      continue;
    }
    const Cell* const cell = row.Find(columns_[static_cast<size_t>(part.column)]);
    if (cell != nullptr && cell->is_unknown()) return {.state = Cell::State::kUnknown};
    if (cell == nullptr || cell->is_null()) {
      out.state = Cell::State::kNull;
    } else {
      out.text += cell->text;
    }
  }
  return out;
}

std::string Template::RenderKey(std::span<const std::string> values) const {
  std::string text;
  for (const Part& part : parts_) text += part.column < 0 ? part.literal : values[static_cast<size_t>(part.column)];
  return text;
}

std::vector<std::string> Template::RenderEach(const Row& row) const {
  std::vector<std::string> values(columns_.size());
  const Cell* list = nullptr;
  size_t list_at = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Cell* const cell = row.Find(columns_[i]);
    if (cell == nullptr || cell->state != Cell::State::kText) return {};
    if (cell->is_list) {
      list = cell;
      list_at = i;
    }
    values[i] = cell->text;
  }
  if (list == nullptr) return {RenderKey(values)};
  std::vector<std::string> all;
  for (const std::string& item : list->items) {
    values[list_at] = item;
    all.push_back(RenderKey(values));
  }
  return all;
}

std::optional<std::vector<std::string>> Template::Match(std::string_view text) const {
  std::vector<std::string> values(columns_.size());
  std::vector<bool> set(columns_.size());
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (part.column < 0) {
      if (!text.starts_with(part.literal)) return std::nullopt;
      text.remove_prefix(part.literal.size());
      continue;
    }
    size_t end = text.size();
    if (i + 1 < parts_.size()) {
      end = parts_[i + 1].column < 0 ? text.find(parts_[i + 1].literal) : text.size();
      if (end == std::string_view::npos) return std::nullopt;
    }
    const size_t at = static_cast<size_t>(part.column);
    if (set[at] && values[at] != text.substr(0, end)) return std::nullopt;
    values[at] = text.substr(0, end);
    set[at] = true;
    text.remove_prefix(end);
  }
  return text.empty() ? std::optional(values) : std::nullopt;
}

std::optional<std::vector<std::string>> KeyOf(const Row& row, std::span<const std::string> columns) {
  std::vector<std::string> values;
  for (const std::string& column : columns) {
    const Cell* const cell = row.Find(column);
    if (cell == nullptr || cell->state != Cell::State::kText) return std::nullopt;
    values.push_back(cell->text);
  }
  return values;
}

}  // namespace freshet::rows
