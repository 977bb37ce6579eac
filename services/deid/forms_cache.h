// FormsCache: the forms of the patients that documents came of lately, made of their records (roster_record.h).
//
//   std::shared_ptr<const PatientForms> patient = cache.Get(record_bytes);
//
// It goes by the record's bytes, so a record that changes is another one, and nothing has to be told. Holds the last
// thousand or two, some megabytes. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/deid/forms.h"
#include "services/deid/roster_record.h"

namespace freshet::deid {

struct PatientForms {
  std::vector<IdentityForms> identities;
  std::string merged_into;
  std::set<std::string> merged_from;
};

class FormsCache {
 public:
  std::shared_ptr<const PatientForms> Get(std::string_view record);

 private:
  using Generation = std::unordered_map<std::string, std::shared_ptr<const PatientForms>>;

  std::mutex mutex_;
  Generation young_, old_;
};

}  // namespace freshet::deid
