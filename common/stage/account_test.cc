#include "common/stage/account.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

struct Body {};

TEST(StageAccount, CountsEveryEnvelopeOnce) {
  StageAccount account;
  account.Add(Envelope<Body>{.payload = Body{}});
  account.Add(Envelope<Body>{.payload = Heartbeat{}});
  account.Add(Envelope<Body>{.payload = Present{}});
  account.Add(Envelope<Body>{.payload = Skipped{Code::kInvalidUtf8, Step::kDeid}});
  account.Add(Envelope<Body>{.payload = Lost{Code::kExpired, 5, Step::kChunk}});
  EXPECT_EQ(account.total(), 9u);
  EXPECT_EQ(account.Encode(), "f1,c2,s1:deid/invalid_utf8,s5:chunk/expired");
}

TEST(StageAccount, ReadsBackWhatItWrote) {
  StageAccount account{.forwarded = 12, .control = 3, .skipped = {{{Step::kEmbed, Code::kTimeout}, 7}}};
  const auto read = StageAccount::Decode(account.Encode());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->Encode(), account.Encode());
  EXPECT_EQ(StageAccount::Decode("")->total(), 0u);
}

TEST(StageAccount, RefusesWhatIsNotInTheGrammar) {
  for (const char* text :
       {"x", "f", "fx", "f1x", "s1", "s1:deid", "s1:deid/nonsense", "s1:nowhere/timeout", "f1,,c1"}) {
    EXPECT_FALSE(StageAccount::Decode(text)) << text;
  }
}

}  // namespace
}  // namespace freshet
