#include "common/base/overloaded.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace freshet {
namespace {

using Value = std::variant<int, std::string, double>;

std::string KindOf(const Value& value) {
  return std::visit(Overloaded{[](int number) { return "int " + std::to_string(number); },
                               [](const std::string& text) { return "text " + text; },
                               [](const auto&) { return std::string("something else"); }},
                    value);
}

TEST(Overloaded, CallsTheCaseOfTheAlternative) {
  EXPECT_EQ(KindOf(7), "int 7");
  EXPECT_EQ(KindOf(std::string("a")), "text a");
  EXPECT_EQ(KindOf(0.5), "something else");
}

TEST(Overloaded, CasesMayChangeWhatTheyCapture) {
  int sum = 0;
  Overloaded add{[&](int number) { sum += number; }, [](const auto&) {}};
  std::visit(add, Value(3));
  std::visit(add, Value(4));
  std::visit(add, Value(0.5));
  EXPECT_EQ(sum, 7);
}

}  // namespace
}  // namespace freshet
