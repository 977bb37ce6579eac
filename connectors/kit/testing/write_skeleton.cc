// Writes the skeleton of a connector: write_skeleton <name> <folder>. What the build compiles and the kit judges.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "connectors/kit/skeleton.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto files = freshet::kit::Skeleton(argv[1]);
  if (!files.ok()) {
    std::cerr << files.status().ToString() << "\n";
    return 1;
  }
  std::filesystem::create_directories(argv[2]);
  for (const freshet::kit::SkeletonFile& file : *files) {
    std::ofstream(std::filesystem::path(argv[2]) / file.name, std::ios::binary) << file.text;
  }
  return 0;
}
