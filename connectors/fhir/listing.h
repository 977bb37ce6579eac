// Listing: everything that a server has, once, a batch at a time, and where to go on after an interruption.
//
//   Listing listing(options, client);
//   if (!listing.GoesOn(now)) listing.Open(cursor, {.here = now, .there = server_time}, batch);        // sets first
//   FRESHET_ASSIGN_OR_RETURN(const bool more, listing.Read(reader, batch));                            // position too
//
//   cursor := fingerprint:16 bytes, begin:version, since:8 bytes, place:text      place: pages.h; since: when the page
//             was asked for that led there, in microseconds, by our clock
//
// It goes on at the page where it was for five minutes, within a run (a log that took nothing meanwhile) as after one;
// later, and where the server refuses the link or answers it with an error several times, it begins anew. Not to be let
// in (401, 403) is no such answer. The files of an export are as they were, however late they are read.
//
// It begins `settle` before the server was asked for the time, above every one before: a Date has whole seconds, and
// what an earlier listing could begin at a later one can too. Where the server's clock was set back, what is stamped
// now lies below what was listed then: the listing's edges are of no use until that is past, and nothing is deleted.
//
// Codes: those of Reader. One thread.
#pragma once

#include "connectors/fhir/reader.h"

namespace freshet::fhir {

class Listing {
 public:
  struct Now {
    Time here, there;  // by our clock; by the server's
  };

  Listing(const FhirOptions& options, Client& client) : options_(options), client_(client) {}

  // The begin of the newest listing of earlier runs (SourceStart::begun).
  void SetBegun(const Version& begun) { begun_ = begun; }
  bool is_open() const { return reading_.has_value(); }
  // It is open, and what it asks for next still belongs to what it has read.
  bool GoesOn(Time now) const;
  void Open(const std::string& cursor, const Now& now, SourceBatch& batch);
  // False: the last batch, and the listing is closed.
  Result<bool> Read(Reader& reader, SourceBatch& batch);
  // The server is not ready: ask again in a while.
  bool waits() const { return reading_ && reading_->waits; }
  void Close() { reading_.reset(); }

 private:
  std::unique_ptr<Pages> MakePages();
  bool GoOnAt(const std::string& cursor);
  std::string Cursor() const;
  Version Begin(Time there);
  void CountFailure(Code code);

  const FhirOptions& options_;
  Client& client_;
  std::optional<Reading> reading_;
  Version begun_;
  bool resumed_ = false;    // it goes on where an earlier one was, and no page of it has come yet
  int resumes_failed_ = 0;  // in a row
};

}  // namespace freshet::fhir
