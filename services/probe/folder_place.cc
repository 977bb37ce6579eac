#include "services/probe/folder_place.h"

#include <fstream>

namespace freshet::probe {
namespace {

Status WhenWrong(const std::error_code& error) {
  return error ? Status(Code::kIoError, "the prober's folder: " + error.message()) : OkStatus();
}

}  // namespace

// Names that begin with a dot are no documents to the connector.
Status FolderPlace::Put(const char* name, const std::string& text) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  FRESHET_RETURN_IF_ERROR(WhenWrong(error));
  const std::filesystem::path staged = folder_ / (std::string(".") + name);
  {
    std::ofstream stream(staged, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) return Status(Code::kIoError, "the prober's folder cannot be written to");
  }
  std::filesystem::rename(staged, folder_ / name, error);
  return WhenWrong(error);
}

Status FolderPlace::Write(const std::string& text) { return Put("probe.md", text); }

Status FolderPlace::Permit(bool permitted) {
  return Put("_access.yaml", permitted ? "allow: [\"" + reader_ + "\"]\n" : "allow: []\n");
}

Status FolderPlace::Remove() {
  std::error_code error;
  std::filesystem::remove(folder_ / "probe.md", error);  // first, so that it is a delete and no lost folder
  if (!error) std::filesystem::remove_all(folder_, error);
  return WhenWrong(error);
}

}  // namespace freshet::probe
