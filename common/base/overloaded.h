// Overloaded: a visitor for std::variant, made of a lambda for each alternative.
//
//   std::visit(Overloaded{[](const Delete&) { return "delete"; }, [](const auto&) { return "other"; }}, change);
//
// Stateless but for what the lambdas hold.
#pragma once

namespace freshet {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace freshet
