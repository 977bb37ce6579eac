// RateLimit: how fast one source may fill the pipeline: a bucket each for documents and for bytes, a second's worth
// deep (token bucket; A. Tanenbaum, Computer Networks, "Traffic shaping").
//
//   RateLimit limit({.documents_per_second = 100});
//   sleep(limit.Wait(clock.Now()));                                   // until nothing is owed
//   limit.Take({.documents = 40, .bytes = 90'000}, clock.Now());      // may leave a debt
//
// A portion passes whatever its size once nothing is owed, and leaves a debt. A clock set back refills nothing. 0 is no
// limit. One thread.
#pragma once

#include <algorithm>
#include <cmath>

#include "common/base/clock.h"
#include "common/config/options.h"

namespace freshet {

struct RateOptions {
  uint64_t documents_per_second = 0;
  ByteSize bytes_per_second{0};
};

template <>
struct OptionTable<RateOptions> {
  static constexpr auto fields =
      std::tuple{Field("documents_per_second", &RateOptions::documents_per_second,
                       "Content that the source may publish a second; a second's worth at once. 0: no limit."),
                 Field("bytes_per_second", &RateOptions::bytes_per_second, "The same, of content. 0: no limit.")};
};

class RateLimit {
 public:
  struct Amount {
    uint64_t documents = 0;
    uint64_t bytes = 0;
  };
  explicit RateLimit(RateOptions options)
      : documents_(static_cast<double>(options.documents_per_second)),
        bytes_(static_cast<double>(options.bytes_per_second.bytes)) {}

  void Take(Amount amount, Time now) {
    documents_.Take(static_cast<double>(amount.documents), now);
    bytes_.Take(static_cast<double>(amount.bytes), now);
  }
  // Until nothing is owed.
  Duration Wait(Time now) const { return std::max(documents_.Wait(now), bytes_.Wait(now)); }

 private:
  struct Bucket {
    explicit Bucket(double per_second) : rate(per_second), left(per_second) {}
    double LeftAt(Time now) const {
      return std::min(rate, left + rate * std::max(0.0, std::chrono::duration<double>(now - last).count()));
    }
    void Take(double amount, Time now) {
      if (rate <= 0) return;
      left = LeftAt(now) - amount;
      last = now;
    }
    Duration Wait(Time now) const {
      const double owed = rate <= 0 ? 0 : -LeftAt(now);
      return owed <= 0 ? Duration(0) : Duration(static_cast<int64_t>(std::ceil(owed / rate * 1e6)));
    }
    const double rate;
    double left;
    Time last;
  };
  Bucket documents_, bytes_;
};

}  // namespace freshet
