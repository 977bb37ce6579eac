// AnnouncedPlaces: whether a place of a text says that what stands there is a number somebody goes by. For numbers of
// an enrolled patient that would be taken for anything elsewhere: of three characters, or a word of the language.
//
//   AnnouncedPlaces places(text.folded(), text.tokens());
//   places.IsAnnounced(i)      // "MRN: 12", "patient id is AUTUMN", PID|1||12^^^, <id extension="12"/>: the last token
//
// A word like "MRN" or "account" a few fillers before it; or the first component of a field of HL7 v2 that holds
// numbers: PID-2 to 4 and 18 to 21, all of MRG (HL7 v2.5.1 chapter 3.4.2, 3.4.10). Asked for tokens in ascending order,
// it reads the text once. One thread.
#pragma once

#include <string_view>
#include <vector>

#include "services/deid/text.h"

namespace freshet::deid {

class AnnouncedPlaces {
 public:
  AnnouncedPlaces(std::string_view text, const std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  // `token` is no less than the last time.
  bool IsAnnounced(size_t token);

 private:
  bool FollowsWord(size_t token) const;
  bool IsNumberField(size_t token);

  std::string_view text_;
  const std::vector<Token>& tokens_;
  size_t read_ = 0;  // so far
  size_t line_ = 0;  // where the line begins that read_ is in
  size_t bars_ = 0;  // '|' in it before read_
};

}  // namespace freshet::deid
