// For tests: the source over a real socket, a fake server and a host, stepped until something holds.
//
//   class FhirThingTest : public FhirSourceTest {};
//   TEST_F(FhirThingTest, ...) { PutNote("a", "first"); ASSERT_TRUE(Until([&] { return Holds("Composition/a", "first");
//   })); }
//
// One thread.
#pragma once

#include <gtest/gtest.h>

#include "connectors/fhir/connector.h"
#include "connectors/fhir/fake_server.h"
#include "connectors/kit/invariants.h"
#include "connectors/kit/kit_host.h"
#include "connectors/kit/model_sink.h"
#include "connectors/source/source_connector.h"

namespace freshet::fhir {

class FhirSourceTest : public ::testing::Test {
 protected:
  FhirSourceTest() {
    options.url = server.url();
    options.token = "secret";
    options.every = std::chrono::milliseconds(1);
    options.settle = std::chrono::milliseconds(50);
    options.page = 3;
    options.readers = {"group:clinicians"};
    options.timeout = std::chrono::seconds(5);
  }
  ~FhirSourceTest() override { connector.reset(); }

  void Restart() {
    connector.reset();
    auto made = std::make_unique<FhirSource>(options);
    source = made.get();
    connector = std::make_unique<SourceConnector>(std::move(made));
  }
  // Steps until it holds, over a minute where the machine is busy.
  template <class Holds>
  bool Until(const Holds& holds) {
    if (connector == nullptr) Restart();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      const auto did = connector->Step(host);
      if (!did.ok()) last_error = did.status();
      if (!did.ok() || !*did) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return holds();
  }
  std::map<std::string, std::string> Contents() const {
    kit::ModelSink sink;
    for (const kit::Published& one : host.published) sink.Apply(one.event);
    return sink.Contents();
  }
  bool Holds(const std::string& document, const std::string& text) const {
    const auto all = Contents();
    const auto found = all.find(document);
    return found != all.end() && found->second.find(text) != std::string::npos;
  }
  bool SnapshotEnded(size_t times = 1) const {
    size_t ends = 0;
    for (const kit::Published& one : host.published) {
      const auto* const edge = std::get_if<SnapshotEdge>(&one.event.change);
      ends += edge != nullptr && edge->side == SnapshotEdge::Side::kEnd ? 1 : 0;
    }
    return ends >= times;
  }
  size_t Upserts(const std::string& document) const {
    return static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [&](const auto& one) {
      return std::holds_alternative<Upsert>(one.event.change) && one.event.origin.document.value == document;
    }));
  }
  void PutNote(const std::string& id, const std::string& text) {
    server.Put(
        {{"resourceType", "Composition"}, {"id", id}, {"subject", {{"reference", "Patient/p1"}}}, {"title", text}});
  }

  FakeServer server{"secret"};
  FhirOptions options;
  kit::KitHost host;
  FhirSource* source = nullptr;
  std::unique_ptr<SourceConnector> connector;
  Status last_error;
};

}  // namespace freshet::fhir
