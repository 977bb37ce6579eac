#include <nlohmann/json.hpp>

#include "services/deid/batch.h"

namespace freshet::deid {
namespace {

using Json = nlohmann::json;

// Reads fields of one object; the first that has another type is remembered.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) { ok_ = object.is_object(); }

  bool ok() const { return ok_; }

  std::string Text(const char* name) {
    const Json* value = Find(name);
    if (value == nullptr || !Expect(value->is_string())) return {};
    return value->get<std::string>();
  }

  bool Flag(const char* name) {
    const Json* value = Find(name);
    return value != nullptr && Expect(value->is_boolean()) && value->get<bool>();
  }

  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    for (const Json* value : Items(name)) {
      if (Expect(value->is_string())) texts.push_back(value->get<std::string>());
    }
    return texts;
  }

  std::vector<const Json*> Items(const char* name) {
    std::vector<const Json*> items;
    const Json* value = Find(name);
    if (value == nullptr || !Expect(value->is_array())) return items;
    for (const Json& item : *value) items.push_back(&item);
    return items;
  }

  bool Expect(bool fits) {
    ok_ = ok_ && fits;
    return fits;
  }

 private:
  const Json* Find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  const Json& object_;
  bool ok_ = true;
};

}  // namespace

Result<IdentityChange> ParseIdentityLine(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  Fields fields(json);
  IdentityChange change;
  change.patient = PatientId(fields.Text("patient"));
  change.identity = fields.Text("identity");
  change.retracted = fields.Flag("retracted");
  change.birth_date = fields.Text("birth_date");
  change.addresses = fields.Texts("addresses");
  change.telecoms = fields.Texts("telecoms");
  change.merged_into = PatientId(fields.Text("merged_into"));
  change.unmerged_from = PatientId(fields.Text("unmerged_from"));
  bool ok = true;
  for (const Json* item : fields.Items("names")) {
    Fields name(*item);
    change.names.push_back({name.Texts("given"), name.Text("family"), name.Text("prefix"), name.Text("suffix")});
    ok &= name.ok();
  }
  for (const Json* item : fields.Items("identifiers")) {
    Fields identifier(*item);
    change.identifiers.push_back({identifier.Text("kind"), identifier.Text("value")});
    ok &= identifier.ok();
  }
  if (!ok || !fields.ok() || change.patient.empty()) {
    return Status(Code::kInvalidArgument, "Not an identity: see the form in services/deid/batch.h.");
  }
  return change;
}

}  // namespace freshet::deid
