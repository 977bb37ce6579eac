// HeldBody: a request's body while it is held: it counts in what all requests together may take.
//
//   HeldBody body(held, {.body = 16 << 20, .all = 64 << 20});      // std::atomic<size_t> held, shared
//   FRESHET_RETURN_IF_ERROR(body.Read(reader));                     // of httplib, whose own limit leaves chunked and
//   body.text()                                                     // compressed bodies unbounded
//
// Codes: document_too_large, backpressure (all requests together), invalid_argument (it broke off). A body that is
// refused is read on and let go, to kDrained times its limit, so that its sender gets an answer. One thread; `held`:
// any.
#pragma once

#include <httplib.h>

#include <atomic>
#include <string>

#include "common/base/status.h"

namespace freshet::push {

inline constexpr size_t kDrained = 4;

class HeldBody {
 public:
  struct Limits {
    size_t body = 0;
    size_t all = 0;
  };
  HeldBody(std::atomic<size_t>& held, Limits limits) : held_(held), limits_(limits) {}
  ~HeldBody() { held_ -= counted_; }
  HeldBody(const HeldBody&) = delete;
  HeldBody& operator=(const HeldBody&) = delete;

  Status Read(const httplib::ContentReader& reader);
  const std::string& text() const { return text_; }

 private:
  Status Take(std::string_view piece);

  std::atomic<size_t>& held_;
  const Limits limits_;
  size_t counted_ = 0;
  std::string text_;
};

}  // namespace freshet::push
