#include "services/query/gate.h"

#include <cstdio>
#include <numeric>

#include "common/base/counted.h"

namespace freshet::query {
namespace {

constexpr size_t kDepth = 10;
constexpr uint64_t kSeed = 20'240'501;  // the same questions give the same interval

double MeanOf(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string Rounded(double number) {
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", number);
  return text;
}

}  // namespace

Result<GateFigures> JudgeCandidate(const std::vector<GoldenQuestion>& golden, const GateSides& sides,
                                   double allowed_loss) {
  GateFigures figures;
  std::vector<double> before, after;
  for (const GoldenQuestion& question : golden) {
    FRESHET_ASSIGN_OR_RETURN(const std::vector<std::string> candidate, sides.candidate(question));
    const QuestionFigures found = Judge(question, candidate, kDepth);
    figures.shown_forbidden += found.leaks;
    if (question.relevant.empty()) continue;
    FRESHET_ASSIGN_OR_RETURN(const std::vector<std::string> served, sides.served(question));
    before.push_back(Judge(question, served, kDepth).recall);
    after.push_back(found.recall);
  }
  if (after.empty()) return Status(Code::kInvalidArgument, "no question of the golden set has a relevant document");
  figures.questions = after.size();
  figures.recall = MeanOf(after);
  figures.served_recall = MeanOf(before);
  const std::string both = Rounded(figures.recall) + ", of the served one " + Rounded(figures.served_recall);
  if (figures.served_recall == 0) figures.failures.push_back("The served generation answers none of the questions.");
  if (figures.recall < figures.served_recall - allowed_loss) {
    figures.failures.push_back("Recall at 10 is too low: " + both + ".");
  } else if (BootstrapDifference(after, before, kSeed).high < -allowed_loss / 2) {
    figures.failures.push_back("Recall at 10 is lower, and not by chance: " + both + ".");
  }
  if (figures.shown_forbidden > 0) {
    figures.failures.push_back("Shown though forbidden: " + Counted(figures.shown_forbidden, "document") + ".");
  }
  return figures;
}

}  // namespace freshet::query
