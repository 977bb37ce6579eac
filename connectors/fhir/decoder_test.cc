// Resources to changes: which documents come, change and go, who may read them, who the people are.
#include "connectors/fhir/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/base64.h"
#include "connectors/fhir/labels.h"

namespace freshet::fhir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::ordered_json;

class FhirDecoder : public ::testing::Test {
 protected:
  static Entry EntryFor(const Json& resource, const std::string& version = "1") {
    Piece piece;
    piece.text = "{\"resource\":" + resource.dump() + "}";
    piece.begin = 12;
    piece.end = piece.text.size() - 1;
    piece.type = resource.value("resourceType", "");
    piece.id = resource.value("id", "7");
    piece.version_id = version;
    piece.last_updated = "2026-01-31T09:30:00.250Z";
    return *EntryOf(std::move(piece), Time());
  }
  static Entry GoneEntry(const std::string& name) {
    Piece piece;
    piece.method = "DELETE";
    piece.request_url = name;
    piece.etag = "W/\"4\"";
    return *EntryOf(std::move(piece), FromMicros(77));
  }
  DecodedEntry Decoded(Entry entry, Told told = Told::kAsChange) {
    Decoder decoder(options, [this](const std::string& url, const std::string& type, size_t) {
      asked.push_back(url + " " + type);
      return attachment;
    });
    const auto decoded = decoder.Decode(std::move(entry), told);
    EXPECT_TRUE(decoded.ok()) << decoded.status().ToString();
    return *decoded;
  }
  std::vector<Change> Changes(const Json& resource, const std::string& version = "1") {
    return Decoded(EntryFor(resource, version)).changes;
  }
  template <class Kind>
  Kind Only(const Json& resource, const std::string& version = "1") {
    const auto changes = Changes(resource, version);
    EXPECT_EQ(changes.size(), 1u) << resource.dump();
    const auto* const one = changes.empty() ? nullptr : std::get_if<Kind>(&changes.front());
    EXPECT_NE(one, nullptr) << resource.dump();
    return one == nullptr ? Kind() : *one;
  }

  FhirOptions options;
  Result<std::string> attachment = std::string("Plan.");
  std::vector<std::string> asked;
};

const Json kNote = {{"resourceType", "Composition"},
                    {"id", "7"},
                    {"status", "final"},
                    {"type", {{"coding", {{{"display", "Discharge summary"}}}}}},
                    {"date", "2026-01-30"},
                    {"subject", {{"reference", "https://ehr.example.org/fhir/Patient/p1/_history/2"}}},
                    {"title", "Discharge"}};

Json With(Json resource, const std::string& name, Json value) {
  resource[name] = std::move(value);
  return resource;
}

TEST(FhirEntry, VersionsFollowLastUpdatedAndVersionId) {
  Piece piece{.text = "{}", .begin = 0, .end = 2};
  piece.type = "Patient", piece.id = "1", piece.version_id = "3", piece.last_updated = "2026-01-31T09:30:00.250Z";
  EXPECT_EQ(EntryOf(piece, Time())->version, (Version{1, 1769851800250000, 3}));
  piece.version_id = "abc";
  EXPECT_EQ(EntryOf(piece, Time())->version, (Version{1, 1769851800250000, 0}));
  piece.last_updated = "";
  piece.etag = "W/\"9\"", piece.version_id = "";
  EXPECT_EQ(EntryOf(piece, FromMicros(5))->version, (Version{1, 5, 9}));
  piece.last_modified = "2026-01-31T09:30:00Z";
  EXPECT_EQ(EntryOf(piece, FromMicros(5))->version, (Version{1, 1769851800000000, 9}));
  piece.id = "a/b";
  EXPECT_FALSE(EntryOf(piece, Time()));
}

TEST(FhirEntry, DeletesAreNamedByTheirRequest) {
  Piece piece;
  piece.method = "DELETE";
  for (const char* url : {"Composition/7", "https://x/fhir/Composition/7", "Composition/7/_history/2"}) {
    piece.request_url = url;
    const auto entry = EntryOf(piece, FromMicros(9));
    ASSERT_TRUE(entry) << url;
    EXPECT_TRUE(entry->deleted);
    EXPECT_EQ(entry->id.ToString(), "Composition/7");
    EXPECT_EQ(entry->version.position, 9u);
  }
  piece.request_url = "Composition?name=x";
  EXPECT_FALSE(EntryOf(piece, Time()));
}

TEST(FhirEntry, ReferencesAreReadWhateverTheirForm) {
  EXPECT_EQ(ReadReference("Patient/7").ToString(), "Patient/7");
  EXPECT_EQ(ReadReference("http://x/y/Patient/7/_history/3#a").ToString(), "Patient/7");
  for (const char* none : {"", "#p", "urn:uuid:7", "Patient", "patient/7", "Patient/", "Patient/a b"}) {
    EXPECT_TRUE(ReadReference(none).empty()) << none;
  }
}

TEST_F(FhirDecoder, ADocumentIsItsResource) {
  const Upsert upsert = Only<Upsert>(kNote);
  EXPECT_EQ(upsert.content, kNote.dump());
  EXPECT_EQ(upsert.media_type, "application/fhir+json");
  EXPECT_EQ(upsert.native_id, "Composition/7");
  EXPECT_EQ(upsert.title, "Discharge");
  EXPECT_EQ(upsert.patients, std::vector<PatientId>{PatientId("Patient/p1")});
  EXPECT_EQ(upsert.effective, *ParseTime("2026-01-30"));
  EXPECT_EQ(upsert.access_scope, ScopeId("/"));
  EXPECT_EQ(upsert.refused, Code::kOk);
  EXPECT_EQ(upsert.attributes[0].values[0], "Composition");
  EXPECT_EQ(Only<Upsert>(With(kNote, "title", nullptr)).title, "Discharge summary");
}

TEST_F(FhirDecoder, StatusTakesDocumentsAway) {
  EXPECT_EQ(Only<Delete>(With(kNote, "status", "entered-in-error")).reason, Delete::Reason::kEnteredInError);
  const Json reference = {{"resourceType", "DocumentReference"}, {"id", "7"}, {"status", "current"}};
  EXPECT_EQ(Only<Delete>(With(reference, "docStatus", "entered-in-error")).reason, Delete::Reason::kEnteredInError);
  EXPECT_EQ(Only<Delete>(With(reference, "status", "superseded")).reason, Delete::Reason::kDeleted);
  EXPECT_EQ(Only<Delete>({{"resourceType", "DiagnosticReport"}, {"status", "cancelled"}}).reason,
            Delete::Reason::kDeleted);
  const auto gone = Decoded(GoneEntry("Composition/7"));
  EXPECT_TRUE(gone.document);
  EXPECT_TRUE(std::holds_alternative<Delete>(gone.changes.at(0)));
}

TEST_F(FhirDecoder, OtherTypesAreNobodysBusiness) {
  EXPECT_THAT(Changes({{"resourceType", "Encounter"}, {"id", "1"}}), IsEmpty());
  options.types = {"Procedure", "Practitioner"};
  EXPECT_THAT(Changes(kNote), IsEmpty());
  EXPECT_THAT(Changes({{"resourceType", "Practitioner"}, {"id", "1"}, {"name", {{{"family", "Quill"}}}}}), IsEmpty());
  EXPECT_EQ(Only<Upsert>({{"resourceType", "Procedure"}, {"id", "1"}, {"code", {{"text", "Suture"}}}}).title, "Suture");
}

TEST_F(FhirDecoder, AnObservationIsADocumentWhereSomebodyWrote) {
  const Json pulse = {{"resourceType", "Observation"}, {"id", "1"}, {"valueQuantity", {{"value", 72}}}};
  EXPECT_THAT(Changes(pulse, "1"), IsEmpty());
  EXPECT_TRUE(std::holds_alternative<Delete>(Changes(pulse, "2").at(0))) << "there may have been words before";
  EXPECT_THAT(Decoded(EntryFor(pulse, "2"), Told::kInListing).changes, IsEmpty());
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, Json>>{{"text", {{"status", "additional"}, {"div", "<p>calm</p>"}}},
                                                 {"note", {{{"text", "at rest"}}}},
                                                 {"valueString", "irregular"},
                                                 {"component", {{{"valueString", "left"}}}}}) {
    EXPECT_EQ(Only<Upsert>(With(pulse, name, value)).refused, Code::kOk) << name;
  }
  EXPECT_THAT(Changes(With(pulse, "text", {{"status", "empty"}, {"div", "<p/>"}})), IsEmpty());
  options.all_observations = true;
  EXPECT_EQ(Only<Upsert>(pulse).refused, Code::kOk);
}

Json Labels(std::vector<std::pair<std::string, std::string>> labels) {
  Json list = Json::array();
  for (const auto& [system, code] : labels) list.push_back({{"system", system}, {"code", code}});
  return With(kNote, "meta", {{"security", list}});
}

TEST_F(FhirDecoder, LabelsNarrowAccess) {
  const std::string confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
  const std::string sensitivity = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
  options.readers = {"group:clinicians"};
  options.restricted = {{"R", {"group:psychiatry", "user:ada"}}, {"PSY", {"group:psychiatry", "user:bob"}}};
  const auto scope = [&](const Json& resource) { return Only<Upsert>(resource).access_scope.value; };
  EXPECT_EQ(scope(Labels({{confidentiality, "N"}, {"urn:site", "blue"}})), "/");
  EXPECT_EQ(scope(Labels({{confidentiality, "R"}})), "/R");
  EXPECT_EQ(scope(Labels({{sensitivity, "PSY"}, {confidentiality, "R"}, {sensitivity, "PSY"}})), "/PSY+R");
  EXPECT_EQ(scope(Labels({{confidentiality, "V"}})), "/!") << "not listed";
  EXPECT_EQ(scope(Labels({{sensitivity, "HIV"}, {confidentiality, "R"}})), "/!");
  EXPECT_EQ(scope(With(kNote, "confidentiality", "R")), "/R");
  const Json label = {{{"coding", {{{"system", confidentiality}, {"code", "V"}}}}}};
  EXPECT_EQ(scope({{"resourceType", "DocumentReference"}, {"id", "1"}, {"securityLabel", label}}), "/!");

  EXPECT_THAT(ListOf("/", options).allow, ElementsAre(Principal("group:clinicians")));
  EXPECT_THAT(ListOf("/R", options).allow, ElementsAre(Principal("group:psychiatry"), Principal("user:ada")));
  EXPECT_THAT(ListOf("/PSY+R", options).allow, ElementsAre(Principal("group:psychiatry")));
  EXPECT_THAT(ListOf("/!", options).allow, IsEmpty());
  EXPECT_THAT(ListOf("/R+GONE", options).allow, IsEmpty()) << "a label that the options have no more";
}

TEST_F(FhirDecoder, AttachmentsElsewhereComeWithTheirDocument) {
  const Json reference = {
      {"resourceType", "DocumentReference"},
      {"id", "7"},
      {"content",
       {{{"attachment", {{"contentType", "text/plain"}, {"url", "Binary/1"}, {"title", "a \"}{\" b"}}}},
        {{"attachment", {{"contentType", "image/png"}, {"url", "Binary/2"}}}},
        {{"attachment", {{"url", "Binary/3"}, {"contentType", "application/pdf"}, {"data", "UGRm"}}}},
        {{"attachment", {{"url", "Binary/4"}, {"contentType", "text/html"}}}}}}};
  const Json whole = Json::parse(Only<Upsert>(reference).content);
  EXPECT_THAT(asked, ElementsAre("Binary/4 text/html", "Binary/1 text/plain"));
  EXPECT_EQ(whole["content"][0]["attachment"]["data"], ToBase64("Plan."));
  EXPECT_FALSE(whole["content"][1]["attachment"].contains("data"));
  EXPECT_EQ(whole["content"][2]["attachment"]["data"], "UGRm");
  EXPECT_EQ(whole["content"][3]["attachment"]["data"], ToBase64("Plan."));
  const Json report = {{"resourceType", "DiagnosticReport"}, {"id", "7"}, {"presentedForm", {{{"url", "Binary/1"}}}}};
  EXPECT_THAT(Only<Upsert>(report).content, HasSubstr(ToBase64("Plan.")));
}

TEST_F(FhirDecoder, WhatCannotBeHadIsRefusedVisibly) {
  const Json reference = {{"resourceType", "DocumentReference"},
                          {"id", "7"},
                          {"content", {{{"attachment", {{"contentType", "text/plain"}, {"url", "Binary/1"}}}}}}};
  attachment = Status(Code::kNotFound, "none");
  EXPECT_EQ(Only<Upsert>(reference).refused, Code::kMalformedDocument);
  attachment = Status(Code::kDocumentTooLarge, "large");
  EXPECT_EQ(Only<Upsert>(reference).refused, Code::kDocumentTooLarge);
  attachment = std::string(options.max_resource.bytes, 'x');
  EXPECT_EQ(Only<Upsert>(reference).refused, Code::kDocumentTooLarge);

  Entry broken = EntryFor(kNote);
  broken.resource = "{\"resourceType\":\"Composition\",\"title\":\"caf\xE9\"}";
  const auto decoded = Decoded(broken);
  const auto& upsert = std::get<Upsert>(decoded.changes.at(0));
  EXPECT_EQ(upsert.refused, Code::kInvalidUtf8);
  EXPECT_EQ(upsert.access_scope, ScopeId("/!")) << "nobody knows its labels";
  broken.resource = "{\"resourceType\":";
  EXPECT_EQ(std::get<Upsert>(Decoded(broken).changes.at(0)).refused, Code::kMalformedDocument);
  broken.code = Code::kDocumentTooLarge;
  EXPECT_EQ(std::get<Upsert>(Decoded(broken).changes.at(0)).refused, Code::kDocumentTooLarge);
}

TEST_F(FhirDecoder, AnAttachmentThatMayComeLaterIsWaitedFor) {
  Decoder decoder(options, [](const std::string&, const std::string&, size_t) {
    return Result<std::string>(Status(Code::kUnavailable, "down"));
  });
  const Json reference = {
      {"resourceType", "DocumentReference"}, {"id", "7"}, {"content", {{{"attachment", {{"url", "Binary/1"}}}}}}};
  EXPECT_EQ(decoder.Decode(EntryFor(reference), Told::kAsChange).code(), Code::kUnavailable);
}

const Json kAda = {
    {"resourceType", "Patient"},
    {"id", "p1"},
    {"name",
     {{{"family", "Quill"}, {"given", {"Ada", "Maria"}}, {"prefix", {"Dr"}}, {"suffix", {"Jr"}}},
      {{"text", "Ada Hawk"}}}},
    {"extension",
     {{{"url", "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"}, {"valueString", "Gannet"}}}},
    {"identifier",
     {{{"value", "4711"}, {"type", {{"coding", {{{"code", "MR"}}}}}}},
      {{"value", "123-45-6789"}, {"system", "http://hl7.org/fhir/sid/us-ssn"}}}},
    {"birthDate", "1961-03-04"},
    {"address", {{{"line", {"12 Elm St"}}, {"city", "Springfield"}, {"state", "IL"}, {"postalCode", "62704"}}}},
    {"telecom", {{{"system", "phone"}, {"value", "617-555-0100"}}}},
    {"contact", {{{"name", {{"family", "Swift"}, {"given", {"Ben"}}}}}}}};

TEST_F(FhirDecoder, APatientIsWhoSheIs) {
  const auto changes = Changes(kAda);
  ASSERT_EQ(changes.size(), 2u);
  const auto& ada = std::get<IdentityChange>(changes[0]);
  EXPECT_EQ(ada.patient, PatientId("Patient/p1"));
  EXPECT_EQ(ada.identity, "patient");
  ASSERT_EQ(ada.names.size(), 3u);
  EXPECT_EQ(ada.names[0].family + "|" + ada.names[0].given[1] + "|" + ada.names[0].prefix + "|" + ada.names[0].suffix,
            "Quill|Maria|Dr|Jr");
  EXPECT_EQ(ada.names[1].family, "Ada Hawk");
  EXPECT_EQ(ada.names[2].family, "Gannet");
  EXPECT_EQ(ada.identifiers[0].kind + " " + ada.identifiers[1].kind, "mrn ssn");
  EXPECT_EQ(ada.birth_date, "1961-03-04");
  EXPECT_THAT(ada.addresses, ElementsAre("12 Elm St, Springfield, IL, 62704"));
  EXPECT_THAT(ada.telecoms, ElementsAre("617-555-0100"));
  const auto& contact = std::get<IdentityChange>(changes[1]);
  EXPECT_EQ(contact.identity + " " + contact.names.at(0).family, "contact/1 Swift");
  EXPECT_EQ(std::get<IdentityChange>(Changes(With(kAda, "birthDate", "1961"))[0]).birth_date, "");
}

TEST_F(FhirDecoder, PatientsAreMergedUnmergedAndRetracted) {
  const Json bare = {{"resourceType", "Patient"}, {"id", "p1"}};
  const auto link = [&](const char* type, const char* other) {
    return With(bare, "link", {{{"type", type}, {"other", {{"reference", other}}}}});
  };
  const IdentityChange merged = Only<IdentityChange>(link("replaced-by", "Patient/p2"), "2");
  EXPECT_EQ(merged.patient.value + " into " + merged.merged_into.value, "Patient/p1 into Patient/p2");
  const IdentityChange replaced = Only<IdentityChange>(link("replaces", "Patient/p3"), "1");
  EXPECT_EQ(replaced.patient.value + " into " + replaced.merged_into.value, "Patient/p3 into Patient/p1");
  EXPECT_EQ(replaced.identity, merged.identity);
  EXPECT_THAT(Changes(link("seealso", "Patient/p2")), IsEmpty());
  EXPECT_THAT(Changes(link("replaced-by", "Patient/p1"), "1"), IsEmpty()) << "into itself";
  EXPECT_FALSE(Only<IdentityChange>(bare, "3").unmerged_from.empty()) << "no link any more";
  const auto gone = Decoded(GoneEntry("Patient/p1"));
  EXPECT_FALSE(gone.document);
  EXPECT_TRUE(std::get<IdentityChange>(gone.changes.at(0)).retracted);
}

TEST_F(FhirDecoder, RelativesAreOfTheirPatient) {
  const Json ben = {{"resourceType", "RelatedPerson"},
                    {"id", "r1"},
                    {"patient", {{"reference", "Patient/p1"}}},
                    {"name", {{{"family", "Swift"}}}}};
  const IdentityChange one = Only<IdentityChange>(ben);
  EXPECT_EQ(one.patient.value + " " + one.identity + " " + one.names.at(0).family, "Patient/p1 related/r1 Swift");
}

TEST_F(FhirDecoder, ConsentIsOfItsPatient) {
  const Json consent = {{"resourceType", "Consent"},
                        {"id", "c1"},
                        {"status", "active"},
                        {"scope", {{"coding", {{{"code", "research"}}}}}},
                        {"patient", {{"reference", "Patient/p1"}}}};
  const ConsentChange given = Only<ConsentChange>(consent);
  EXPECT_EQ(given.patient.value + " " + given.scope, "Patient/p1 research=permit");
  EXPECT_EQ(Only<ConsentChange>(With(consent, "provision", {{"type", "deny"}})).scope, "research=deny");
  EXPECT_EQ(Only<ConsentChange>(With(consent, "status", "inactive")).scope, "research=none");
}

}  // namespace
}  // namespace freshet::fhir
