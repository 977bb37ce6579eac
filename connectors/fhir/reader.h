// Reader: pages to events, a batch at a time, in the order in which they are to be published: access lists before what
// hangs on them, who people are before documents.
//
//   reader.Begin(std::make_unique<LinkedPages>(...), Told::kAsChange);
//   FRESHET_ASSIGN_OR_RETURN(bool more, reader.Read(batch));   // false: the last batch
//
// One reader a run: it remembers what was read, whether in a listing or as a change, and which lists were published.
// Codes: those of the pages and of attachments. One thread.
#pragma once

#include <deque>
#include <memory>
#include <set>

#include "connectors/fhir/decoder.h"
#include "connectors/fhir/pages.h"
#include "connectors/fhir/seen.h"
#include "connectors/source/source.h"

namespace freshet::fhir {

// What one reading has come to.
struct Reading {
  std::unique_ptr<Pages> pages;
  Told told = Told::kAsChange;
  std::deque<Entry> entries;  // of the page that has come
  std::string place;          // of that page
  Time asked, place_asked;    // when it was asked for; when the page before it was, which led there
  bool last = false;          // it is the last one
  bool waits = false;         // the server is not ready
  Time newest;                // of all that was read, by the server's clock
  Time hint;                  // for entries without a time
  Version begin;              // of a listing: what is older is mentioned besides
  bool own_versions = true;   // false: the driver's, as they are read
};

class Reader {
 public:
  Reader(const FhirOptions& options, Client& client, const SourceStart& start);

  // Lists of earlier runs as the options are now; first in every run.
  void AddKnownLists(SourceBatch& batch);
  // Adds about kMostBatchBytes. False: the reading has ended.
  Result<bool> Read(Reading& reading, SourceBatch& batch);
  // not_found.
  Result<Upsert> ReadAlone(const ResourceId& id);
  // What was read counts as new again.
  void Forget() { seen_.Clear(); }
  // From then on nothing is said to have been committed before it.
  void Vouch(Time time) { vouched_ = std::max(vouched_, time); }

 private:
  Status NextPage(Reading& reading);
  Status Add(Reading& reading, Entry entry, SourceBatch& batch);
  void AddList(const std::string& scope, SourceBatch& batch);
  Result<std::string> ReadAttachment(const std::string& url, const std::string& type, size_t most);

  const FhirOptions& options_;
  Client& client_;
  const Clock* const clock_;
  Decoder decoder_;
  Seen seen_;
  std::set<std::string> listed_;   // in this run
  std::set<std::string> earlier_;  // in earlier ones
  Time vouched_;
};

}  // namespace freshet::fhir
