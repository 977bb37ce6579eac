// One seed, one history: lived through with power cuts, settled, and compared with the model.
//
//   HistoryCounts counts;
//   std::string wrong = RunHistory(17, counts);      // "" or what was wrong
//
// Odd seeds run with every hop durable, even ones with all of them fused. Where a power cut falls within RocksDB's own
// background work is not the seed's. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace freshet::test {

using HistoryCounts = std::map<std::string, size_t>;  // events and faults by kind, added to

std::string RunHistory(uint64_t seed, HistoryCounts& counts);

}  // namespace freshet::test
