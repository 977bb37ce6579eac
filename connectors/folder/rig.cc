#include "connectors/folder/rig.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "connectors/folder/connector.h"

namespace freshet::folder {
namespace {

namespace fs = std::filesystem;

constexpr ByteSize kLimit{64u << 10};

class FolderRig final : public kit::Rig {
 public:
  FolderRig(FolderOptions options, fs::path top) : options_(std::move(options)), top_(std::move(top)) {
    options_.root = top_ / "root";
    options_.max_file_bytes = kLimit;
    options_.default_access = DefaultAccess::kEveryone;
    fs::create_directory(options_.root);
  }
  ~FolderRig() override {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }

  bool Can(kit::Ability ability) const override {
    switch (ability) {
      case kit::Ability::kReorder:  // a directory has one order
      case kit::Ability::kSchema:   // and no schema
      case kit::Ability::kBroken:   // content is not looked at here
        return false;
      default:
        return true;
    }
  }
  Result<std::unique_ptr<Connector>> Start() override {
    return std::unique_ptr<Connector>(std::make_unique<FolderConnector>(options_));
  }
  std::string DocumentOf(const std::string& name) const override { return name + "/doc.md"; }

  Status Put(const std::string& name, const std::string& text) override { return Write(name, "doc.md", text); }
  Status Remove(const std::string& name) override {
    std::error_code error;
    fs::remove(options_.root / name / "doc.md", error);
    return Told(error);
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    std::string list;
    for (const std::string& reader : readers) list += (list.empty() ? "\"" : ", \"") + reader + "\"";
    return Write(name, std::string(kAccessFile), "allow: [" + list + "]\n");
  }
  Status Repeat(const std::string& name) override { return Write(name, "doc.md", last_[name]); }
  Status SetOutage(bool down) override { return down ? Move("root", "away") : Move("away", "root"); }
  Status SetEmptyListing(bool empty) override {
    std::error_code error;
    if (empty) {
      FRESHET_RETURN_IF_ERROR(Move("root", "away"));
      fs::create_directory(options_.root, error);
      return Told(error);
    }
    fs::remove_all(options_.root, error);
    return Move("away", "root");
  }
  Status PutOversized(const std::string& name) override { return Write(name, "doc.md", std::string(80 << 10, 'x')); }

 private:
  static Status Told(const std::error_code& error) {
    return error ? Status(Code::kIoError, error.message()) : OkStatus();
  }
  // During an outage the users' changes are made where the files are.
  fs::path Root() const { return fs::exists(top_ / "away") ? top_ / "away" : options_.root; }
  Status Move(const char* from, const char* to) {
    std::error_code error;
    fs::rename(top_ / from, top_ / to, error);
    return Told(error);
  }
  Status Write(const std::string& name, const std::string& file, const std::string& text) {
    std::error_code error;
    const fs::path folder = Root() / name;
    fs::create_directories(folder, error);
    const fs::path temporary = folder / ".writing";
    std::ofstream(temporary, std::ios::binary) << text;
    fs::rename(temporary, folder / file, error);
    if (file == "doc.md") last_[name] = text;
    return Told(error);
  }

  FolderOptions options_;
  const fs::path top_;
  std::map<std::string, std::string> last_;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakeFolderRig(const ConfigNode& node) {
  FolderOptions options;
  if (node.kind == ConfigNode::Kind::kMap) {
    FRESHET_ASSIGN_OR_RETURN(options, ParseOptions<FolderOptions>(node));
    FRESHET_RETURN_IF_ERROR(Validate(options));
  }
  std::string pattern = (fs::temp_directory_path() / "freshet-rig-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Status(Code::kIoError, "No directory for the rig can be made");
  return std::unique_ptr<kit::Rig>(std::make_unique<FolderRig>(std::move(options), pattern));
}

}  // namespace freshet::folder
