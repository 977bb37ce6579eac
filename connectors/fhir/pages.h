// Pages: what a server says, a page at a time: a history, a search (LinkedPages), a bulk export (export_pages.h).
//
//   LinkedPages pages(client, {.paths = {"_history?_since=2026-01-31T09:30:00.000Z"}, .count = 100});
//   do { FRESHET_ASSIGN_OR_RETURN(Page page, pages.Next()); ... } while (!page.last);
//
// A page holds at most kMostPageBytes: where one is larger, its path is asked for anew by half as many entries. After
// an error the pages are over: begin anew, or where the last good page ended:
//
//   const std::string place = pages.Place();
//   LinkedPages others(client, rules);  others.GoOnAt(place);      // the same paths
//
//   place := path(4) seen(8) total(8) as_of_us(8) link:text        of total all ones, of as_of zero: not told
//
// Whether the server still honours the link is another question. Codes: those of Client; unavailable (an answer that is
// no bundle or breaks off, a listing that is shorter than the server says). One thread.
#pragma once

#include <string>
#include <vector>

#include "connectors/fhir/client.h"
#include "connectors/fhir/splitter.h"

namespace freshet::fhir {

inline constexpr size_t kMostPageBytes = 32u << 20;

struct Page {
  std::vector<Piece> entries;
  bool last = false;   // nothing follows
  bool waits = false;  // nothing yet: ask again in a while
};

class Pages {
 public:
  virtual ~Pages() = default;
  virtual Result<Page> Next() = 0;
  // Once a page has come that does not wait: the server's time when it began to answer; all that it committed before is
  // there, but for what `settle` allows. Nothing where it does not say.
  virtual std::optional<Time> as_of() const = 0;
  // What comes first is the newest: what has no time of its own is not newer than what came before it.
  virtual bool newest_first() const { return false; }
  // Of the next page; empty: these pages are begun anew or not at all.
  virtual std::string Place() const { return ""; }
  // Before the first page. False: this is no place of these pages, which begin at the first one.
  virtual bool GoOnAt(std::string_view place) {
    (void)place;
    return false;
  }
};

struct LinkedRules {
  std::vector<std::string> paths;  // below the base; `_count` is added
  uint32_t count = 100;
  size_t most_resource = 12u << 20;
  size_t most_page = kMostPageBytes;
  bool history = false;
  bool whole = false;  // a listing: as many entries as `total` says
};

class LinkedPages final : public Pages {
 public:
  LinkedPages(Client& client, LinkedRules rules) : client_(client), rules_(std::move(rules)) {}

  Result<Page> Next() override;
  std::optional<Time> as_of() const override { return as_of_; }
  bool newest_first() const override { return rules_.history; }
  std::string Place() const override;
  bool GoOnAt(std::string_view place) override;

 private:
  struct Got;
  Result<Url> UrlOfPage() const;
  Status Ask(const Url& url, Got& got);
  Status Follow(Got& got);

  Client& client_;
  LinkedRules rules_;
  size_t path_ = 0;
  std::string next_;   // the link to follow; empty: the path's first page
  uint64_t seen_ = 0;  // entries of this path
  std::optional<uint64_t> total_;
  std::optional<Time> as_of_;
};

}  // namespace freshet::fhir
