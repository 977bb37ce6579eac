#include "services/freshet/halts.h"

namespace freshet {

void Halts::Add(const std::string& who, const Status& status) {
  std::string reason = std::string(NameOf(status.code())) + ": " + who + " has stopped and needs an operator";
  if (!status.message().empty()) reason += ": " + std::string(status.message());
  const std::lock_guard lock(mutex_);
  reasons_.push_back(std::move(reason));
}

bool Halts::any() const {
  const std::lock_guard lock(mutex_);
  return !reasons_.empty();
}

std::vector<std::string> Halts::Reasons() const {
  const std::lock_guard lock(mutex_);
  return reasons_;
}

}  // namespace freshet
