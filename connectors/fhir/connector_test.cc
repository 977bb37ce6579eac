// The source over a real socket, a fake server and a host that fails: what is asked for, what is published, what is
// left out.
#include "connectors/fhir/connector.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <fstream>

#include "common/base/base64.h"
#include "common/config/yaml.h"
#include "connectors/fhir/source_testing.h"

namespace freshet::fhir {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// History tells the newest first, and again what was there before: each version travels once, and only where it is the
// newest.
TEST_F(FhirSourceTest, OnlyTheNewestVersionTravelsAndOnlyOnce) {
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  for (int i = 0; i < 8; ++i) PutNote("a", "version " + std::to_string(i));
  for (int i = 0; i < 8; ++i) PutNote("b" + std::to_string(i), "other");
  ASSERT_TRUE(Until([&] { return Holds("Composition/a", "version 7") && Holds("Composition/b7", "other"); }));
  const size_t polls = server.CountRequests("/_history?");
  ASSERT_TRUE(Until([&] { return server.CountRequests("/_history?") > polls + 20; }));
  EXPECT_EQ(Upserts("Composition/a"), 1u);
  EXPECT_EQ(kit::BrokenInvariant(host, {}), "");
}

TEST_F(FhirSourceTest, DeletesComeThroughHistory) {
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return Holds("Composition/a", "first"); }));
  server.Remove("Composition", "a");
  ASSERT_TRUE(Until([&] { return Contents().empty(); }));
  PutNote("a", "again");
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "again"); })) << "what comes back counts";
}

TEST_F(FhirSourceTest, WhatChangedWhileNobodyAskedIsFoundByTypesToo) {
  options.changes = Changes::kTypeHistory;
  PutNote("a", "first");
  PutNote("b", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded() && Holds("Composition/b", "first"); }));
  connector.reset();
  server.Remove("Composition", "a");
  for (int i = 0; i < 10; ++i) PutNote("c" + std::to_string(i), "later");
  Restart();
  ASSERT_TRUE(Until([&] { return Contents().size() == 11; }));
  EXPECT_FALSE(Contents().contains("Composition/a"));
  EXPECT_FALSE(SnapshotEnded(2)) << "nothing was listed again";
}

// By search no delete is told: the next listing finds it.
TEST_F(FhirSourceTest, ListingsFindWhatSearchDoesNotTell) {
  options.changes = Changes::kSearch;
  options.list_every = 300ms;
  PutNote("a", "first");
  PutNote("b", "first");
  ASSERT_TRUE(Until([&] { return Contents().size() == 2; }));
  PutNote("b", "second");
  ASSERT_TRUE(Until([&] { return Holds("Composition/b", "second"); }));
  server.Remove("Composition", "a");
  ASSERT_TRUE(Until([&] { return Contents().size() == 1; })) << last_error.ToString();
  EXPECT_TRUE(Holds("Composition/b", "second"));
}

// A Date has whole seconds, and the sink takes no edges of a listing that began below another.
TEST_F(FhirSourceTest, EachListingBeginsAboveThoseBefore) {
  PutNote("a", "heron");
  for (size_t listings = 1; listings <= 6; ++listings) {
    ASSERT_TRUE(Until([&] { return SnapshotEnded(listings); })) << last_error.ToString();
    ++host.request;
    if (listings % 2 == 0) Restart();
  }
  EXPECT_EQ(kit::BrokenInvariant(host, {}), "");
}

TEST_F(FhirSourceTest, AfterAServersClockWasSetBackAListingBeginsByIt) {
  PutNote("a", "heron");
  const Version later{1, static_cast<uint64_t>(ToMicros(SystemClock().Now() + std::chrono::hours(1))), 0};
  std::string row;
  AppendVersion(row, later);
  host.positions["begun"] = row;
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_LT(host.All<SnapshotEdge>().front().begin_version, later) << "what is stamped now lies below it";
  EXPECT_TRUE(Holds("Composition/a", "heron"));
}

TEST_F(FhirSourceTest, AShortListingDeletesNothing) {
  for (int i = 0; i < 7; ++i) PutNote("d" + std::to_string(i), "text");
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  server.trouble.short_list = true;
  host.request = 1;
  const size_t asked = server.CountRequests("Composition?");
  ASSERT_TRUE(Until([&] { return server.CountRequests("Composition?") > asked + 6; }));
  EXPECT_FALSE(SnapshotEnded(2));
  EXPECT_THAT(last_error.message(), HasSubstr("shorter"));
  server.trouble.short_list = false;
  ASSERT_TRUE(Until([&] { return SnapshotEnded(2); }));
  EXPECT_EQ(Contents().size(), 7u);
}

TEST_F(FhirSourceTest, ABulkExportListsEverything) {
  options.list = Lists::kExport;
  server.trouble.export_polls = 3;
  for (int i = 0; i < 20; ++i) PutNote("d" + std::to_string(i), "text");
  server.Put({{"resourceType", "Patient"}, {"id", "p1"}, {"name", {{{"family", "Quill"}}}}});
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_EQ(Contents().size(), 20u);
  EXPECT_EQ(server.CountRequests("/$export?"), 1u);
  EXPECT_EQ(server.CountRequests("DELETE /fhir/$status/"), 1u) << "the server may forget the export";
  EXPECT_EQ(server.CountRequests("/Composition?_count"), 0u);
}

TEST_F(FhirSourceTest, ExportsSinceTheLastOneTellChangesAndDeletes) {
  options.list = Lists::kExport;
  options.changes = Changes::kExport;
  PutNote("a", "first");
  PutNote("b", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  server.Remove("Composition", "a");
  PutNote("b", "second");
  ASSERT_TRUE(Until([&] { return Contents().size() == 1 && Holds("Composition/b", "second"); }))
      << last_error.ToString();
  EXPECT_GT(server.CountRequests("_since=2"), 0u);
  EXPECT_FALSE(SnapshotEnded(2));
}

TEST_F(FhirSourceTest, AttachmentsAreFetchedOfThisServerOnly) {
  server.SetFile("Binary/1", "text/plain", "The heron rests.");
  server.SetFile("Binary/2", "application/fhir+json",
                 R"({"resourceType":"Binary","contentType":"text/plain","data":")" + ToBase64("The egret.") + "\"}");
  const auto reference = [&](const std::string& id, const std::string& url) {
    server.Put({{"resourceType", "DocumentReference"},
                {"id", id},
                {"content", {{{"attachment", {{"contentType", "text/plain"}, {"url", url}}}}}}});
  };
  reference("whole", server.url() + "/Binary/1");
  reference("json", "Binary/2");
  reference("gone", "Binary/3");
  reference("elsewhere", "http://127.0.0.2:9/Binary/1");
  ASSERT_TRUE(Until([&] { return Contents().size() == 4; }));
  EXPECT_TRUE(Holds("DocumentReference/whole", ToBase64("The heron rests.")));
  EXPECT_TRUE(Holds("DocumentReference/json", ToBase64("The egret.")));
  EXPECT_EQ(Contents()["DocumentReference/gone"], "!malformed_document");
  EXPECT_EQ(Contents()["DocumentReference/elsewhere"], "!malformed_document");
}

TEST_F(FhirSourceTest, PagesAreAskedForSmallerWhereTheyAreTooLarge) {
  for (int i = 0; i < 18; ++i) PutNote("d" + std::to_string(i), std::string(2000, 'x'));
  PutNote("d5", std::string(30'000, 'x'));
  Client client(options);
  LinkedPages pages(client, {.paths = {"Composition", "_history"}, .count = 100, .most_page = 10'000, .whole = true});
  std::map<std::string, size_t> ids;  // what was read before a smaller page is asked for comes again
  for (bool last = false; !last;) {
    const auto page = pages.Next();
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    size_t bytes = 0;
    for (const Piece& piece : page->entries) {
      ++ids[piece.id];
      bytes += piece.text.size();
    }
    EXPECT_TRUE(bytes <= 10'000 || page->entries.size() == 1) << bytes;
    last = page->last;
  }
  EXPECT_EQ(ids.size(), 18u);
  EXPECT_GE(ids["d5"], 3u) << "it has two versions";
  EXPECT_GT(server.CountRequests("_count=1&"), 0u) << "one is larger than a page";
}

// A transaction that ends late shows a change with a time before the last question.
TEST_F(FhirSourceTest, WhatShowsUpLateIsFound) {
  options.settle = 2s;
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded() && host.beats.size() > 2; }));
  server.Put({{"resourceType", "Composition"}, {"id", "late"}, {"title", "late"}}, 500ms);
  EXPECT_TRUE(Until([&] { return Holds("Composition/late", "late"); }));
  EXPECT_EQ(kit::BrokenInvariant(host, {}), "");
}

TEST_F(FhirSourceTest, AServerThatAsksForPatienceGetsIt) {
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  for (const bool dates : {false, true}) {
    const auto begin = std::chrono::steady_clock::now();
    server.trouble.dates = dates;
    server.trouble.busy = 1;
    ASSERT_TRUE(Until([&] { return server.trouble.busy == 0; }));
    const size_t requests = server.CountRequests("/");
    const auto end = std::chrono::steady_clock::now() + 500ms;
    while (std::chrono::steady_clock::now() < end) (void)connector->Step(host).ok();
    // A machine that stood still meanwhile has seen the two seconds pass.
    const size_t asked = server.CountRequests("/");
    const bool stood_still = std::chrono::steady_clock::now() - begin >= 2s;
    EXPECT_TRUE(stood_still || asked == requests) << "for two seconds";
    const std::string text = dates ? "third" : "second";
    PutNote("a", text);
    EXPECT_TRUE(Until([&] { return Holds("Composition/a", text); }));
  }
}

TEST_F(FhirSourceTest, AnswersThatBreakOffAreAskedForAgain) {
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  server.trouble.break_off = true;
  PutNote("a", "second");
  ASSERT_TRUE(Until([&] { return last_error.code() == Code::kUnavailable; }));
  server.trouble.break_off = false;
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "second"); }));
}

TEST_F(FhirSourceTest, AnotherConfigurationListsEverythingAnew) {
  server.Put({{"resourceType", "Procedure"}, {"id", "x"}, {"code", {{"text", "Suture"}}}});
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  EXPECT_TRUE(Contents().empty());
  options.types.emplace_back("Procedure");
  Restart();
  EXPECT_TRUE(Until([&] { return SnapshotEnded(2) && Contents().size() == 1; }));
}

// Lists are taken back, and made anew, where the options have changed.
TEST_F(FhirSourceTest, ListsFollowTheOptions) {
  options.restricted = {{"PSY", {"user:ada"}}};
  server.Put({{"resourceType", "Composition"},
              {"id", "a"},
              {"title", "x"},
              {"meta", {{"security", {{{"system", "urn:x"}, {"code", "PSY"}}}}}}});
  const auto readers = [&] {
    kit::ModelSink sink;
    for (const kit::Published& one : host.published) sink.Apply(one.event);
    return sink.Access("/") + ", " + sink.Access("/PSY");
  };
  ASSERT_TRUE(Until([&] { return readers() == "allow group:clinicians, allow user:ada"; }));
  options.readers = {};
  options.restricted = {{"PSY", {"user:bob"}}};
  Restart();
  EXPECT_TRUE(Until([&] { return readers() == ", allow user:bob"; })) << readers();
}

TEST_F(FhirSourceTest, ASubscriptionWakesIt) {
  options.every = 1h;
  options.listen = HostPort{"127.0.0.1", 0};
  options.listen_token = "knock";
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded() && server.CountRequests("/_history?") == 1; }));
  PutNote("a", "second");
  httplib::Client caller("127.0.0.1", source->webhook_port());
  EXPECT_EQ(caller.Post("/", "", "application/fhir+json")->status, 401);
  EXPECT_EQ(server.CountRequests("/_history?"), 1u);
  caller.set_bearer_token_auth("knock");
  EXPECT_EQ(caller.Put("/Composition/a", "{\"never\": \"believed\"}", "application/fhir+json")->status, 200);
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "second"); }));
  EXPECT_EQ(caller.Get("/")->status, 404);
  const int port = source->webhook_port();
  options.listen->port = static_cast<uint16_t>(port);
  Restart();  // at the same address, at once
  ASSERT_TRUE(Until([&] { return source->webhook_port() == port; })) << last_error.ToString();
  EXPECT_EQ(httplib::Client("127.0.0.1", port).Post("/", "", "application/fhir+json")->status, 401);
}

TEST_F(FhirSourceTest, CheckSaysWhatIsWrong) {
  EXPECT_TRUE(FhirSource(options).Check().ok()) << FhirSource(options).Check().ToString();
  FhirOptions wrong = options;
  wrong.token = "other";
  EXPECT_EQ(FhirSource(wrong).Check().code(), Code::kPermissionDenied);
  wrong = options;
  wrong.url = server.url() + "/elsewhere";
  EXPECT_EQ(FhirSource(wrong).Check().code(), Code::kConfiguration);
  wrong = options;
  wrong.types = {"Composition", "Nonsense"};
  server.trouble.unknown = "/Nonsense";
  EXPECT_THAT(FhirSource(wrong).Check().message(), HasSubstr("Nonsense"));
  server.trouble.down = true;
  EXPECT_EQ(FhirSource(options).Check().code(), Code::kUnavailable);
  EXPECT_EQ(Validate({}).code(), Code::kConfiguration);
  wrong = options;
  wrong.readers = {"ada"};
  EXPECT_EQ(Validate(wrong).code(), Code::kConfiguration);
}

TEST_F(FhirSourceTest, ListsTheDocumentsThatThereAre) {
  PutNote("a", "x");
  server.Put({{"resourceType", "Composition"}, {"id", "b"}, {"status", "entered-in-error"}});
  server.Put({{"resourceType", "Patient"}, {"id", "p1"}});
  std::vector<std::string> ids;
  const auto take = [&](const std::string& id) {
    ids.push_back(id);
    return OkStatus();
  };
  ASSERT_TRUE(FhirSource(options).List(take).ok());
  EXPECT_THAT(ids, ElementsAre("Composition/a"));
}

TEST(FhirExample, ItsSourceIsTaken) {
  const std::filesystem::path example = "connectors/fhir/example.yaml";
  if (!std::filesystem::exists(example)) GTEST_SKIP() << "not run from the project's root";
  const auto folder = std::filesystem::temp_directory_path() / "fhir-example";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(example, folder / "site.yaml", std::filesystem::copy_options::overwrite_existing);
  for (const char* named : {"tenant.key", "tokens.yaml", "fhir-token.txt", "hook-token.txt"})
    std::ofstream(folder / named) << "x\n";
  const auto site = LoadConfigFile(folder / "site.yaml");
  ASSERT_TRUE(site.ok()) << site.status().message();
  const ConfigNode& source = site->Find("sources")->items.at(0);
  EXPECT_EQ(source.Find("connector")->text, "fhir");
  const auto made = MakeFhirConnector(*source.Find("options"));
  EXPECT_TRUE(made.ok()) << made.status().message();
}

}  // namespace
}  // namespace freshet::fhir
