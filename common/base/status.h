// Status and Result<T>: how every call that can fail says so. No exception crosses a stage.
//
//   Result<Document> Parse(std::string_view bytes);
//   FRESHET_ASSIGN_OR_RETURN(Document document, Parse(bytes));
//
// The message carries coordinates (a topic, an offset, a line, a size), never content: it goes to logs as it is.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "common/base/code.h"

namespace freshet {

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  explicit Status(Code code, std::string message = {}) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // "document_too_large: 4,300,000 code points"
  std::string ToString() const {
    return message_.empty() ? std::string(NameOf(code_)) : std::string(NameOf(code_)) + ": " + message_;
  }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status OkStatus() { return Status(); }

// A T, or the Status that says why there is none. Asking a failed Result for its value is a defect.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                                        // NOLINT: implicit by design
  Result(Status status) : value_(std::move(status)) { assert(!this->status().ok()); }  // NOLINT: same

  bool ok() const { return value_.index() == 0; }
  Status status() const { return ok() ? Status() : std::get<1>(value_); }
  Code code() const { return ok() ? Code::kOk : std::get<1>(value_).code(); }

  T& value() & { return std::get<0>(value_); }
  const T& value() const& { return std::get<0>(value_); }
  T&& value() && { return std::get<0>(std::move(value_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> value_;
};

}  // namespace freshet

#define FRESHET_CONCAT_(a, b) a##b
#define FRESHET_CONCAT(a, b) FRESHET_CONCAT_(a, b)

#define FRESHET_RETURN_IF_ERROR(expression)            \
  do {                                                 \
    ::freshet::Status freshet_status_ = (expression);  \
    if (!freshet_status_.ok()) return freshet_status_; \
  } while (false)

#define FRESHET_ASSIGN_OR_RETURN(declaration, expression) \
  FRESHET_ASSIGN_OR_RETURN_(FRESHET_CONCAT(freshet_result_, __LINE__), declaration, expression)
#define FRESHET_ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) return result.status();                        \
  declaration = std::move(result).value()
