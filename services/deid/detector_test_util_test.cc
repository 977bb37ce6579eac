// Definitions of detector_test_util.h: named *_test.cc so that only the test program gets them.
#include "services/deid/detector_test_util.h"

#include <gtest/gtest.h>

namespace freshet::deid {
namespace {

Result<Cleaned> CleanOneBlock(std::string_view text, const CleanJob& job) {
  const Block block{.end = static_cast<uint32_t>(text.size())};
  return TestCleaner().CleanText(text, {&block, 1}, job);
}

}  // namespace

Cleaner& TestCleaner() {
  static const std::unique_ptr<Cleaner> kCleaner = [] {
    Result<std::unique_ptr<Cleaner>> cleaner = Cleaner::Make();
    EXPECT_TRUE(cleaner.ok()) << cleaner.status().ToString();
    return std::move(cleaner).value();
  }();
  return *kCleaner;
}

std::string FindingsOf(std::string_view text, const CleanJob& job) {
  const Result<Cleaned> cleaned = CleanOneBlock(text, job);
  if (!cleaned.ok()) return cleaned.status().ToString();
  std::string out;
  for (const Finding& finding : cleaned->findings) {
    out += (out.empty() ? "" : " ") + std::string(LabelOf(finding.type)) + ":" +
           std::string(text.substr(finding.begin, finding.end - finding.begin));
  }
  return out;
}

std::string FindingsOf(std::string_view text) { return FindingsOf(text, {*DefaultPolicy(), {}}); }

std::string CleanedText(std::string_view text, const CleanJob& job) {
  const Result<Cleaned> cleaned = CleanOneBlock(text, job);
  return cleaned.ok() ? cleaned->text : cleaned.status().ToString();
}

std::string CleanedText(std::string_view text) { return CleanedText(text, {*DefaultPolicy(), {}}); }

IdentityChange Person(std::string_view given, std::string_view family) {
  IdentityChange change{.patient = PatientId("p1"), .identity = "legal"};
  change.names.push_back({.given = {std::string(given)}, .family = std::string(family)});
  return change;
}

}  // namespace freshet::deid
