// How fast each parser reads: every file of a kind, again and again, in memory, on one thread.
//
//   parsers_bench SECONDS < list        lines of `kind TAB media type TAB path`, each kind's together
//
// Writes a line of numbers a kind, as parsers.py reads them:
//   kind files refused bytes text_bytes passes seconds_a_pass
// Files that are refused are counted and left out. Seconds are the thread's processor time, the median of the passes,
// so that what else the machine does counts little.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "services/deid/parse/parser.h"

namespace freshet {
namespace {

struct Kind {
  std::string name, media_type;
  std::vector<std::string> files;
  size_t refused = 0, bytes = 0, text_bytes = 0;
};

double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// What can be read, once.
void Take(const std::string& path, Kind& kind) {
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto parsed = deid::Parse(kind.media_type, bytes);
  if (!parsed.ok()) {
    ++kind.refused;
    return;
  }
  kind.bytes += bytes.size();
  kind.text_bytes += parsed->text.size();
  kind.files.push_back(std::move(bytes));
}

std::vector<double> Passes(const Kind& kind, double seconds) {
  std::vector<double> passes;
  const double end = ProcessorSeconds() + seconds;
  while (passes.empty() || ProcessorSeconds() < end) {
    const double begin = ProcessorSeconds();
    size_t text_bytes = 0;
    for (const std::string& file : kind.files) text_bytes += deid::Parse(kind.media_type, file)->text.size();
    if (text_bytes != kind.text_bytes) std::abort();  // the same input, another text
    passes.push_back(ProcessorSeconds() - begin);
  }
  std::sort(passes.begin(), passes.end());
  return passes;
}

void Measure(const Kind& kind, double seconds) {
  if (kind.name.empty()) return;
  const std::vector<double> passes = kind.files.empty() ? std::vector<double>{0} : Passes(kind, seconds);
  std::cout << kind.name << ' ' << kind.files.size() << ' ' << kind.refused << ' ' << kind.bytes << ' '
            << kind.text_bytes << ' ' << passes.size() << ' ' << passes[passes.size() / 2] << std::endl;
}

int Main(double seconds) {
  Kind kind;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    std::string name, media_type, path;
    std::getline(fields, name, '\t');
    std::getline(fields, media_type, '\t');
    std::getline(fields, path);
    if (name != kind.name) {
      Measure(kind, seconds);
      kind = Kind{.name = name, .media_type = media_type};
    }
    Take(path, kind);
  }
  Measure(kind, seconds);
  return 0;
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  if (argc == 2) return freshet::Main(std::strtod(argv[1], nullptr));
  std::cerr << "parsers_bench SECONDS < list\n";
  return 2;
}
