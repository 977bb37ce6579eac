// FakeAuthorization: for tests: an authorization server of SMART Backend Services in memory, that believes nothing it
// has not checked: the assertion's form, signature, times, and that it never saw it before.
//
//   server.authorization = std::make_shared<FakeAuthorization>("freshet", "key-1", key.public_pem);   // fake_server.h
//   server.authorization->Revoke();                 // no token of until now counts
//
// Any thread; the public fields are changed before or between requests.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "common/base/clock.h"

namespace freshet::fhir {

class FakeAuthorization {
 public:
  FakeAuthorization(std::string client, std::string key_id, std::string public_pem)
      : client_(std::move(client)), key_id_(std::move(key_id)), public_pem_(std::move(public_pem)) {}

  // To a token request; `audience` is its address.
  std::string Answer(const std::string& audience, const std::string& form, int& status);
  // Whether the header `Authorization` has a token that counts now.
  bool Accepts(const std::string& header) const;
  void Revoke();
  // So many tokens have been given.
  size_t given() const { return given_; }

  std::atomic<int> life = 300;         // seconds; 0: not told
  std::atomic<int> busy = 0;           // so many answers are 503, Retry-After: 2
  std::atomic<int> untold = 0;         // so many answers where tokens are asked about are 503, Retry-After: 2
  std::atomic<int> told_as = 200;      // and the others this
  std::atomic<bool> odd = false;       // answers hold no token
  std::atomic<bool> careless = false;  // tokens are given that the server does not take
  std::string scope = "system/*.read";

 private:
  // OAuth's word for what is wrong; "": nothing.
  std::string Judge(const std::string& audience, const std::map<std::string, std::string>& form);
  bool JudgeAssertion(const std::string& audience, const std::string& assertion);
  bool IsSigned(const std::string& text, const std::string& signature, const std::string& algorithm) const;

  const std::string client_, key_id_, public_pem_;
  mutable std::mutex mutex_;
  std::set<std::string> seen_;  // ids of assertions
  std::map<std::string, std::chrono::steady_clock::time_point> tokens_;
  std::atomic<size_t> given_ = 0;
};

}  // namespace freshet::fhir
