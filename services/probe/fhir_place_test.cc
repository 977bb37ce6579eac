// The prober's place in a FHIR server, against a server of ours that keeps what it is sent. The real source is probed
// by tests/e2e/fhir_test.py.
#include "services/probe/fhir_place.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/base64.h"
#include "services/probe/fhir_resource.h"

namespace freshet::probe {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// {"create", "update"}, whether it takes clients' names.
std::string Metadata(const std::vector<const char*>& interactions, bool update_create) {
  Json rows = Json::array();
  for (const char* const code : interactions) rows.push_back({{"code", code}});
  const Json resource = {{"type", "DocumentReference"}, {"interaction", rows}, {"updateCreate", update_create}};
  const Json rest = {{"mode", "server"}, {"resource", Json::array({{{"type", "Patient"}}, resource})}};
  return Json{{"resourceType", "CapabilityStatement"}, {"rest", Json::array({rest})}}.dump();
}

class FhirPlaceTest : public testing::Test {
 protected:
  FhirPlaceTest() {
    source_.restricted = {{"PROBE", {"user:prober"}}, {"R", {"group:psychiatry"}}};
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      EXPECT_EQ(request.get_header_value("Authorization"), "Bearer s3cret");
      Answer(request, response);
    };
    server_.Get("/fhir/.*", answer).Put("/fhir/.*", answer).Post("/fhir/.*", answer).Delete("/fhir/.*", answer);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    source_.url = "http://127.0.0.1:" + std::to_string(port_) + "/fhir/";
  }
  ~FhirPlaceTest() override {
    server_.stop();
    thread_.join();
  }

  void Answer(const httplib::Request& request, httplib::Response& response) {
    const std::string target = request.target.substr(6);
    if (target == "metadata") return response.set_content(metadata_, "application/fhir+json");
    told_.push_back(request.method + " " + target);
    if (!request.body.empty()) bodies_.push_back(Json::parse(request.body));
    response.status = request.method == "PUT" && gone_.contains(target) ? gone_[target] : status_;
    if (request.method == "POST") {
      response.set_header("Location", source_.url + "DocumentReference/d" + std::to_string(++made_) + "/_history/1");
    }
    const std::string& found = target.find("page=2") == target.npos ? found_ : second_page_;
    if (request.method == "GET") response.set_content(found, "application/fhir+json");
  }

  std::unique_ptr<FhirPlace> Make() {
    auto made = FhirPlace::Make({.token = "s3cret", .label = "PROBE", .url = ""}, source_, "user:prober");
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    return std::move(*made);
  }
  Code CodeOfMaking(const FhirPlaceOptions& options, const std::string& reader = "user:prober") {
    return FhirPlace::Make(options, source_, reader).code();
  }
  // As a round does.
  static Status Live(FhirPlace& place) {
    FRESHET_RETURN_IF_ERROR(place.Remove());
    FRESHET_RETURN_IF_ERROR(place.Permit(true));
    FRESHET_RETURN_IF_ERROR(place.Write("one"));
    FRESHET_RETURN_IF_ERROR(place.Write("two"));
    FRESHET_RETURN_IF_ERROR(place.Permit(false));
    FRESHET_RETURN_IF_ERROR(place.Permit(true));
    return place.Remove();
  }
  // "two PROBE+TBOO" of each body.
  std::vector<std::string> Written() const {
    std::vector<std::string> written;
    for (const Json& body : bodies_) {
      std::string labels;
      for (const Json& label : body["securityLabel"]) {
        labels += (labels.empty() ? "" : "+") + label["coding"][0]["code"].get<std::string>();
      }
      const std::string text = body["content"][0]["attachment"]["data"];
      written.push_back(FromBase64(text).value_or("?") + " " + labels);
    }
    return written;
  }

  std::string metadata_ = Metadata({"update", "delete"}, true);
  std::string found_ = R"({"resourceType":"Bundle","type":"searchset"})", second_page_;
  std::map<std::string, int> gone_;  // the answer to a PUT there
  fhir::FhirOptions source_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0, status_ = 200, made_ = 0;
  std::vector<std::string> told_;  // of one request after the other
  std::vector<Json> bodies_;
};

TEST_F(FhirPlaceTest, HasOneNameWhereTheServerTakesIt) {
  const auto place = Make();
  ASSERT_TRUE(Live(*place).ok());
  const std::string own = "DocumentReference/freshet-probe";
  EXPECT_THAT(told_,
              ElementsAre("DELETE " + own, "PUT " + own, "PUT " + own, "PUT " + own, "PUT " + own, "DELETE " + own));
  EXPECT_THAT(Written(), ElementsAre("one PROBE", "two PROBE", "two PROBE+TBOO", "two PROBE"));
  for (const Json& body : bodies_) {
    EXPECT_EQ(body["id"], "freshet-probe");
    EXPECT_EQ(body["resourceType"], "DocumentReference");
    EXPECT_EQ(body["status"], "current");
  }
}

TEST_F(FhirPlaceTest, TakesTheServersNameWhereItGivesOne) {
  metadata_ = Metadata({"create", "update", "delete"}, false);
  const auto place = Make();
  ASSERT_TRUE(Live(*place).ok());
  ASSERT_TRUE(Live(*place).ok());
  const std::string find = "GET DocumentReference?identifier=urn:freshet%7Cfreshet-probe";
  const std::string d1 = "DocumentReference/d1", d2 = "DocumentReference/d2";
  EXPECT_THAT(told_,
              ElementsAre(find, "POST DocumentReference", "PUT " + d1, "PUT " + d1, "PUT " + d1, "DELETE " + d1, find,
                          "POST DocumentReference", "PUT " + d2, "PUT " + d2, "PUT " + d2, "DELETE " + d2));
  EXPECT_FALSE(bodies_[0].contains("id"));
  EXPECT_EQ(bodies_[1]["id"], "d1");
}

// What a killed prober left; and what a server answers that does not know the parameter: other people's notes.
TEST_F(FhirPlaceTest, DeletesNothingThatIsNotItsOwn) {
  metadata_ = Metadata({"create", "update", "delete"}, false);
  const auto entry = [](const std::string& id, const std::string& system, const std::string& value) {
    const Json identifiers = Json::array({{{"system", system}, {"value", value}}});
    return Json{{"resource", {{"resourceType", "DocumentReference"}, {"id", id}, {"identifier", identifiers}}}};
  };
  Json entries =
      Json::array({entry("left", "urn:freshet", "freshet-probe"), entry("note", "urn:x", "freshet-probe"),
                   entry("other", "urn:freshet", "7"), entry("../Patient/1", "urn:freshet", "freshet-probe")});
  entries.push_back({{"resource", {{"resourceType", "DocumentReference"}, {"id", "bare"}}}});
  entries.push_back({{"resource", {{"resourceType", "OperationOutcome"}}}});
  found_ = Json{{"resourceType", "Bundle"}, {"entry", entries}}.dump();
  ASSERT_TRUE(Make()->Remove().ok());
  EXPECT_THAT(told_, ElementsAre(testing::StartsWith("GET "), "DELETE DocumentReference/left"));
  found_ = "<html>";
  EXPECT_EQ(Make()->Remove().code(), Code::kConfiguration);
}

// As it is answered where the parameter is unknown: everything, by pages, whose links may name another origin.
TEST_F(FhirPlaceTest, FindsItsOwnOnALaterPage) {
  metadata_ = Metadata({"create", "update", "delete"}, false);
  const Json identifiers = Json::array({{{"system", "urn:freshet"}, {"value", "freshet-probe"}}});
  const Json own = {{"resourceType", "DocumentReference"}, {"id", "left"}, {"identifier", identifiers}};
  const Json next = {{"relation", "next"}, {"url", "https://inside.example.org/fhir/DocumentReference?page=2"}};
  found_ = Json{{"resourceType", "Bundle"}, {"link", Json::array({next})}}.dump();
  second_page_ = Json{{"resourceType", "Bundle"}, {"entry", Json::array({{{"resource", own}}})}}.dump();
  ASSERT_TRUE(Make()->Remove().ok());
  EXPECT_THAT(
      told_, ElementsAre(testing::StartsWith("GET "), "GET DocumentReference?page=2", "DELETE DocumentReference/left"));
  second_page_ = found_;
  EXPECT_EQ(Make()->Remove().code(), Code::kUnsupportedChange) << "a search without an end";
}

TEST_F(FhirPlaceTest, MakesItAnewWhereSomebodyHasDeletedIt) {
  metadata_ = Metadata({"create", "update", "delete"}, false);
  for (const int answer : {404, 410}) {
    told_.clear();
    made_ = 0;
    gone_ = {{"DocumentReference/d1", answer}};
    const auto place = Make();
    ASSERT_TRUE(place->Write("one").ok());
    ASSERT_TRUE(place->Write("two").ok()) << answer;
    ASSERT_TRUE(place->Write("three").ok());
    const std::string made = "POST DocumentReference", put = "PUT DocumentReference/d";
    EXPECT_THAT(told_, ElementsAre(made, put + "1", made, put + "2"));
  }
  status_ = 404;
  EXPECT_EQ(Make()->Write("words").code(), Code::kUnsupportedChange) << "it does not make one either";
  EXPECT_EQ(Make()->Remove().code(), Code::kUnsupportedChange) << "nor does it search";
}

TEST_F(FhirPlaceTest, SaysWhatTheServerDoesNotAllow) {
  for (const auto& [interactions, update_create] : {std::pair{std::vector{"read", "search-type"}, false},
                                                    {std::vector{"create", "update"}, false},
                                                    {std::vector{"update", "delete"}, false},
                                                    {std::vector{"create", "delete"}, true}}) {
    metadata_ = Metadata(interactions, update_create);
    EXPECT_EQ(Make()->Remove().code(), Code::kUnsupportedChange);
    EXPECT_EQ(Make()->Write("x").code(), Code::kUnsupportedChange);
  }
  metadata_ = R"({"resourceType":"CapabilityStatement","rest":[{"mode":"server","resource":[{"type":"Patient"}]}]})";
  EXPECT_EQ(Make()->Remove().code(), Code::kUnsupportedChange) << "it has no such resource";
  EXPECT_THAT(told_, IsEmpty()) << "nothing is tried";
  metadata_ = R"({"resourceType":"CapabilityStatement"})";
  EXPECT_TRUE(Live(*Make()).ok()) << "it does not say: tried";
  metadata_ = "<html>";
  EXPECT_EQ(Make()->Remove().code(), Code::kConfiguration);
}

TEST_F(FhirPlaceTest, SaysWhyTheServerDoesNotTakeIt) {
  for (const auto& [status, code] : {std::pair{503, Code::kUnavailable},
                                     {429, Code::kUnavailable},
                                     {409, Code::kUnavailable},
                                     {401, Code::kUnauthenticated},
                                     {403, Code::kPermissionDenied},
                                     {405, Code::kUnsupportedChange},
                                     {422, Code::kConfiguration}}) {
    status_ = status;
    EXPECT_EQ(Make()->Write("words").code(), code) << status;
    EXPECT_EQ(Make()->Remove().code(), code) << status;
  }
  for (const int gone : {404, 410}) {
    status_ = gone;
    EXPECT_TRUE(Make()->Remove().ok()) << "fine where there is none";
    EXPECT_EQ(Make()->Write("words").code(), Code::kUnsupportedChange);
  }
  const auto place = Make();
  server_.stop();
  EXPECT_EQ(place->Write("words").code(), Code::kUnavailable);
  EXPECT_EQ(place->Remove().code(), Code::kUnavailable);
}

TEST_F(FhirPlaceTest, RefusesWhatWouldNeverBeSeen) {
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "", .url = ""}), Code::kConfiguration) << "no reader of the source";
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "R", .url = ""}), Code::kConfiguration) << "another's label";
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "X", .url = ""}), Code::kConfiguration) << "nobody's label";
  EXPECT_EQ(CodeOfMaking({.token = "a\r\nb", .label = "PROBE", .url = ""}), Code::kConfiguration);
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "PROBE", .url = "ftp://x"}), Code::kConfiguration);
  source_.readers = {"user:prober"};
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "", .url = ""}), Code::kOk);
  source_.types = {"Composition"};
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "", .url = ""}), Code::kConfiguration) << "is not read";
  source_.types = {"DocumentReference"};
  source_.url.clear();
  source_.folder = "export";
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "", .url = ""}), Code::kConfiguration) << "no server";
}

// Else it would be taken away from nobody.
TEST_F(FhirPlaceTest, HidesByALabelThatNobodyMayRead) {
  source_.restricted["TBOO"] = {"user:prober"};
  const auto place = Make();
  ASSERT_TRUE(place->Write("one").ok());
  EXPECT_THAT(Written(), ElementsAre("one PROBE+SSP")) << "nobody was permitted yet";
  for (const char* const code : {"SSP", "LOCIS", "EMP"}) source_.restricted[code] = {"user:prober"};
  EXPECT_EQ(CodeOfMaking({.token = "", .label = "PROBE", .url = ""}), Code::kConfiguration);
}

TEST(FhirResource, ReadsTheNameThatAServerGave) {
  EXPECT_EQ(IdInLocation("http://x/fhir/DocumentReference/7f-a.B/_history/1"), "7f-a.B");
  EXPECT_EQ(IdInLocation("DocumentReference/7"), "7");
  for (const char* const location : {"", "http://x/fhir/Patient/7", "http://x/DocumentReference/",
                                     "DocumentReference/a?b", "DocumentReference/..%2F"}) {
    EXPECT_EQ(IdInLocation(location), "") << location;
  }
}

}  // namespace
}  // namespace freshet::probe
