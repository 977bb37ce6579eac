#include "services/query/pages.h"

namespace freshet::query {

const PageFile* FindPage(std::string_view name) {
  for (const PageFile& file : PageFiles()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace freshet::query
