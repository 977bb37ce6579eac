// StageAccount: what became of a step's inputs in one partition, stored with the progress that it explains.
//
//   account.Add(Skipped{Code::kBinaryContent, Step::kDeid});   account.Encode()   // "f12,s1:deid/binary_content"
//
// in = forwarded + skipped by code (+ what is in flight) at every step (DESIGN §4.6): the counts and the offset are one
// write, so the identity holds after any crash.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/stage/envelope.h"

namespace freshet {

struct StageAccount {
  uint64_t forwarded = 0;  // content, passed on
  uint64_t control = 0;    // heartbeats, edges, mentions, passed on
  std::map<std::pair<Step, Code>, uint64_t> skipped;

  uint64_t total() const;
  void Add(const StageAccount& other);
  // Grammar: account := item ("," item)*; item := "f" count | "c" count | "s" count ":" step "/" code.
  std::string Encode() const;
  // Nothing where the text is not in the grammar.
  static std::optional<StageAccount> Decode(std::string_view text);

  template <class Body>
  void Add(const Envelope<Body>& envelope) {
    if (envelope.body() != nullptr) {
      ++forwarded;
    } else if (const auto* skip = std::get_if<Skipped>(&envelope.payload)) {
      ++skipped[{skip->stage, skip->code}];
    } else if (const auto* lost = std::get_if<Lost>(&envelope.payload)) {
      skipped[{lost->stage, lost->code}] += lost->count;
    } else {
      ++control;
    }
  }
};

}  // namespace freshet
