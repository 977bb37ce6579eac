// Freshet's own search on the corpus of search_corpus.h, through the query engine, one question at a time on one
// thread: by words, by meaning and by both, for readers of all, 10 %, 1 % and .1 %; quiet, then while documents change.
//
//   search_bench draw FOLDER COUNT                     COUNT chunks drawn around FOLDER's real ones
//   search_bench build FOLDER COUNT WORK SECONDS       an index in WORK; {"unfinished": n} says to call again
//   search_bench measure FOLDER COUNT WORK RATE        opens it, asks, asks again under RATE changes a second
//
// Each prints one JSON value. A chunk is a document; reader "pN" may read N permille of them. Left out: the encoder (a
// question's vector is looked up) and HTTP. A change gives a document one word more and the vector that it had, so that
// what is nearest stays what it was. recall: of the exact ten; of words against the same search without early
// termination, of both against fusing the two exact lists.
#include <array>
#include <iostream>
#include <numeric>
#include <set>
#include <thread>

#include "services/query/fusion.h"
#include "services/query/phrase.h"
#include "tests/bench/bench_site.h"

namespace freshet::bench {
namespace {

constexpr size_t kTop = 10;
constexpr size_t kWordChecks = 40;  // questions by words that are answered without early termination too
const std::pair<const char*, query::Mode> kModes[] = {
    {"lexical", query::Mode::kLexical}, {"vector", query::Mode::kVector}, {"hybrid", query::Mode::kHybrid}};

void Build(const Corpus& corpus, const std::string& work, double seconds) {
  const auto begin = Clock::now();
  BenchSite site(corpus, work);
  if (site.written() == 0) site.Open();
  for (size_t batch = 0; site.written() < corpus.texts.size(); ++batch) {
    site.WriteBatch();
    if (batch % 20 == 0) site.Keep();
    if (MillisSince(begin) < seconds * 1000) continue;
    site.Keep();
    std::cout << "{\"unfinished\": " << site.written() << ", \"build_s\": " << MillisSince(begin) / 1000 << "}\n";
    return;
  }
  for (int i = 0; i < 30 || !site.is_settled(); ++i) site.Keep();  // lists are made and split a step at a time
  std::cout << "{\"count\": " << site.written() << ", \"build_s\": " << MillisSince(begin) / 1000
            << ", \"disk_bytes\": " << site.store().BytesOnDisk() << ", \"resident_bytes\": " << OwnResidentBytes()
            << "}\n";
}

// Asks every question of the corpus by one mode, as one reader.
class Examiner {
 public:
  Examiner(const Corpus& corpus, BenchSite& site, size_t reader, query::Mode mode)
      : corpus_(corpus), site_(site), reader_(reader), mode_(mode) {}

  // {"p50_ms": …}, with "recall" where that is asked for.
  std::string Ask(bool recall) {
    Latencies latencies;
    double right = 0, wanted = 0;
    for (size_t i = 0; i < corpus_.questions.size(); ++i) {
      const query::SearchRequest request{.query = std::string(corpus_.questions[i]), .top_k = kTop, .mode = mode_};
      const auto begin = Clock::now();
      const query::SearchResponse answer = Must(site_.engine().Search(caller_, request, "bench"));
      latencies.millis.push_back(MillisSince(begin));
      if (!answer.warnings.empty()) throw std::runtime_error("a warning: " + answer.warnings.front());
      if (!recall || (mode_ == query::Mode::kLexical && i >= kWordChecks)) continue;
      const std::set<std::string> exact = Exact(i);
      for (const query::SearchHit& hit : answer.hits) right += exact.contains(hit.document.value) ? 1 : 0;
      wanted += static_cast<double>(exact.size());
    }
    std::string json = "{" + latencies.Json();
    if (recall) json += ", \"recall\": " + std::to_string(right / wanted);
    return json + "}";
  }

 private:
  std::set<std::string> Exact(size_t question) const {
    std::set<std::string> names;
    if (mode_ == query::Mode::kVector) {
      for (const uint32_t row : corpus_.Nearest(question, reader_, kTop)) names.insert("d" + std::to_string(row));
      return names;
    }
    const auto view = site_.store().CurrentView();
    const store::Filter filter = *view->FilterFor(kCollection, site_.engine().AccessOf(caller_), {});
    const bool words = mode_ == query::Mode::kLexical;
    std::vector<store::Hit> best =
        view->SearchLexical(kCollection, corpus_.questions[question], words ? corpus_.texts.size() : kNearest, filter);
    WeighPhrases(*view, question, best);
    if (words) best.resize(std::min(best.size(), 4 * query::kPhraseDepth));  // what lies behind stays behind
    std::vector<query::Candidate> fused =
        words ? query::Fuse({{0, std::move(best)}}, {})
              : query::Fuse({{0, std::move(best)}}, {{0, NearestHits(*view, question)}});
    for (size_t i = 0; i < std::min(kTop, fused.size()); ++i) {
      names.insert(Must(view->Document(kCollection, fused[i].document)).origin.document.value);
    }
    return names;
  }

  // As the engine does: chunks have no titles here.
  void WeighPhrases(const store::View& view, size_t question, std::vector<store::Hit>& hits) const {
    const query::Phrases phrases(corpus_.questions[question]);
    for (store::Hit& hit : std::span(hits).first(std::min(hits.size(), query::kPhraseDepth))) {
      const std::string name = Must(view.Document(kCollection, hit.document)).origin.document.value;
      const std::array<std::string_view, 1> text = {corpus_.texts[std::stoul(name.substr(1))]};
      hit.score *= 1 + query::kPhraseWeight * phrases.ShareIn(text);
    }
  }

  // As an exact search would give them to the fusion.
  std::vector<store::Hit> NearestHits(const store::View& view, size_t question) const {
    std::vector<store::Hit> hits;
    const std::span<const float> asked = corpus_.question_vectors[question];
    for (const uint32_t row : corpus_.Nearest(question, reader_, kNearest)) {
      const auto found = view.Lookup(kCollection, DocumentId("d" + std::to_string(row)));
      const DocumentOrdinal document = found.at(0).ordinal.value();
      const float score = std::inner_product(asked.begin(), asked.end(), corpus_.vectors[row].begin(), 0.0f);
      hits.push_back({Must(view.ChunksOf(kCollection, document)).at(0), document, score});
    }
    return hits;
  }

  const Corpus& corpus_;
  BenchSite& site_;
  const size_t reader_;
  const query::Mode mode_;
  const query::Caller caller_ = BenchSite::Reader(kPermille[reader_]);
};

std::string AskAll(const Corpus& corpus, BenchSite& site, bool recall) {
  std::string json;
  for (const auto& [name, mode] : kModes) {
    json += std::string(json.empty() ? "" : ", ") + "\"" + name + "\": {";
    for (size_t reader = 0; reader < kReaders; ++reader) {
      json += std::string(reader == 0 ? "" : ", ") + "\"" + std::to_string(kPermille[reader]) +
              "\": " + Examiner(corpus, site, reader, mode).Ask(recall);
    }
    json += "}";
  }
  return "{" + json + "}";
}

// Changes so many documents a second, in batches of a hundredth of that, until it is told to end.
class Changes {
 public:
  Changes(BenchSite& site, size_t documents, size_t rate)
      : thread_([this, &site, documents, rate](const std::stop_token& end) { Run(site, documents, rate, end); }) {}
  // Changes a second that there were.
  double End() {
    thread_.request_stop();
    thread_.join();
    if (!failed_.empty()) throw std::runtime_error(failed_);
    return made_ / seconds_;
  }

 private:
  void Run(BenchSite& site, size_t documents, size_t rate, const std::stop_token& end) try {
    const auto begin = Clock::now();
    std::vector<size_t> rows(std::max<size_t>(1, rate / 100));
    double kept = 0;
    for (size_t next = 0; !end.stop_requested(); made_ += static_cast<double>(rows.size())) {
      for (size_t& row : rows) row = (next += 7919) % documents;
      site.Change(rows);
      seconds_ = MillisSince(begin) / 1000;
      if (seconds_ >= kept + 1) {
        site.Keep();
        kept = seconds_;
      }
      const double due = (made_ + static_cast<double>(rows.size())) / static_cast<double>(rate);
      std::this_thread::sleep_until(begin + std::chrono::microseconds(static_cast<int64_t>(due * 1e6)));
    }
  } catch (const std::exception& error) {
    failed_ = error.what();
  }

  double made_ = 0, seconds_ = 1e-9;
  std::string failed_;
  std::jthread thread_;  // the last: it writes to the others
};

void Measure(const Corpus& corpus, const std::string& work, size_t rate) {
  const auto begin = Clock::now();
  BenchSite site(corpus, work);
  const double open_s = MillisSince(begin) / 1000;
  if (site.written() < corpus.texts.size()) throw std::runtime_error("the index is not whole: build it first");
  site.Keep();
  Examiner(corpus, site, 0, query::Mode::kHybrid).Ask(false);  // what the first questions alone read
  const std::string quiet = AskAll(corpus, site, true);
  const uint64_t resident = OwnResidentBytes();
  Changes changes(site, corpus.texts.size(), rate);
  const std::string busy = AskAll(corpus, site, false);
  const double made = changes.End();
  std::cout << "{\"count\": " << corpus.texts.size() << ", \"open_s\": " << open_s
            << ", \"disk_bytes\": " << site.store().BytesOnDisk() << ", \"resident_bytes\": " << resident
            << ", \"quiet\": " << quiet << ", \"changes_a_second\": " << made << ", \"busy\": " << busy << "}\n";
}

int Run(const std::vector<std::string>& arguments) {
  const std::string step = arguments.empty() ? "" : arguments[0];
  if (step == "draw" && arguments.size() == 3) {
    DrawCorpus(arguments[1], std::stoul(arguments[2]));
    std::cout << "{\"count\": " << arguments[2] << "}\n";
    return 0;
  }
  if ((step != "build" && step != "measure") || arguments.size() != 5) {
    std::cerr << "search_bench draw FOLDER COUNT | build FOLDER COUNT WORK SECONDS | measure FOLDER COUNT WORK RATE\n";
    return 2;
  }
  const Corpus corpus(arguments[1], std::stoul(arguments[2]));
  if (step == "build") Build(corpus, arguments[3], std::stod(arguments[4]));
  if (step == "measure") Measure(corpus, arguments[3], std::stoul(arguments[4]));
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  try {
    return freshet::bench::Run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "search_bench: " << error.what() << "\n";
    return 1;
  }
}
