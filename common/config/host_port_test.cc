// Addresses to listen on: what is one, what is none, and back to text.
#include "common/config/host_port.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(HostPortTest, IsReadAndWritten) {
  EXPECT_EQ(*ParseHostPort("127.0.0.1:8080"), (HostPort{"127.0.0.1", 8080}));
  EXPECT_EQ(*ParseHostPort("[::1]:0"), (HostPort{"::1", 0}));
  for (const char* text : {"127.0.0.1:8080", "[::1]:443", "freshet.local:65535"}) {
    EXPECT_EQ(ParseHostPort(text)->ToString(), text);
  }
}

TEST(HostPortTest, WhatIsNoAddressIsRefused) {
  for (const char* text : {"", ":", ":80", "host", "host:", "host:65536", "host:-1", "host:80x", "::1:80", "[::1:80",
                           "ho st:80", "http://host:80", "[host]:80", "[]:80"}) {
    EXPECT_EQ(ParseHostPort(text).code(), Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace freshet
