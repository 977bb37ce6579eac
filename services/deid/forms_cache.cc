#include "services/deid/forms_cache.h"

namespace freshet::deid {
namespace {

constexpr size_t kGeneration = 1024;

std::shared_ptr<const PatientForms> Made(std::string_view bytes) {
  RosterRecord record = UnpackRecord(bytes);
  auto patient = std::make_shared<PatientForms>();
  for (const auto& [name, known] : record.identities) {
    if (known.who) patient->identities.push_back(FormsOf(*known.who));
  }
  patient->merged_into = std::move(record.merged_into);
  patient->merged_from = std::move(record.merged_from);
  return patient;
}

}  // namespace

std::shared_ptr<const PatientForms> FormsCache::Get(std::string_view record) {
  const std::string key(record);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (const auto found = old_.find(key); found != old_.end()) {
      const auto patient = found->second;
      young_.emplace(key, patient);
      return patient;
    }
  }
  auto patient = Made(record);
  const std::lock_guard lock(mutex_);
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.emplace(key, patient);
  return patient;
}

}  // namespace freshet::deid
