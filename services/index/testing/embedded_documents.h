// Embedded documents for tests of the index and of what asks it: cleaned, cut and embedded as in the pipeline, but for
// de-identification, whose seal a test key makes.
//
//   TestDocument falls{.id = "falls.md", .version = 3, .text = "# Falls\n\nKeep the floor dry.\n"};
//   Envelope<EmbeddedDocument> envelope = EmbeddedOf(falls);
//
// Any thread.
#pragma once

#include <string>
#include <vector>

#include "schemas/chunked.h"
#include "tests/support/clean_documents.h"

namespace freshet::testing {

struct TestDocument {
  std::string id;
  uint64_t version = 1;  // position, in epoch 1
  std::string text;      // markup of Outline (tests/support/clean_documents.h)
  std::string scope = "open";
  std::string source = "files";
  std::string collection = "policies";
  std::string title;
  std::string uri;
  std::vector<Attribute> attributes;
  std::vector<PatientId> patients;  // as the source names them
  Time effective{};
  Time committed{};
  uint64_t deid_run = 0;
  bool vectors = true;  // false: the embedder gave none
  std::string traceparent;
};

// Coordinates of a change of this source, without a document.
Origin SourceOrigin(std::string_view source, std::string_view collection, uint64_t version);

Envelope<EmbeddedDocument> EmbeddedOf(const TestDocument& document);

}  // namespace freshet::testing
