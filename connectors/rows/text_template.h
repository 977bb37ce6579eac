// Template: text with columns in it, and back.
//
//   FRESHET_ASSIGN_OR_RETURN(Template ward, Template::Parse("ward/{ward}"));
//   ward.Render(row)            // {kText, "ward/12"}
//   ward.Match("ward/12")       // {"12"}
//
//   template := ( character | "{" column "}" | "{{" | "}}" )*
//
// Immutable: any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/rows/row.h"

namespace freshet::rows {

class Template {
 public:
  Template() = default;
  // configuration: a brace that is never closed, a column without a name.
  static Result<Template> Parse(std::string_view text);

  // Distinct, in the order of their first use.
  const std::vector<std::string>& columns() const { return columns_; }
  bool empty() const { return parts_.empty(); }
  // One column and nothing else: its bytes go as they are.
  bool is_column() const { return parts_.size() == 1 && parts_[0].column >= 0; }

  struct Rendered {
    // kNull: one of the columns is null, or is not there; it counts as empty text. kUnknown: one is unknown.
    Cell::State state = Cell::State::kText;
    std::string text;
  };
  Rendered Render(const Row& row) const;
  // From the values of columns(), in their order.
  std::string RenderKey(std::span<const std::string> values) const;
  // A column that holds a list stands for each of its items in turn. Nothing where a column is null.
  std::vector<std::string> RenderEach(const Row& row) const;

  // The values of columns() that render to this text; nothing where none do. A value ends where the text after it in
  // the template begins.
  std::optional<std::vector<std::string>> Match(std::string_view text) const;

 private:
  struct Part {
    std::string literal;
    int column = -1;  // of columns_
  };
  void AddLiteral(char c);
  void AddColumn(std::string_view name);

  std::vector<Part> parts_;
  std::vector<std::string> columns_;
};

// The values of the columns in the row; nothing where one is null, unknown or not there.
std::optional<std::vector<std::string>> KeyOf(const Row& row, std::span<const std::string> columns);

}  // namespace freshet::rows
