// CloudEvents in their three forms as changes, and everything that is none.
#include "connectors/push/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace freshet::push {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

Json Example() {
  return {{"specversion", "1.0"},
          {"id", "1"},
          {"source", "/ehr"},
          {"type", "org.freshet.document.upserted.v1"},
          {"subject", "notes/7"},
          {"time", "2026-01-31T09:30:00.25Z"},
          {"datacontenttype", "text/markdown"},
          {"title", "Discharge"},
          {"scope", "ward-3"},
          {"patients", "p1 p2"},
          {"effective", "2026-01-30"},
          {"attrdepartment", "cardiology"},
          {"data", "# Plan\n"}};
}

Result<ChangeEvent> Structured(const Json& event) {
  FRESHET_ASSIGN_OR_RETURN(
      const auto events,
      ReadCloudEvents(Headers({{"content-type", "application/cloudevents+json; charset=UTF-8"}}), event.dump()));
  return DecodeEvent(events.at(0));
}

void ExpectExample(const ChangeEvent& event) {
  EXPECT_EQ(event.origin.document, DocumentId("notes/7"));
  EXPECT_EQ(FormatTime(event.origin.committed), "2026-01-31T09:30:00.250Z");
  EXPECT_EQ(event.origin.version.position, static_cast<uint64_t>(ToMicros(event.origin.committed)));
  const Upsert& upsert = std::get<Upsert>(event.change);
  EXPECT_EQ(upsert.content, "# Plan\n");
  EXPECT_EQ(upsert.media_type, "text/markdown");
  EXPECT_EQ(upsert.title, "Discharge");
  EXPECT_EQ(upsert.access_scope, ScopeId("ward-3"));
  EXPECT_EQ(upsert.patients, (std::vector<PatientId>{PatientId("p1"), PatientId("p2")}));
  EXPECT_EQ(FormatTime(upsert.effective), "2026-01-30T00:00:00.000Z");
  EXPECT_EQ(upsert.native_id, "notes/7");
  EXPECT_EQ(upsert.attributes, (std::vector<Attribute>{{"department", {"cardiology"}}}));
}

TEST(CloudEvents, AllThreeFormsSayTheSame) {
  const Result<ChangeEvent> structured = Structured(Example());
  ASSERT_TRUE(structured.ok()) << structured.status().ToString();
  ExpectExample(*structured);

  Headers headers = {{"content-type", "text/markdown"}};
  const Json example = Example();
  for (const auto& [name, value] : example.items()) {
    if (name != "data" && name != "datacontenttype") headers["ce-" + name] = value.get<std::string>();
  }
  headers["ce-title"] = "Dis%63harge";
  const auto binary = ReadCloudEvents(headers, "# Plan\n");
  ASSERT_TRUE(binary.ok()) << binary.status().ToString();
  ExpectExample(*DecodeEvent(binary->at(0)));

  const auto batch = ReadCloudEvents(Headers({{"content-type", "application/cloudevents-batch+json"}}),
                                     Json::array({Example(), Example()}).dump());
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->size(), 2u);
  ExpectExample(*DecodeEvent(batch->at(1)));
}

TEST(CloudEvents, DataMayBeBytesOrJson) {
  Json event = Example();
  event.erase("data");
  event["data_base64"] = "AAECAw==";
  EXPECT_EQ(std::get<Upsert>(Structured(event)->change).content, std::string("\0\1\2\3", 4));
}

// Numbers, the order of members and white space are the document's own.
TEST(CloudEvents, JsonDataStaysAsItWasSent) {
  Json event = Example();
  event.erase("data");
  event["datacontenttype"] = "application/fhir+json";
  const std::string head = event.dump().substr(0, event.dump().size() - 1);
  for (const std::string data : {R"({"z": 1.10, "a": [1e30, "}\""]})", R"("a \"text\"")", "12.50", "[ ]", "true"}) {
    const auto events = ReadCloudEvents(Headers({{"content-type", "application/cloudevents+json"}}),
                                        head + R"(, "data" : )" + data + "  }");
    ASSERT_TRUE(events.ok()) << events.status().ToString();
    EXPECT_EQ(events->at(0).data, data);
    const auto batch = ReadCloudEvents(Headers({{"content-type", "application/cloudevents-batch+json"}}),
                                       " [" + head + R"(,"data":)" + data + "} , " + event.dump() + "]");
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    EXPECT_EQ(batch->at(0).data, data);
    EXPECT_EQ(batch->at(1).data, "");
  }
}

TEST(CloudEvents, DeletesAccessAndGroups) {
  Json event = Example();
  event["type"] = "org.freshet.document.deleted.v1";
  event["reason"] = "enteredinerror";
  EXPECT_EQ(std::get<Delete>(Structured(event)->change).reason, Delete::Reason::kEnteredInError);
  event["type"] = "org.freshet.access.changed.v1";
  event["data"] = {{"allow", {"group:staff"}}, {"deny", {"user:bob"}}};
  const AccessChange access = std::get<AccessChange>(Structured(event)->change);
  EXPECT_EQ(access.scope, ScopeId("notes/7"));
  EXPECT_EQ(access.allow, std::vector<Listed>{Principal("group:staff")});
  EXPECT_EQ(access.deny, std::vector<Listed>{Principal("user:bob")});
  event["type"] = "org.freshet.group.changed.v1";
  event["subject"] = "group:staff";
  event["data"] = {{"members", {"user:ada", "group:nurses"}}};
  EXPECT_EQ(std::get<GroupChange>(Structured(event)->change).members.size(), 2u);
}

TEST(CloudEvents, NamesAreListedForATime) {
  Json event = Example();
  event["type"] = "org.freshet.access.changed.v1";
  const Json locum = {{"principal", "user:locum"}, {"from", "2026-01-31"}, {"until", "2026-02-01T18:00:00+01:00"}};
  event["data"] = {{"allow", {"group:staff", locum}}, {"deny", {{{"principal", "user:bob"}, {"until", "2026-03-01"}}}}};
  const Result<ChangeEvent> decoded = Structured(event);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  const AccessChange access = std::get<AccessChange>(decoded->change);
  const Period stay{.until = *ParseTime("2026-02-01T17:00:00Z"), .from = *ParseTime("2026-01-31T00:00:00Z")};
  EXPECT_EQ(access.allow, (std::vector<Listed>{Principal("group:staff"), Listed(Principal("user:locum"), stay)}));
  const Period until_march{.until = *ParseTime("2026-03-01T00:00:00Z")};
  EXPECT_EQ(access.deny, (std::vector<Listed>{Listed(Principal("user:bob"), until_march)}));

  event["type"] = "org.freshet.group.changed.v1";
  event["subject"] = "group:staff";
  event["data"] = {{"members", Json::array({locum})}};
  EXPECT_EQ(std::get<GroupChange>(Structured(event)->change).members,
            (std::vector<Listed>{Listed(Principal("user:locum"), stay)}));
}

// What says that a grant ends, and cannot be read, must not give one without an end.
TEST(CloudEvents, ALimitThatCannotBeReadIsRefused) {
  Json event = Example();
  event["type"] = "org.freshet.access.changed.v1";
  const Json faults[] = {{{"until", "soon"}},     {{"until", nullptr}},
                         {{"until", 1769904000}}, {{"till", "2026-02-01"}},
                         {{"from", ""}},          {{"from", "2026-02-01"}, {"until", "2026-02-01"}}};
  for (Json fault : faults) {
    fault["principal"] = "user:locum";
    for (const char* list : {"allow", "deny"}) {
      event["data"] = {{list, Json::array({fault})}};
      EXPECT_EQ(Structured(event).code(), Code::kInvalidArgument) << fault;
    }
  }
  event["data"] = {{"allow", Json::array({Json{{"until", "2026-02-01"}}})}};
  EXPECT_THAT(Structured(event).status().message(), HasSubstr("neither user: nor group:"));
}

TEST(CloudEvents, WhoAPatientIs) {
  Json event = Example();
  event["type"] = "org.freshet.patient.changed.v1";
  event["subject"] = "p1";
  event["data"] = {{"identity", "chart"},
                   {"names", {{{"given", {"Ada", "M"}}, {"family", "Quill"}, {"suffix", "Jr"}}}},
                   {"identifiers", {{{"kind", "mrn"}, {"value", "4711"}}}},
                   {"birth_date", "1961-03-04"},
                   {"addresses", {"12 Elm St"}},
                   {"telecoms", {"555-0100"}},
                   {"merged_into", "p2"}};
  const Result<ChangeEvent> decoded = Structured(event);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_TRUE(decoded->origin.document.empty());
  const IdentityChange& identity = std::get<IdentityChange>(decoded->change);
  EXPECT_EQ(identity.patient, PatientId("p1"));
  EXPECT_EQ(identity.identity, "chart");
  EXPECT_FALSE(identity.retracted);
  ASSERT_EQ(identity.names.size(), 1u);
  EXPECT_EQ(identity.names[0].given, (std::vector<std::string>{"Ada", "M"}));
  EXPECT_EQ(identity.names[0].family, "Quill");
  EXPECT_EQ(identity.names[0].suffix, "Jr");
  EXPECT_EQ(identity.identifiers.at(0).value, "4711");
  EXPECT_EQ(identity.birth_date, "1961-03-04");
  EXPECT_EQ(identity.addresses, std::vector<std::string>{"12 Elm St"});
  EXPECT_EQ(identity.merged_into, PatientId("p2"));
  const std::pair<const char*, Json> faults[] = {
      {"names", "Ada"}, {"names", {"Ada"}}, {"identifiers", {{{"kind", "mrn"}}}}, {"retracted", 1}, {"telecoms", {7}}};
  for (const auto& [name, value] : faults) {
    Json wrong = event;
    wrong["data"][name] = value;
    EXPECT_EQ(Structured(wrong).code(), Code::kInvalidArgument) << name;
  }
}

TEST(CloudEvents, TimeAndSequenceOrder) {
  Json event = Example();
  EXPECT_EQ(Structured(event)->origin.version.ordinal, 0u);
  event["sequence"] = "17";
  EXPECT_EQ(Structured(event)->origin.version.ordinal, 17u);
  for (const char* sequence : {"0", "-1", "x", "1.5", "99999999999999999999999"}) {
    event["sequence"] = sequence;
    EXPECT_EQ(Structured(event).code(), Code::kInvalidArgument) << sequence;
  }
}

TEST(CloudEvents, WhatIsNoneIsRefusedByName) {
  const std::tuple<const char*, Json, const char*> faults[] = {
      {"specversion", "0.3", "specversion"},       {"id", "", "id is missing"},
      {"subject", nullptr, "subject is missing"},  {"time", "yesterday", "time is not"},
      {"time", nullptr, "time is missing"},        {"type", "com.other", "type is none"},
      {"source", Json::array(), "neither text"},   {"effective", "soon", "effective"},
      {"id", std::string(2000, 'x'), "longer"},    {"subject", "a\nb", "control character"},
      {"title", std::string(5000, 'x'), "longer"}, {"data_base64", "AA==", "exclude"}};
  for (const auto& [name, value, what] : faults) {
    Json event = Example();
    event[name] = value;
    const auto refused = Structured(event);
    EXPECT_EQ(refused.code(), Code::kInvalidArgument) << name;
    EXPECT_THAT(refused.status().message(), HasSubstr(what));
    EXPECT_THAT(refused.status().message(), testing::Not(HasSubstr("Plan")));
  }
  Json access = Example();
  access["type"] = "org.freshet.access.changed.v1";
  access["data"] = {{"allow", {"staff"}}};
  EXPECT_THAT(Structured(access).status().message(), HasSubstr("neither user: nor group:"));
}

TEST(CloudEvents, APatchIsRefusedClearly) {
  for (const char* type : {"application/json-patch+json", "application/merge-patch+json"}) {
    const auto whole = ReadCloudEvents(Headers({{"content-type", type}}), "{}");
    EXPECT_EQ(whole.code(), Code::kUnsupportedMediaType);
    EXPECT_THAT(whole.status().message(), HasSubstr("send the document whole"));
    Json event = Example();
    event["datacontenttype"] = type;
    EXPECT_EQ(Structured(event).code(), Code::kUnsupportedMediaType);
  }
  EXPECT_EQ(ReadCloudEvents(Headers({{"content-type", "application/json"}}), "{}").code(), Code::kUnsupportedMediaType);
}

TEST(CloudEvents, DepthIsBounded) {
  const Headers headers = {{"content-type", "application/cloudevents+json"}};
  const auto refused = ReadCloudEvents(headers, std::string(5'000'000, '['));
  EXPECT_THAT(refused.status().message(), HasSubstr("64 levels"));
  Json event = Example();
  event["type"] = "org.freshet.access.changed.v1";
  event["data"] = std::string(5'000'000, '[');
  EXPECT_THAT(Structured(event).status().message(), HasSubstr("64 levels"));
}

// Any bytes: an answer, never a crash; and what is accepted is a change.
TEST(CloudEvents, AnyBytes) {
  std::mt19937_64 random(11);
  const std::string good = Json::array({Example(), Example()}).dump();
  for (int i = 0; i < 3000; ++i) {
    std::string body = good;
    for (uint64_t n = 1 + random() % 4; n > 0; --n) {
      const size_t at = random() % body.size();
      if (random() % 3 == 0) {
        body.erase(at, random() % 20);
      } else {
        body[at] = static_cast<char>(random());
      }
    }
    const auto events = ReadCloudEvents(Headers({{"content-type", "application/cloudevents-batch+json"}}), body);
    if (!events.ok()) continue;
    for (const CloudEvent& event : *events) (void)DecodeEvent(event).ok();
  }
}

}  // namespace
}  // namespace freshet::push
