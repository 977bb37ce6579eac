#include "connectors/fhir/fake_server.h"

#include <httplib.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include "connectors/fhir/url.h"

namespace freshet::fhir {
namespace {

constexpr const char* kJson = "application/fhir+json";

std::string HttpDate(Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

// The value of a query's parameter.
std::string Parameter(const std::string& target, const std::string& name) {
  const size_t query = target.find('?');
  if (query == target.npos) return "";
  httplib::Params params;
  httplib::detail::parse_query_text(target.substr(query + 1), params);
  const auto found = params.find(name);
  return found == params.end() ? "" : found->second;
}

size_t NumberIn(const std::string& target, const std::string& name, size_t otherwise) {
  const std::string text = Parameter(target, name);
  return text.empty() ? otherwise : std::stoul(text);
}

std::string Without(std::string target, const std::string& name) {
  const size_t begin = target.find("&" + name + "=");
  if (begin == target.npos) return target;
  const size_t end = std::min(target.find('&', begin + 1), target.size());
  return target.erase(begin, end - begin);
}

}  // namespace

struct FakeServer::Stored {
  std::string type, id, text;  // text: empty where it is deleted
  uint64_t version = 0;
  Time time;
};

struct FakeServer::Http {
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

FakeServer::FakeServer(std::string token) : token_(std::move(token)), http_(std::make_unique<Http>()) {
  const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
    const std::string target = request.target.substr(request.target.find("/fhir") + 5);
    response.set_header("Date", HttpDate(SystemClock().Now()));
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request.method + " " + target);
    }
    const int locked_out = target.starts_with("/metadata") ? 0 : trouble.locked_out.load();
    if (locked_out != 0 || !Knows(request.get_header_value("Authorization"))) {
      response.status = locked_out != 0 ? locked_out : 401;
      return;
    }
    if (trouble.busy > 0) {
      --trouble.busy;
      const bool date = trouble.dates;
      response.set_header("Retry-After", date ? HttpDate(SystemClock().Now() + std::chrono::seconds(2)) : "2");
      response.status = 429;
      return;
    }
    response.status = trouble.down ? 503 : 200;
    std::string type = kJson;
    std::string body = trouble.down ? "" : Answer(target, type, response.status);
    if (response.status == 202)
      response.set_header("Content-Location", url() + "/$status/" + std::to_string(polls_.size()));
    if (response.status == 202) response.set_header("Retry-After", "0");
    if (trouble.break_off) body.resize(body.size() / 2);
    response.set_content(body, type.c_str());
  };
  ServeTokens();
  http_->server.Get("/fhir/.*", answer);
  http_->server.Delete("/fhir/.*", [this](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    requests_.push_back("DELETE " + request.target);
    response.status = 202;
  });
  http_->server.set_tcp_nodelay(true);
  http_->server.set_keep_alive_timeout(1);
  http_->port = http_->server.bind_to_any_port("127.0.0.1");
  http_->thread = std::thread([this] { http_->server.listen_after_bind(); });
  while (!http_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

bool FakeServer::Knows(const std::string& header) const {
  if (authorization != nullptr) return authorization->Accepts(header);
  return token_.empty() || header == "Bearer " + token_;
}

void FakeServer::ServeTokens() {
  const auto note = [this](const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.method + " " + request.target);
    return trouble.down || authorization == nullptr;
  };
  http_->server.Get("/fhir/.well-known/smart-configuration", [=, this](const auto& request, auto& response) {
    response.status = note(request) ? 503 : authorization->told_as.load();
    if (response.status == 200 && authorization->untold > 0) {
      --authorization->untold;
      response.set_header("Retry-After", "2");
      response.status = 503;
    }
    response.set_content(R"({"token_endpoint":")" + url() + "/token\"}", "application/json");
  });
  http_->server.Post("/fhir/.*", [=, this](const httplib::Request& request, httplib::Response& response) {
    const bool gone = note(request);
    if (gone || authorization->busy > 0) {
      if (!gone) --authorization->busy;
      response.set_header("Retry-After", "2");
      response.status = 503;
      return;
    }
    const std::string body = authorization->Answer(url() + "/token", request.body, response.status);
    response.set_content(body, "application/json");
  });
}

FakeServer::~FakeServer() {
  http_->server.stop();
  http_->thread.join();
}

std::string FakeServer::url() const { return "http://127.0.0.1:" + std::to_string(http_->port) + "/fhir"; }

void FakeServer::Add(const std::string& type, const std::string& id, Stored stored) {
  versions_.push_back(std::move(stored));
  current_[type + "/" + id] = versions_.size() - 1;
}

void FakeServer::Put(Json resource, Duration ago) {
  const std::lock_guard lock(mutex_);
  last_ = std::max(std::chrono::floor<std::chrono::milliseconds>(SystemClock().Now()) + Duration(0),
                   last_ + std::chrono::milliseconds(1));
  const std::string type = resource["resourceType"], id = resource["id"];
  const auto known = current_.find(type + "/" + id);
  const bool late = ago > Duration(0) && known != current_.end();
  const uint64_t before = known == current_.end() ? 0 : versions_[known->second].version;
  // A late one has been counted already: it stands before the version that is current.
  Stored stored{.type = type, .id = id, .text = {}, .version = before + (late ? 0 : 2), .time = last_ - ago};
  if (late) stored.version = before - 1;
  resource["meta"]["versionId"] = std::to_string(stored.version);
  resource["meta"]["lastUpdated"] = FormatTime(stored.time);
  stored.text = resource.dump();
  if (late) {
    const size_t current = known->second;
    versions_.push_back(std::move(stored));
    current_[type + "/" + id] = current;
    return;
  }
  Add(type, id, std::move(stored));
}

void FakeServer::PutRaw(Json resource, const std::string& from, const std::string& to) {
  const std::string name = resource["resourceType"].get<std::string>() + "/" + resource["id"].get<std::string>();
  Put(std::move(resource));
  const std::lock_guard lock(mutex_);
  std::string& text = versions_[current_[name]].text;
  text.replace(text.find(from), from.size(), to);
}

void FakeServer::Remove(const std::string& type, const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto known = current_.find(type + "/" + id);
  if (known == current_.end() || versions_[known->second].text.empty()) return;
  last_ = std::max(std::chrono::floor<std::chrono::milliseconds>(SystemClock().Now()) + Duration(0),
                   last_ + std::chrono::milliseconds(1));
  Add(type, id, {.type = type, .id = id, .text = {}, .version = versions_[known->second].version + 2, .time = last_});
}

void FakeServer::SetFile(const std::string& path, const std::string& type, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  files_["/" + path] = {type, bytes};
}

size_t FakeServer::CountRequests(const std::string& part) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count_if(requests_.begin(), requests_.end(),
                                           [&](const std::string& one) { return one.find(part) != one.npos; }));
}

std::string FakeServer::Entry(const Stored& stored, bool history) const {
  const std::string name = stored.type + "/" + stored.id;
  std::string entry = "{\"fullUrl\":\"" + url() + "/" + name + "\"";
  if (!stored.text.empty()) entry += ",\"resource\":" + stored.text;
  if (!history) return entry + ",\"search\":{\"mode\":\"match\"}}";
  const char* const method = stored.text.empty() ? "DELETE" : "PUT";
  return entry + ",\"request\":{\"method\":\"" + method + "\",\"url\":\"" + name +
         "\"},\"response\":{\"status\":\"200\"," + "\"etag\":\"W/\\\"" + std::to_string(stored.version) +
         "\\\"\",\"lastModified\":\"" + FormatTime(stored.time) + "\"}}";
}

std::string FakeServer::Bundle(const std::vector<const Stored*>& all, const std::string& target, bool history) const {
  const size_t count = NumberIn(target, "_count", 10), offset = NumberIn(target, "_offset", 0);
  std::string entries;
  size_t end = std::min(all.size(), offset + count);
  const bool more = end < all.size();
  if (!more && trouble.short_list && !history && end > offset) --end;
  for (size_t i = offset; i < end; ++i) entries += (entries.empty() ? "" : ",") + Entry(*all[i], history);
  std::string links;
  if (more) {
    // As a server behind another one: it believes to stand elsewhere.
    const std::string next =
        "https://inside.example.org/fhir" + Without(target, "_offset") + "&_offset=" + std::to_string(end);
    links = R"("link":[{"relation":"self","url":"x"},{"relation":"next","url":")" + next + "\"}],";
  }
  return std::string(R"({"resourceType":"Bundle","type":")") + (history ? "history" : "searchset") +
         "\",\"total\":" + std::to_string(all.size()) + "," + links + "\"entry\":[" + entries + "]}";
}

// Newest first; `_since` holds for the whole of a paged answer.
std::string FakeServer::History(const std::string& path, const std::string& target) const {
  const Result<Time> since = ParseTime(Parameter(target, "_since"));
  const std::string type = path == "/_history" ? "" : path.substr(1, path.find("/_history") - 1);
  std::vector<const Stored*> all;
  for (const Stored& stored : versions_) {
    if ((type.empty() || stored.type == type) && (!since.ok() || stored.time >= *since)) all.push_back(&stored);
  }
  std::stable_sort(all.begin(), all.end(), [](const Stored* a, const Stored* b) { return a->time > b->time; });
  return Bundle(all, target, true);
}

void FakeServer::ForgetPages() {
  const std::lock_guard lock(mutex_);
  listings_.clear();
}

// What a listing found when it began, however many pages it has.
std::string FakeServer::Search(const std::string& path, std::string target, int& status) {
  std::vector<const Stored*> all;
  if (const std::string name = Parameter(target, "_getpages"); !name.empty()) {
    const auto kept = listings_.find(name);
    if (kept == listings_.end()) {
      status = trouble.lost_page;
      return "";
    }
    for (const size_t place : kept->second) all.push_back(&versions_[place]);
    return Bundle(all, target, false);
  }
  std::string since = Parameter(target, "_lastUpdated");
  since = since.size() > 2 ? since.substr(2) : "";
  const Result<Time> from = ParseTime(since);
  std::vector<size_t> places;
  for (const auto& [name, place] : current_) {
    const Stored& stored = versions_[place];
    const bool asked = stored.type == path.substr(1) && (!from.ok() || stored.time >= *from);
    if (!asked || stored.text.empty() || trouble.empty) continue;
    all.push_back(&stored);
    places.push_back(place);
  }
  if (!trouble.offsets && all.size() > NumberIn(target, "_count", 10)) {
    const std::string name = std::to_string(++listings_begun_);
    listings_[name] = std::move(places);
    target += (target.find('?') == target.npos ? "?x=1&_getpages=" : "&_getpages=") + name;
  }
  return Bundle(all, target, false);
}

std::string FakeServer::Manifest(const std::string& since) const {
  Json manifest = {{"transactionTime", FormatTime(std::max(last_, SystemClock().Now()))},
                   {"request", url() + "/$export"},
                   {"requiresAccessToken", true},
                   {"output", Json::array()},
                   {"deleted", Json::array()},
                   {"error", Json::array()}};
  std::map<std::string, bool> types;
  for (const auto& [name, place] : current_) types[versions_[place].type] = true;
  for (const auto& [type, is] : types) {
    manifest["output"].push_back(
        {{"type", type}, {"url", url() + "/$file/" + type + "?x=1&_since=" + PercentEncoded(since)}});
  }
  manifest["deleted"].push_back(
      {{"type", "Bundle"}, {"url", url() + "/$file/gone?x=1&_since=" + PercentEncoded(since)}});
  return manifest.dump();
}

std::string FakeServer::ExportFile(const std::string& target) const {
  const std::string type = target.substr(7, target.find('?') - 7);
  const Result<Time> since = ParseTime(Parameter(target, "_since"));
  std::string text;
  for (const auto& [name, place] : current_) {
    const Stored& stored = versions_[place];
    if (since.ok() && stored.time < *since) continue;
    if (stored.type == type && !stored.text.empty() && !trouble.empty) text += stored.text + "\n";
    if (type != "gone" || !stored.text.empty() || !since.ok()) continue;
    text += R"({"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":")" + name +
            "\"}}]}\n";
  }
  return text;
}

std::string FakeServer::Export(const std::string& path, const std::string& target, int& status) {
  if (path == "/$export") {
    polls_["/$status/" + std::to_string(polls_.size() + 1)] = 0;
    files_["since"] = {"", Parameter(target, "_since")};
    status = 202;
    return "";
  }
  if (path.starts_with("/$status/")) {
    if (polls_[path]++ < trouble.export_polls) {
      status = 202;
      return "";
    }
    return Manifest(files_["since"].second);
  }
  return ExportFile(target);
}

std::string FakeServer::Answer(const std::string& target, std::string& type, int& status) {
  const std::lock_guard lock(mutex_);
  const std::string path = target.substr(0, target.find('?'));
  if (path == "/metadata") return R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"})";
  if (path.find("/_history") != path.npos) return History(path, target);
  if (path.starts_with("/$")) return Export(path, target, status);
  if (const auto file = files_.find(path); file != files_.end()) {
    type = file->second.first;
    return file->second.second;
  }
  if (path == trouble.unknown) status = 404;
  if (path.find('/', 1) == path.npos) return Search(path, target, status);
  const auto known = current_.find(path.substr(1));
  if (known == current_.end() || versions_[known->second].text.empty()) {
    status = known == current_.end() ? 404 : 410;
    return "";
  }
  return versions_[known->second].text;
}

}  // namespace freshet::fhir
