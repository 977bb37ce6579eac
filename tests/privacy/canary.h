// The canary: one invented patient, in every place where a document can carry PHI.
//
//   EXPECT_EQ(LeakIn(text), "");        // names what was found
#pragma once

#include <algorithm>
#include <string>

#include "schemas/change.h"

namespace freshet {

// Whatever of the canary is found is a leak; compared in lower case, without separators for the numbers.
inline constexpr const char* kSecrets[] = {"quillfeather", "zephyrine",     "47118399",      "4711-83-99",
                                           "078051120",    "078-05-1120",   "6175550147",    "617-555-0147",
                                           "zq@feather",   "canaryfile",    "17 lanternjaw", "1961-03-04",
                                           "03/04/1961",   "march 4, 1961", "p-47118399"};

inline std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The first secret that is in the text, or nothing.
inline std::string LeakIn(const std::string& text) {
  const std::string lower = Lower(text);
  for (const char* secret : kSecrets) {
    if (lower.find(secret) != std::string::npos) return secret;
  }
  return "";
}

inline IdentityChange Canary() {
  IdentityChange canary{.patient = PatientId("p-47118399"), .identity = "legal", .birth_date = "1961-03-04"};
  canary.names.push_back({.given = {"Zephyrine", "Ottoline"}, .family = "Quillfeather"});
  canary.identifiers = {{"mrn", "4711-83-99"}, {"ssn", "078-05-1120"}};
  canary.addresses = {"17 Lanternjaw Lane, Tarrywile, CT 06810"};
  canary.telecoms = {"+1-617-555-0147", "zq@feather.example"};
  return canary;
}

inline constexpr const char* kNote =
    "DISCHARGE SUMMARY\n\nZephyrine Quillfeather (MRN 4711-83-99, DOB March 4, 1961, SSN 078-05-1120) of 17 Lanternjaw "
    "Lane, "
    "Tarrywile was admitted on 03/04/1961.\n\nQUILLFEATHER, ZEPHYRINE O. called from (617) 555-0147, 617-555-0147; "
    "write to "
    "zq@feather.example.\n\n- z. quillfeather takes metformin 500 mg\n- Ms. Quillfeather is 60 years old\n- chart "
    "47118399, file canaryfile_quillfeather_47118399.txt\n\nＱｕｉｌｌｆｅａｔｈｅｒ, Quill\u200Bfeather, "
    "Quillfeаther, "
    "Zephyrine's daughter, born 1961-03-04, patient p-47118399.";

inline Upsert CanaryUpsert(std::string_view media_type = "text/plain") {
  return {.content = kNote,
          .media_type = std::string(media_type),
          .title = "Quillfeather, Zephyrine: discharge",
          .uri = "file:///charts/canaryfile_quillfeather_47118399.txt",
          .attributes = {{"patient_name", {"Zephyrine Quillfeather", "QUILLFEATHER^ZEPHYRINE"}},
                         {"mrn", {"47118399", "4711-83-99"}},
                         {"path", {"charts/canaryfile_quillfeather_47118399.txt", "canaryfile_quillfeather_47118399"}},
                         {"phone", {"617-555-0147"}},
                         {"mother-of-quillfeather", {"yes"}},
                         {"department", {"infection-control"}}},
          .access_scope = ScopeId("0f0f"),
          .patients = {PatientId("p-47118399")},
          .effective = *ParseTime("1961-03-04"),
          .native_id = "charts/canaryfile_quillfeather_47118399.txt"};
}

}  // namespace freshet
