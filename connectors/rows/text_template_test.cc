#include "connectors/rows/text_template.h"

#include <gtest/gtest.h>

#include "connectors/rows/testing.h"

namespace freshet::rows {
namespace {

Template Of(std::string_view text) {
  Result<Template> parsed = Template::Parse(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status().ToString();
  return parsed.ok() ? *parsed : Template();
}

TEST(Template, PutsColumnsIntoText) {
  const Row row = MakeRow(MakeTable("t", {"id", "body", "gone"}, {"id"}), {"7", "hello", "-"});
  EXPECT_EQ(Of("note/{id}: {body}{{}}").Render(row).text, "note/7: hello{}");
  EXPECT_EQ(Of("{id}{id}").columns(), std::vector<std::string>{"id"});
  EXPECT_EQ(Of("x{gone}y").Render(row).text, "xy");
  EXPECT_EQ(Of("x{gone}y").Render(row).state, Cell::State::kNull);
  EXPECT_EQ(Of("{nowhere}").Render(row).state, Cell::State::kNull);
}

TEST(Template, SaysThatAColumnIsUnknown) {
  const Row row = MakeRow(MakeTable("t", {"id", "body"}, {"id"}), {"7", "~"});
  EXPECT_EQ(Of("{id} {body}").Render(row).state, Cell::State::kUnknown);
  EXPECT_TRUE(Of("{id} {body}").RenderEach(row).empty());
}

TEST(Template, GivesEachItemOfAList) {
  Row row = MakeRow(MakeTable("t", {"id", "readers"}, {"id"}), {"7", "-"});
  EXPECT_TRUE(Of("user:{readers}").RenderEach(row).empty());
  row.cells[1] = Cell::List({"ada", "bob"});
  EXPECT_EQ(Of("user:{readers}@{id}").RenderEach(row), (std::vector<std::string>{"user:ada@7", "user:bob@7"}));
  row.cells[1] = Cell::List({});
  EXPECT_TRUE(Of("user:{readers}").RenderEach(row).empty());
}

TEST(Template, RefusesWhatIsNone) {
  for (const char* text : {"{", "}", "a{b", "{}", "a}b"}) {
    EXPECT_EQ(Template::Parse(text).code(), Code::kConfiguration) << text;
  }
}

TEST(Template, MatchUndoesRender) {
  std::mt19937 random(7);
  const Template pattern = Of("ward/{ward}/{id}");
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> values(2);
    for (std::string& value : values) {
      for (unsigned n = random() % 5; n > 0; --n) value.push_back("ab{}w"[random() % 5]);
    }
    const auto back = pattern.Match(pattern.RenderKey(values));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(*back, values);
  }
  EXPECT_FALSE(pattern.Match("ward/7").has_value());
  EXPECT_FALSE(pattern.Match("beds/7/8").has_value());
  EXPECT_FALSE(Of("{a}-{a}").Match("1-2").has_value());
  EXPECT_TRUE(Of("{a}-{a}").Match("1-1").has_value());
  EXPECT_FALSE(Of("{a}!").Match("1").has_value());
}

}  // namespace
}  // namespace freshet::rows
