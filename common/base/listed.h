// Listed: a name on an access list or in a group, and for which time; Period: a stretch of time, its end left out.
//
//   Listed locum(Principal("user:locum"), {.until = *ParseTime("2026-12-31T18:00:00Z")});
//   locum.period.Contains(clock.Now())
//
// A name without a period is listed for good. Plain values.
#pragma once

#include <algorithm>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"

namespace freshet {

// Ordered by their ends. One that ends before it begins is never.
struct Period {
  Time until = Time::max();
  Time from = Time::min();

  bool Contains(Time time) const { return from <= time && time < until; }
  bool is_limited() const { return *this != Period(); }
  auto operator<=>(const Period&) const = default;
};

struct Listed {
  Principal principal;
  Period period;

  Listed(Principal name, Period when = {}) : principal(std::move(name)), period(when) {}  // a name is listed for good
  auto operator<=>(const Listed&) const = default;
};

inline std::vector<Listed> ForGood(const std::vector<Principal>& principals) {
  return {principals.begin(), principals.end()};
}

// Now, and between which times whatever was asked of it about periods has the same answer.
//
//   Moment moment(now);
//   if (moment.IsIn(a.period) && !moment.IsIn(b.period)) ...
//   moment.stays()      // true of [from, until) around now: no edge that was looked at lies in between
class Moment {
 public:
  explicit Moment(Time now) : now_(now) {}

  bool IsIn(const Period& period) {
    Note(period.from);
    Note(period.until);
    return period.Contains(now_);
  }
  // The edge of a period that is known not to hold, and was not asked about.
  void Note(Time edge) {
    if (edge <= now_) {
      stays_.from = std::max(stays_.from, edge);
    } else {
      stays_.until = std::min(stays_.until, edge);
    }
  }
  Time now() const { return now_; }
  const Period& stays() const { return stays_; }

 private:
  const Time now_;
  Period stays_;
};

}  // namespace freshet
