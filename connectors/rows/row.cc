#include "connectors/rows/row.h"

#include <nlohmann/json.hpp>

namespace freshet::rows {

Cell Cell::List(std::vector<std::string> items) {
  Cell cell{.state = State::kText, .is_list = true, .items = std::move(items)};
  cell.text = nlohmann::json(cell.items).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return cell;
}

int Table::IndexOf(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

bool Table::HasKey(std::string_view column) const {
  const int index = IndexOf(column);
  return index >= 0 && (whole_before || key[static_cast<size_t>(index)]);
}

const Cell* Row::Find(std::string_view column) const {
  const int index = table->IndexOf(column);
  return index < 0 || static_cast<size_t>(index) >= cells.size() ? nullptr : &cells[static_cast<size_t>(index)];
}

size_t Row::Bytes() const {
  size_t bytes = cells.size() * sizeof(Cell);
  for (const Cell& cell : cells) bytes += cell.text.size();
  return bytes;
}

void FillFromBefore(RowChange& change) {
  if (!change.before || !change.after) return;
  std::vector<Cell>& cells = change.after->cells;
  for (size_t i = 0; i < cells.size() && i < change.before->cells.size(); ++i) {
    // A key that did change is never unknown, and what is not of the key is unknown in the old row too.
    if (cells[i].is_unknown()) cells[i] = change.before->cells[i];
  }
}

}  // namespace freshet::rows
