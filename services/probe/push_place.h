// PushPlace: the prober's place in a source that takes CloudEvents over HTTP (connectors/push): it pushes a document of
// its own, and the access list that this hangs on, as any sender would.
//
//   FRESHET_ASSIGN_OR_RETURN(auto place, PushPlace::Make({.url = "http://127.0.0.1:8090/v1/events", .token = token},
//                                                        "user:prober"));
//
// Subject and access scope are both "freshet-probe". Times grow by a millisecond at least, also where the clock stands
// still or is set back, so that what is pushed later is later; ids are not used twice. Codes of Make: configuration (a
// URL that is none, a token that no header may hold); of the others: unavailable (nobody answers with 202 now),
// unauthenticated, configuration (the source refuses such an event). One thread.
#pragma once

#include <memory>
#include <string>

#include "common/config/options.h"
#include "services/probe/probe.h"

namespace freshet::probe {

struct PushPlaceOptions {
  std::string url;
  std::string token;
};

class PushPlace final : public ProbePlace {
 public:
  static Result<std::unique_ptr<PushPlace>> Make(const PushPlaceOptions& options, std::string reader,
                                                 const Clock& clock);
  ~PushPlace() override;

  Status Write(const std::string& text) override;
  Status Permit(bool permitted) override;
  Status Remove() override;

 private:
  struct Event;
  struct Wire;
  PushPlace(std::unique_ptr<Wire> wire, std::string reader, const Clock& clock);
  Status Push(const Event& event);

  const std::unique_ptr<Wire> wire_;
  const std::string reader_;
  const Clock& clock_;
  Time last_{};          // that an event was given
  uint64_t events_ = 0;  // pushed by this
};

}  // namespace freshet::probe

namespace freshet {

template <>
struct OptionTable<probe::PushPlaceOptions> {
  using Options = probe::PushPlaceOptions;
  static constexpr auto fields = std::tuple{
      Field("url", &Options::url, "Where the source takes events: http://127.0.0.1:8090/v1/events.").Required(),
      Field("token", &Options::token, "One of the tokens that the source knows.").Required().Secret()};
};

}  // namespace freshet
