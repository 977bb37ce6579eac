// Each pattern with texts that it must find something in, and texts that it must leave alone.
#include <gtest/gtest.h>

#include "services/deid/detector_test_util.h"

namespace freshet::deid {
namespace {

struct Case {
  const char* text;
  const char* found;  // "TYPE:value" of what is removed, in order, one blank between; "" for nothing
};

void Expect(std::span<const Case> cases) {
  for (const Case& one : cases) EXPECT_EQ(FindingsOf(one.text), one.found) << "in: " << one.text;
}

TEST(Patterns, Phones) {
  constexpr Case kCases[] = {
      {"Call (617) 555-0123 now", "PHONE:(617) 555-0123"},
      {"617-555-0123", "PHONE:617-555-0123"},
      {"617.555.0123", "PHONE:617.555.0123"},
      {"tel 617 555 0123.", "PHONE:617 555 0123"},
      {"+1 617 555 0123", "PHONE:+1 617 555 0123"},
      {"1-617-555-0123 ext. 45", "PHONE:1-617-555-0123 ext. 45"},
      {"617-555-0123x9", "PHONE:617-555-0123x9"},
      {"001-518-640-0854", "PHONE:001-518-640-0854"},
      {"phone: 555-0123", "PHONE:555-0123"},
      {"call 6175550123", "PHONE:6175550123"},
      {"+44 20 7946 0958", "PHONE:+44 20 7946 0958"},
      {"+41 (0)85 806 98 67", "PHONE:+41 (0)85 806 98 67"},
      {"079 0442 1744", "PHONE:079 0442 1744"},
      {"fax: 617-555-0199", "FAX:617-555-0199"},
      {"Fax (617) 555-0199", "FAX:(617) 555-0199"},
      // not telephones
      {"BP 120/80, HR 72", ""},
      {"platelets 150-4000", ""},
      {"a dose of 100-2000 mg", ""},
      {"WBC 4.5-11.0", ""},
      {"$1,234,567,890", ""},
      {"sodium 135-145 mmol/L", ""},
  };
  Expect(kCases);
}

TEST(Patterns, Networks) {
  constexpr Case kCases[] = {
      {"mail ada.quill+x@mail.example.org.", "EMAIL:ada.quill+x@mail.example.org"},
      {"ADA@EXAMPLE.COM", "EMAIL:ADA@EXAMPLE.COM"},
      {"ada_q@ward7", "EMAIL:ada_q@ward7"},
      {"ada.quill [at] example [dot] org", "EMAIL:ada.quill [at] example [dot] org"},
      {"ada(at)example.org", "EMAIL:ada(at)example.org"},
      {"ada at example dot com", "EMAIL:ada at example dot com"},
      {"see https://portal.example.org/p?id=7&x=(1).", "URL:https://portal.example.org/p?id=7&x=(1"},
      {"www.example.org/a, then", "URL:www.example.org/a"},
      {"on portal.example.com/ada today", "URL:portal.example.com/ada"},
      {"from 192.168.10.4 today", "IP:192.168.10.4"},
      {"2001:db8::8a2e:370:7334", "IP:2001:db8::8a2e:370:7334"},
      {"mac 00:1B:44:11:3A:B7", "DEVICE:00:1B:44:11:3A:B7"},
      // not of networks
      {"at 12:30:45 he", ""},
      {"version 10.1.22.3", ""},
      {"q.i.d. @ bedtime", ""},
      {"ratio 1:2:3", ""},
      {"Give 5 mg @ 8 am", ""},
      {"e.g. this", ""},
  };
  Expect(kCases);
}

TEST(Patterns, AnnouncedNumbers) {
  constexpr Case kCases[] = {
      {"SSN 078-05-1120", "SSN:078-05-1120"},
      {"000-12-3456", "SSN:000-12-3456"},
      {"SSN: 078051120", "SSN:078051120"},
      {"social security number is 078 05 1120", "SSN:078 05 1120"},
      {"SSN last four 1120", "SSN:1120"},
      {"xxx-xx-1120", "SSN:xxx-xx-1120"},
      {"MRN 00471183", "MRN:00471183"},
      {"MRN: A-4711-8.", "MRN:A-4711-8"},
      {"MRN#998877", "MRN:998877"},
      {"(MRN: 998877)", "MRN:998877"},
      {"Medical Record Number: 47-11-83", "MRN:47-11-83"},
      {"med rec no. 471183", "MRN:471183"},
      {"Patient ID: 8812A", "MRN:8812A"},
      {"encounter number 5512345", "MRN:5512345"},
      {"Member ID: XYZ123456789", "HEALTH_PLAN:XYZ123456789"},
      {"Medicare number 1EG4-TE5-MK73", "HEALTH_PLAN:1EG4-TE5-MK73"},
      {"Policy #: 55-1234", "HEALTH_PLAN:55-1234"},
      {"Account No: 123 456 789", "ACCOUNT:123 456 789"},
      {"acct# 99120", "ACCOUNT:99120"},
      {"my driver's license number is 2270-66-1551", "LICENSE:2270-66-1551"},
      {"NPI 1234567893", "LICENSE:1234567893"},
      {"DEA AB1234563", "LICENSE:AB1234563"},
      {"passport no X1234567", "LICENSE:X1234567"},
      {"license plate ABC 1234", "VEHICLE:ABC 1234"},
      {"VIN 1M8GDM9AXKP042788", "VEHICLE:1M8GDM9AXKP042788"},
      {"1M8GDM9AXKP042788", "VEHICLE:1M8GDM9AXKP042788"},
      {"Serial number: SN-44512-B", "DEVICE:SN-44512-B"},
      {"(ID: 987654321)", "ID:987654321"},
      {"badge 44120", "ID:44120"},
      {"case reviewed, ref. code: EM-2554.", "ID:EM-2554"},
      {"pt has ins plan #R-987654.", "HEALTH_PLAN:R-987654"},
      {"(ref: 3.5-5.0), ref. range 12-18", ""},
      {"card 4111 1111 1111 1111", "ACCOUNT:4111 1111 1111 1111"},
      {"4111111111111111", "ACCOUNT:4111111111111111"},
      {"IBAN GB29 NWBK 6016 1331 9268 19", "ACCOUNT:GB29 NWBK 6016 1331 9268 19"},
      {"DE89370400440532013000", "ACCOUNT:DE89370400440532013000"},
      // not numbers of anybody
      {"account for 3 visits", ""},
      {"policy of 2021", ""},
      {"trial NCT01234567", ""},
      {"case 3", ""},
      {"Group 2 pulmonary hypertension", ""},
      {"device 12 mm", ""},
      {"insurance for 12 months", ""},
      {"medical record review", ""},
      {"chart reviewed", ""},
      {"ICD-10 E11.9", ""},
      {"hemoglobin A1c 7.2%", ""},
      {"1,000,000,000 organisms", ""},
      {"CPT 99213", ""},
  };
  Expect(kCases);
}

TEST(Patterns, Places) {
  constexpr Case kCases[] = {
      {"12 Elm Street", "ADDRESS:12 Elm Street"},
      {"the corner of Elm Street and 5th Avenue.", "ADDRESS:the corner of Elm Street and 5th Avenue"},
      {"AT THE CORNER OF E ARIKE CLOSE AND MAPLE STREET.", "ADDRESS:THE CORNER OF E ARIKE CLOSE AND MAPLE STREET"},
      {"on the corner of metko hill and carone circle today", "ADDRESS:the corner of metko hill and carone circle"},
      {"the corner of the eye and mouth", ""},
      {"lives at 1600 N. Pennsylvania Ave, Apt 4B", "ADDRESS:1600 N. Pennsylvania Ave, Apt 4B"},
      {"742 Evergreen Terrace, Springfield, IL 62704", "ADDRESS:742 Evergreen Terrace, Springfield, IL 62704"},
      {"350 5th Ave.", "ADDRESS:350 5th Ave"},
      {"12 elm street", "ADDRESS:12 elm street"},
      {"P.O. Box 1234", "ADDRESS:P.O. Box 1234"},
      {"Unit 8524 Box 0979", "ADDRESS:Unit 8524 Box 0979"},
      {"DPO AA 56703", "ADDRESS:DPO AA 56703"},
      {"Suite 960", "ADDRESS:Suite 960"},
      {"zip code: 62704", "ZIP:62704"},
      {"IL 62704", "ZIP:62704"},
      {"02139-4307", "ZIP:02139-4307"},
      {"in Springfield, IL today", "CITY:Springfield"},
      {"from Terre Haute, Indiana", "CITY:Terre Haute"},
      {"She lives in Springfield with", "CITY:Springfield"},
      // places that stay, and what is no place
      {"She lives in Ohio", ""},
      {"born in France", ""},
      {"a 12 lead ECG", ""},
      {"2 weeks on the street", ""},
      {"5 St", ""},
      {"ICD code 62704", ""},
      {"drive 20 minutes", ""},
      {"in the right place", ""},
      {"3 times in a row", ""},
  };
  Expect(kCases);
}

TEST(Patterns, Facilities) {
  constexpr Case kCases[] = {
      {"treated at St. Joseph's Hospital on", "FACILITY:St. Joseph's Hospital"},
      {"seen at Cedar Crest yesterday", "FACILITY:Cedar Crest"},
      {"at UCLA Medical Center in Los Angeles now", "FACILITY:UCLA Medical Center in Los Angeles"},
      {"the Elm Clinic called", "FACILITY:Elm Clinic"},
      {"Massachusetts General Hospital", "FACILITY:Massachusetts General Hospital"},
      {"admitted to Brooklyn General, then", "FACILITY:Brooklyn General"},
      {"seen in Dallas on a visit", "CITY:Dallas"},
      {"records from our Seattle office", "FACILITY:Seattle"},
      {"admitted to General Hospital on", "FACILITY:General Hospital"},
      {"seen at Community Clinic on", "FACILITY:Community Clinic"},
      {"seen at our Tarrywile branch", "FACILITY:Tarrywile"},
      // places of care that nobody is known by
      {"General Hospital", ""},
      {"She was seen at the clinic.", ""},
      {"Seen at the Emergency Department", ""},
      {"the Outpatient Clinic; the Pain Clinic; Women's Health Center", ""},
      {"admitted to ICU", ""},
      {"admitted to Medicine", ""},
      {"seen in Asian patients", ""},
      {"seen in Down syndrome", ""},
      {"treated in January", "DATE:January"},
  };
  Expect(kCases);
}

TEST(Patterns, Dates) {
  constexpr Case kCases[] = {
      {"on 03/04/1961.", "DATE:03/04/1961"},
      {"3/4/61", "DATE:3/4/61"},
      {"1961-03-04", "DATE:1961-03-04"},
      {"04.03.1961", "DATE:04.03.1961"},
      {"2015-12-22 04:34:22", "DATE:2015-12-22 04:34:22"},
      {"2015-12-22T04:34:22Z", "DATE:2015-12-22T04:34:22Z"},
      {"3/4/2021 at 4:30 pm", "DATE:3/4/2021 at 4:30 pm"},
      {"May 30th, 2022", "DATE:May 30th, 2022"},
      {"March 5, 2021", "DATE:March 5, 2021"},
      {"Jan 15th, 2023", "DATE:Jan 15th, 2023"},
      {"the 5th of March 2021", "DATE:5th of March 2021"},
      {"5 Mar 2021", "DATE:5 Mar 2021"},
      {"05-Mar-2021", "DATE:05-Mar-2021"},
      {"05-MAR-21", "DATE:05-MAR-21"},
      {"5Mar2021", "DATE:5Mar2021"},
      {"March 3-7, 2021", "DATE:March 3-7, 2021"},
      {"Mar. 3", "DATE:Mar. 3"},
      {"in March 2021", "DATE:March 2021"},
      {"since October", "DATE:October"},
      {"03/2021", "DATE:03/2021"},
      {"seen 3/14 for", "DATE:3/14"},
      {"20210304", "DATE:20210304"},
      {"on Friday", "DATE:Friday"},
      {"Monday, May 3, 2021", "DATE:Monday, May 3, 2021"},
      // what stays
      {"in 2021", ""},
      {"since 1998", ""},
      {"3 days ago", ""},
      {"for 6 weeks", ""},
      {"120/80", ""},
      {"5/5 strength", ""},
      {"a 2/6 murmur", ""},
      {"may take 2 tablets", ""},
      {"patients may 2 times", ""},
      {"march in place", ""},
      {"7.2.1", ""},
      {"ratio 1/2", ""},
      {"dialysis Monday/Wednesday/Friday", ""},
      {"open Monday through Friday", ""},
      {"1.5-2.5 mg", ""},
      {"2010-2012", ""},
      {"13/13/2021", ""},
      {"1234/56/78", ""},
  };
  Expect(kCases);
}

TEST(Patterns, Ages) {
  constexpr Case kCases[] = {
      {"a 93-year-old man", "AGE:93"},
      {"a 93 yo woman", "AGE:93"},
      {"92 y.o. female", "AGE:92"},
      {"aged 101", "AGE:101"},
      {"Age: 95", "AGE:95"},
      {"she is 91 years old", "AGE:91"},
      {"in her 90s", "AGE:her 90s"},
      {"ninety-two year old", "AGE:ninety-two year old"},
      // up to 89 stay, and so do durations and measures
      {"an 89-year-old man", ""},
      {"a 45 yo woman", ""},
      {"Age: 34", ""},
      {"90 days", ""},
      {"for 90 years", ""},
      {"HR 95, SpO2 98%", ""},
      {"weight 93 kg", ""},
  };
  Expect(kCases);
}

TEST(Patterns, ClinicalContentStays) {
  constexpr Case kCases[] = {
      {"Vitals: T 98.6 F, BP 132/84 mmHg, HR 76, RR 16, SpO2 98% on room air.", ""},
      {"Na 138 mEq/L, K 4.1, Cr 1.2 mg/dL, eGFR 62, HbA1c 7.4%, LDL 101 mg/dL", ""},
      {"Metformin 500 mg PO BID, lisinopril 10 mg daily, insulin glargine 20 units qHS", ""},
      {"Parkinson's disease, Crohn disease, Foley catheter, Graves' disease, Bell's palsy", ""},
      {"EF 55-60%, LVIDd 4.8 cm, E/A 0.8, PASP 35 mmHg", ""},
      {"Follow up in 2 weeks. Return if fever over 101.5.", ""},
      {"Type 2 diabetes since 2009, stage IIIB, T2N1M0, Gleason 3+4=7", ""},
      {"Hepatitis B. Vitamin D. Factor V Leiden.", ""},
      {"0.9% NaCl 1000 mL at 125 mL/h; D5W 50 mL", ""},
      {"L4-L5 disc, C5-6, T12, S1", ""},
  };
  Expect(kCases);
}

}  // namespace
}  // namespace freshet::deid
