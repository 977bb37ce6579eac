// Breaker: ends what HTTP clients are doing, from another thread: also while they connect or shake hands, where
// httplib's own stop() would wait for them.
//
//   Breaker breaker;
//   breaker.Watch(client);      // before its first request; Forget before its end
//   breaker.Break();            // what is under way fails at once, and so does what follows, until Mend
//
// What nothing ends is the look-up of a host's name. Outlives what it watches. Any thread.
#pragma once

#include <map>
#include <mutex>

namespace httplib {
class Client;
}

namespace freshet::fhir {

class Breaker {
 public:
  Breaker() = default;
  ~Breaker();
  Breaker(const Breaker&) = delete;
  Breaker& operator=(const Breaker&) = delete;

  void Watch(httplib::Client& client);
  void Forget(const httplib::Client& client);
  void Break();
  void Mend();
  bool broken() const;

 private:
  void Take(const httplib::Client* client, int socket);

  mutable std::mutex mutex_;
  bool broken_ = false;
  std::map<const httplib::Client*, int> sockets_;  // our own descriptor of each: the client's may be another's by then
};

}  // namespace freshet::fhir
