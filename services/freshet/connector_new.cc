// freshet connector new
#include <fstream>
#include <ostream>

#include "connectors/kit/skeleton.h"
#include "services/freshet/command.h"

namespace freshet {

struct ConnectorNewOptions {
  std::string name;
  std::filesystem::path in = "connectors";
};

template <>
struct OptionTable<ConnectorNewOptions> {
  using Options = ConnectorNewOptions;
  static constexpr auto fields =
      std::tuple{Field("name", &Options::name, "Of the connector: lower-case letters and '_'.").Required().Positional(),
                 Field("in", &Options::in, "The folder of connectors, in which the new one's is made.")};
};

namespace {

Status WriteNew(const std::filesystem::path& folder, const std::vector<kit::SkeletonFile>& files) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder.parent_path(), error)) {
    return Status(Code::kConfiguration, folder.parent_path().string() + ": no folder; give one with --in");
  }
  if (!std::filesystem::create_directory(folder, error)) {
    return Status(Code::kConfiguration, folder.string() + ": exists, or cannot be made");
  }
  for (const kit::SkeletonFile& file : files) {
    std::ofstream stream(folder / file.name, std::ios::binary);
    stream << file.text;
    stream.close();
    if (!stream) return Status(Code::kIoError, (folder / file.name).string() + ": cannot be written");
  }
  return OkStatus();
}

ExitStatus RunConnectorNew(const ConnectorNewOptions& options, Terminal& terminal) {
  const auto files = kit::Skeleton(options.name);
  if (!files.ok()) return Fail(files.status(), terminal);
  const std::filesystem::path folder = options.in / options.name;
  const Status written = WriteNew(folder, *files);
  if (!written.ok()) return Fail(written, terminal);
  terminal.out << "Wrote " << folder.string() << ". Its line in registry.cc, with two includes:\n\n"
               << kit::SkeletonRow(options.name)
               << "\nThen a row in connectors/README.md, and: freshet connector conform " << options.name << "\n";
  return ExitStatus::kDone;
}

}  // namespace

CommandBody ConnectorNewCommand() { return BodyOf<&RunConnectorNew>(); }

}  // namespace freshet
