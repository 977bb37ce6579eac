// Webhook: where a server's subscriptions (channel rest-hook) knock. What it says is not believed: it wakes who asks
// the server itself, so that a forged, lost or late call changes nothing but the time.
//
//   Webhook webhook(options, [&] { wake(); });
//   FRESHET_ASSIGN_OR_RETURN(int port, webhook.Start());
//
// POST and PUT of anything below "/" with the token are answered with 200, others with 401; a body is let go by unread.
// Codes: unavailable (the address is taken). Threads of its own; Start: one.
#pragma once

#include <functional>
#include <memory>

#include "connectors/fhir/options.h"

namespace freshet::fhir {

class Webhook {
 public:
  // `wake`: any thread.
  Webhook(const FhirOptions& options, std::function<void()> wake);
  ~Webhook();

  Result<int> Start();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace freshet::fhir
