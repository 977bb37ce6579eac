// Who may push: those whose token is listed, and nobody else.
#include "connectors/push/senders.h"

#include <gtest/gtest.h>

namespace freshet::push {
namespace {

TEST(Senders, AreKnownByTheirToken) {
  const Senders senders("# the portal\nfirst-token  # until May\n\n  second-token\r\n");
  for (const char* header : {"Bearer first-token", "bearer second-token", "BEARER first-token"}) {
    EXPECT_TRUE(senders.Know(header)) << header;
  }
}

TEST(Senders, NobodyElseIs) {
  const Senders senders("first-token\n");
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer first-toke", "Bearer first-token2", "Bearer FIRST-TOKEN",
                             "Basic first-token", "first-token", "Bearer  first-token", "Bearer until"}) {
    EXPECT_FALSE(senders.Know(header)) << header;
  }
  for (const char* tokens : {"", "\n", "# only a comment\n"}) {
    EXPECT_TRUE(Senders(tokens).empty());
    EXPECT_FALSE(Senders(tokens).Know("Bearer "));
  }
}

}  // namespace
}  // namespace freshet::push
