// FakeServer: for the rig and tests: a small FHIR R4 server in memory, over real HTTP: versions, history and search by
// pages, bulk export, Binary, and the troubles that servers have.
//
//   FakeServer server;                                            // listens on 127.0.0.1, any port
//   server.Put({{"resourceType", "Composition"}, {"id", "a"}, {"title", "Plan"}});
//   server.Remove("Composition", "a");
//   options.url = server.url();
//
// Every change has a time of its own. Any thread; `trouble` is changed before or between requests.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "connectors/fhir/fake_authorization.h"

namespace freshet::fhir {

using Json = nlohmann::ordered_json;

class FakeServer {
 public:
  struct Troubles {
    std::atomic<bool> down = false;        // answers 503
    std::atomic<bool> empty = false;       // a search finds nothing
    std::atomic<bool> short_list = false;  // a search leaves the last one out, and says in `total` that it is there
    std::atomic<int> busy = 0;             // so many answers are 429, Retry-After: 2
    std::atomic<bool> dates = false;       // and that as a date
    std::atomic<int> export_polls = 1;     // so often an export is not ready yet
    std::atomic<bool> offsets = false;     // pages of listings are counted afresh, each time
    std::atomic<int> locked_out = 0;       // not 0: the answer to all but /metadata
    std::atomic<int> lost_page = 410;      // the answer where a listing's next page is asked for that was forgotten
    const char* unknown = "/?";            // a type that is answered with 404
    std::atomic<bool> break_off = false;   // answers end in the middle
  };

  explicit FakeServer(std::string token = "");
  ~FakeServer();

  std::string url() const;
  // A new version; its meta is the server's. `ago`: it counts as written so long ago, as a transaction that ends late.
  void Put(Json resource, Duration ago = Duration(0));
  // The same, with bytes in it that no JSON library would write: `from` in the text becomes `to`.
  void PutRaw(Json resource, const std::string& from, const std::string& to);
  void Remove(const std::string& type, const std::string& id);
  // Served at [base]/`path` with this media type.
  void SetFile(const std::string& path, const std::string& type, const std::string& bytes);

  // The pages of listings that have begun are kept as they were, until now.
  void ForgetPages();
  // Requests so far whose path and query hold this.
  size_t CountRequests(const std::string& part) const;
  Troubles trouble;
  // Where it is set tokens are those that it gives, at [base]/token.
  std::shared_ptr<FakeAuthorization> authorization;

 private:
  struct Stored;
  struct Http;
  void ServeTokens();
  bool Knows(const std::string& authorization_header) const;
  void Add(const std::string& type, const std::string& id, Stored stored);
  std::string Entry(const Stored& stored, bool history) const;
  std::string Bundle(const std::vector<const Stored*>& all, const std::string& target, bool history) const;
  std::string Answer(const std::string& target, std::string& type, int& status);
  std::string History(const std::string& path, const std::string& target) const;
  std::string Search(const std::string& path, std::string target, int& status);
  std::string Export(const std::string& path, const std::string& target, int& status);
  std::string ExportFile(const std::string& target) const;
  std::string Manifest(const std::string& since) const;

  const std::string token_;
  mutable std::mutex mutex_;
  std::vector<Stored> versions_;  // as they became visible
  std::map<std::string, size_t> current_;
  std::map<std::string, std::pair<std::string, std::string>> files_;
  std::vector<std::string> requests_;
  std::map<std::string, int> polls_;
  std::map<std::string, std::vector<size_t>> listings_;  // versions, by the name in their links
  size_t listings_begun_ = 0;
  Time last_;
  std::unique_ptr<Http> http_;
};

}  // namespace freshet::fhir
