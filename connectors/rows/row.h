// Row: one row of a relational source, whatever system and wire it came by.
//
//   auto table = std::make_shared<const Table>(Table{.name = "public.note", .columns = {"id", "body"}, .key = {1, 0}});
//   Row row{table, {Cell::Text("7"), Cell::Unknown()}};       // an update that left a TOASTed column alone
//   row.Find("body")->is_unknown()
//
// The text of a cell is the same from every source, so that one configuration means one thing:
//
//   boolean   := "true" | "false"
//   date      := YYYY-MM-DD
//   timestamp := YYYY-MM-DDThh:mm:ss[.ffffff], with "Z" where it has a zone
//   bytes     := the bytes themselves
//   number    := decimal digits, as exact as the source has it
//   list      := `items`, and as text a JSON array
//   other     := as the source writes it
//
// Plain values: copy freely; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::rows {

struct Cell {
  enum class State : uint8_t {
    kNull,
    kText,
    kUnknown,  // the change does not say: an unchanged TOASTed value, a column outside the key of a deleted row
  };
  State state = State::kNull;
  bool is_list = false;
  std::string text;
  std::vector<std::string> items;  // of a list; nulls in it are left out

  static Cell Null() { return {}; }
  static Cell Unknown() { return {.state = State::kUnknown}; }
  static Cell Text(std::string text) { return {.state = State::kText, .text = std::move(text)}; }
  static Cell List(std::vector<std::string> items);

  bool is_null() const { return state == State::kNull; }
  bool is_unknown() const { return state == State::kUnknown; }
  bool operator==(const Cell&) const = default;
};

struct Table {
  std::string name;  // "schema.table"
  std::vector<std::string> columns;
  // By column: part of what identifies a row in an update or delete. All of them where the old row travels whole.
  std::vector<bool> key;
  bool whole_before = false;  // updates and deletes carry the whole old row (REPLICA IDENTITY FULL)

  int IndexOf(std::string_view column) const;  // -1: there is none
  bool HasKey(std::string_view column) const;
};

struct Row {
  std::shared_ptr<const Table> table;
  std::vector<Cell> cells;  // as table->columns

  // Null where the table has no such column.
  const Cell* Find(std::string_view column) const;
  size_t Bytes() const;
};

struct RowChange {
  enum class Kind : uint8_t { kInsert, kUpdate, kDelete, kTruncate };
  Kind kind = Kind::kInsert;
  std::shared_ptr<const Table> table;
  std::optional<Row> before;  // of a delete; of an update where the key has changed or the old row travels whole
  std::optional<Row> after;   // of an insert or update
};

// What an update left out and its old row tells: copied from there.
void FillFromBefore(RowChange& change);

// Rows by the values of some columns, as the source has them now.
struct RowQuery {
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::string> by;                 // columns whose values are asked for
  std::vector<std::vector<std::string>> keys;  // as `by`
  std::vector<std::string> order;
};

// Whoever can ask the source. One thread.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // unavailable: not now; configuration: no such table or column, no permission.
  virtual Result<std::vector<Row>> Select(const RowQuery& query) = 0;
};

}  // namespace freshet::rows
