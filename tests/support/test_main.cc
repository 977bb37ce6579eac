// main() of every test program. Each run has a temporary directory of its own, so that tests that name their files
// alike can run side by side; it goes when the run ends.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const char* const base = getenv("TMPDIR");
  std::string directory = std::string(base == nullptr ? "/tmp" : base) + "/freshet-test-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return 1;
  std::filesystem::permissions(directory, std::filesystem::perms(0755));  // some tests look from another user
  setenv("TEST_TMPDIR", directory.c_str(), 1);
  setenv("TMPDIR", directory.c_str(), 1);
  const int status = RUN_ALL_TESTS();
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return status;
}
