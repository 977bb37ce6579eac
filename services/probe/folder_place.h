// FolderPlace: the prober's place in a folder source: a folder of its own below the root, with its own access file.
//
//   FolderPlace place("/srv/policies", "user:prober");      // /srv/policies/freshet-probe/probe.md, _access.yaml
//
// As a careful writer does: beside the root's tree first, then a rename. Codes: io_error. One thread.
#pragma once

#include <filesystem>

#include "services/probe/probe.h"

namespace freshet::probe {

class FolderPlace final : public ProbePlace {
 public:
  FolderPlace(std::filesystem::path root, std::string reader)
      : folder_(std::move(root) / "freshet-probe"), reader_(std::move(reader)) {}

  Status Write(const std::string& text) override;
  Status Permit(bool permitted) override;
  Status Remove() override;

 private:
  Status Put(const char* name, const std::string& text) const;

  const std::filesystem::path folder_;
  const std::string reader_;
};

}  // namespace freshet::probe
