// Senders: who may push, by bearer token (RFC 6750).
//
//   Senders senders("# the portal\nfirst-token\nsecond-token\n");
//   senders.Know("Bearer first-token")     // true: the value of the header Authorization
//
// Every token is compared, each in constant time, so that an answer's time says nothing of how much was right.
// Immutable: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace freshet::push {

class Senders {
 public:
  // One a line; `#` begins a comment.
  explicit Senders(const std::string& tokens);

  bool empty() const { return tokens_.empty(); }
  bool Know(std::string_view authorization) const;

 private:
  std::vector<std::string> tokens_;
};

}  // namespace freshet::push
