#include "services/deid/announced.h"

#include <algorithm>

#include "services/deid/scan.h"

namespace freshet::deid {
namespace {

constexpr size_t kMostFillers = 3;
constexpr uint32_t kMostBetween = 4;  // bytes between two of the words

constexpr std::string_view kAnnouncing[] = {"mrn",       "mr",        "id",      "ids",    "identifier", "record",
                                            "chart",     "account",   "acct",    "member", "subscriber", "policy",
                                            "insurance", "licence",   "license", "dl",     "passport",   "ssn",
                                            "visit",     "encounter", "csn",     "device", "serial",     "vehicle",
                                            "plate",     "extension", "mrns",    "unit"};
constexpr std::string_view kFillers[] = {"number", "no", "num", "nr", "is", "was", "of", "the", "patient", "value"};

bool IsBetween(char c) {
  return IsSpace(c) || c == ':' || c == '#' || c == '=' || c == '"' || c == '\'' || c == '(' || c == '.' || c == '-' ||
         c == '|' || c == '*';
}

template <size_t kSize>
bool IsOneOf(const std::string_view (&words)[kSize], std::string_view word) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view one) { return EqualsIgnoringCase(one, word); });
}

// Fields of a segment, counted from 1, whose first component is a number of the patient.
bool HoldsNumbers(std::string_view segment, size_t field) {
  if (segment == "MRG|") return true;
  return segment == "PID|" && ((field >= 2 && field <= 4) || (field >= 18 && field <= 21));
}

}  // namespace

bool AnnouncedPlaces::IsAnnounced(size_t token) { return FollowsWord(token) || IsNumberField(token); }

bool AnnouncedPlaces::FollowsWord(size_t token) const {
  for (size_t fillers = 0; token > 0 && fillers <= kMostFillers; ++fillers, --token) {
    const Token& before = tokens_[token - 1];
    const std::string_view between = text_.substr(before.end, tokens_[token].begin - before.end);
    if (between.size() > kMostBetween || !std::all_of(between.begin(), between.end(), IsBetween)) return false;
    const std::string_view word = text_.substr(before.begin, before.size());
    if (IsOneOf(kAnnouncing, word)) return true;
    if (!IsOneOf(kFillers, word)) return false;
  }
  return false;
}

bool AnnouncedPlaces::IsNumberField(size_t token) {
  const size_t begin = tokens_[token].begin;
  for (; read_ < begin; ++read_) {
    if (text_[read_] == '\n' || text_[read_] == '\r') {
      line_ = read_ + 1;
      bars_ = 0;
    }
    bars_ += text_[read_] == '|';
  }
  if (begin == 0 || (text_[begin - 1] != '|' && text_[begin - 1] != '~')) return false;
  return HoldsNumbers(text_.substr(line_, 4), bars_);
}

}  // namespace freshet::deid
