// RateLimit: how fast one source may fill the pipeline: a bucket each for documents and for bytes, a second's worth
// deep (token bucket; A. Tanenbaum, Computer Networks, "Traffic shaping").
//
//   RateLimit limit({.documents_per_second = 100});
//   sleep(limit.Take({.documents = 40, .bytes = 90'000}, clock.Now()));
//
// What is larger than a second's worth passes once the bucket is full, and then leaves a debt. A clock set back refills
// nothing. 0 is no limit. One thread.
#pragma once

#include <algorithm>

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

  // How long to wait before this much may go; it counts as gone.
  Duration Take(Amount amount, Time now) {
    return std::max(documents_.Take(static_cast<double>(amount.documents), now),
                    bytes_.Take(static_cast<double>(amount.bytes), now));
  }

 private:
  struct Bucket {
    explicit Bucket(double per_second) : rate(per_second), left(per_second) {}
    Duration Take(double amount, Time now) {
      if (rate <= 0) return Duration(0);
      const double seconds = std::max(0.0, std::chrono::duration<double>(now - last).count());
      left = std::min(rate, left + rate * seconds);
      last = now;
      left -= amount;
      return left >= 0 ? Duration(0) : Duration(static_cast<int64_t>(-left / rate * 1e6));
    }
    const double rate;
    double left;
    Time last;
  };
  Bucket documents_, bytes_;
};

}  // namespace freshet
