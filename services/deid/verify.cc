#include "services/deid/verify.h"

#include <algorithm>

#include "services/deid/replace.h"
#include "services/deid/roster_match.h"

namespace freshet::deid {
namespace {

bool IsSsnAt(std::string_view text, size_t at) {
  static constexpr std::string_view kShape = "ddd-dd-dddd";
  if (at + kShape.size() > text.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool fits = kShape[i] == 'd' ? IsDigit(text[at + i]) : text[at + i] == '-';
    if (!fits) return false;
  }
  const auto word_at = [&](size_t i) { return i < text.size() && (IsWord(text[i]) || text[i] == '-'); };
  return !word_at(at - 1) && !word_at(at + kShape.size());
}

// A letter or digit on both sides, and a dot with a letter after it in the next 64 bytes of a domain.
bool IsEmailAt(std::string_view text, size_t at) {
  if (at == 0 || at + 1 >= text.size() || !IsWord(text[at - 1]) || !IsWord(text[at + 1])) return false;
  for (size_t i = at + 1; i + 1 < text.size() && i < at + 64; ++i) {
    if (text[i] == '.' && IsAlpha(text[i + 1])) return true;
    if (!IsWord(text[i]) && text[i] != '-' && text[i] != '.') return false;
  }
  return false;
}

size_t CountKnown(const Text& text, const Policy& policy, std::span<const Finding> findings) {
  return static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return policy.Removes(finding) && !IsInPlaceholder(text.folded(), finding.begin, finding.end);
  }));
}

Status Verdict(size_t known, size_t shapes) {
  if (known + shapes == 0) return OkStatus();
  return Status(Code::kQuarantined,
                std::to_string(known) + " known identities, " + std::to_string(shapes) + " hard shapes left.");
}

}  // namespace

size_t CountHardShapes(std::string_view text, const Policy& policy) {
  size_t count = 0;
  if (policy.rule(IdentifierType::kSsn).action != Action::kKeep) {
    for (size_t at = text.find('-'); at != std::string_view::npos; at = text.find('-', at + 1)) {
      count += at >= 3 && IsSsnAt(text, at - 3);
    }
  }
  if (policy.rule(IdentifierType::kEmail).action != Action::kKeep) {
    for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
      count += IsEmailAt(text, at);
    }
  }
  return count;
}

Status VerifyShapes(std::string_view clean, const Policy& policy) {
  return Verdict(0, CountHardShapes(Text(clean).folded(), policy));
}

Status Verify(std::string_view clean, const Policy& policy, const Context& context) {
  const Text text(clean);
  std::vector<Finding> findings;
  if (context.roster != nullptr && !context.roster->empty()) {
    context.roster->Find(text, {context.source, context.patients, context.scope}, findings);
  }
  if (context.literals != nullptr && !context.literals->forms.empty()) {
    MatchForms(text, {.identities = {context.literals}}, findings);
  }
  return Verdict(CountKnown(text, policy, findings), CountHardShapes(text.folded(), policy));
}

}  // namespace freshet::deid
