// How good a search is, by a golden set: questions with the documents that answer them, who asks, and what that caller
// must never be shown.
//
//   Result<std::vector<GoldenQuestion>> golden = ReadGolden(file);
//   figures.push_back(Judge(question, documents_as_ranked, 10));
//   Interval ndcg = Bootstrap(values, seed);                          // the mean and its 95 % confidence interval
//   Interval worse = BootstrapDifference(now, before, seed);          // high < 0: worse than before, and not by chance
//
//   a golden set is JSON lines:
//   {"id": "q1", "question": "…", "relevant": ["doc", …] or {"doc": grade, …}, "forbidden": ["doc", …], "caller":
//   "ada",
//    "collections": ["policies"]}             all but question and relevant may be left out; `id` then is the line's
//    number
//
// nDCG@k = DCG / ideal DCG, DCG = sum over ranks i of (2^grade - 1) / log2(i + 1) (Järvelin & Kekäläinen 2002; Burges
// et al. 2005); recall@k = relevant documents among the first k / relevant documents; MRR@k = mean of 1 / rank of the
// first. Intervals: percentile bootstrap over questions (Efron & Tibshirani 1993; paired for differences: Sakai 2006).
// Codes: malformed_document (a line that is no question; the message has its number). Plain functions.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace freshet::query {

struct GoldenQuestion {
  std::string id;
  std::string question;
  std::map<std::string, double> relevant;  // grades above 0
  std::set<std::string> forbidden;
  std::string caller;  // empty: the one who asks for all
  std::vector<std::string> collections;
};
Result<std::vector<GoldenQuestion>> ReadGolden(std::istream& in);

struct QuestionFigures {
  std::string id;
  double ndcg = 0;
  double recall = 0;
  double first = 0;  // 1 where the best hit is relevant
  double reciprocal_rank = 0;
  size_t leaks = 0;  // forbidden documents among all hits, however deep
  double millis = 0;
};
// `ranked`: each hit's document, best first; of several hits on one the first counts.
QuestionFigures Judge(const GoldenQuestion& question, std::span<const std::string> ranked, size_t k);

struct Interval {
  double mean = 0, low = 0, high = 0;
};
// Of no values: zeroes.
Interval Bootstrap(std::span<const double> values, uint64_t seed);
// Of `now` less `before`, pair by pair; both of one length.
Interval BootstrapDifference(std::span<const double> now, std::span<const double> before, uint64_t seed);

// The value that a share `q` of them is at or below; 0 of none.
double Quantile(std::vector<double> values, double q);

}  // namespace freshet::query
