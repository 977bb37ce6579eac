#include "common/stage/account.h"

#include <charconv>

namespace freshet {
namespace {

std::optional<Step> StepOf(std::string_view name) {
  for (size_t i = 0; i < kStepCount; ++i) {
    if (NameOf(static_cast<Step>(i)) == name) return static_cast<Step>(i);
  }
  return std::nullopt;
}

// Reads one item of the grammar into `account`.
bool ReadItem(std::string_view item, StageAccount& account) {
  if (item.size() < 2) return false;
  uint64_t count = 0;
  const auto [next, error] = std::from_chars(item.data() + 1, item.data() + item.size(), count);
  if (error != std::errc()) return false;
  const std::string_view rest(next, item.data() + item.size() - next);
  if (item[0] == 'f') account.forwarded = count;
  if (item[0] == 'c') account.control = count;
  if (item[0] != 's') return rest.empty() && (item[0] == 'f' || item[0] == 'c');
  const size_t slash = rest.find('/');
  if (rest.empty() || rest[0] != ':' || slash == rest.npos) return false;
  const auto step = StepOf(rest.substr(1, slash - 1));
  const auto code = CodeOf(rest.substr(slash + 1));
  if (!step || !code) return false;
  account.skipped[{*step, *code}] = count;
  return true;
}

}  // namespace

uint64_t StageAccount::total() const {
  uint64_t sum = forwarded + control;
  for (const auto& [what, count] : skipped) sum += count;
  return sum;
}

void StageAccount::Add(const StageAccount& other) {
  forwarded += other.forwarded;
  control += other.control;
  for (const auto& [what, count] : other.skipped) skipped[what] += count;
}

std::string StageAccount::Encode() const {
  std::string text = "f" + std::to_string(forwarded) + ",c" + std::to_string(control);
  for (const auto& [what, count] : skipped) {
    text += ",s" + std::to_string(count) + ":";
    text.append(NameOf(what.first)).append("/").append(NameOf(what.second));
  }
  return text;
}

std::optional<StageAccount> StageAccount::Decode(std::string_view text) {
  StageAccount account;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (!ReadItem(text.substr(0, comma), account)) return std::nullopt;
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  }
  return account;
}

}  // namespace freshet
