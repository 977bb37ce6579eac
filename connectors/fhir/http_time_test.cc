#include "connectors/fhir/http_time.h"

#include <gtest/gtest.h>

namespace freshet::fhir {
namespace {

using namespace std::chrono_literals;

const Time kMoment(784'111'777s);  // RFC 9110, 5.6.7

TEST(HttpTime, ReadsTheThreeFormsOfADate) {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(ReadHttpDate(text), kMoment) << text;
  }
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT+1", "120", "tomorrow"}) {
    EXPECT_EQ(ReadHttpDate(text), std::nullopt) << text;
  }
}

TEST(HttpTime, RetryAfterIsSecondsOrADateOfTheServersClock) {
  EXPECT_EQ(ReadRetryAfter("120", kMoment), Duration(120s));
  EXPECT_EQ(ReadRetryAfter("Sun, 06 Nov 1994 08:51:37 GMT", kMoment), Duration(120s)) << "whatever our clock says";
  EXPECT_EQ(ReadRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", kMoment), Duration(0)) << "is over";
  EXPECT_EQ(ReadRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", std::nullopt), Duration(0));
  EXPECT_EQ(ReadRetryAfter("Mon, 07 Nov 1994 08:49:37 GMT", kMoment), Duration(1h)) << "an hour at most";
  EXPECT_EQ(ReadRetryAfter("99999", kMoment), Duration(1h));
  for (const char* text : {"", "-1", "1.5", "soon", "99999999999"}) {
    EXPECT_EQ(ReadRetryAfter(text, kMoment), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace freshet::fhir
