#include "connectors/fhir/rig.h"

#include "connectors/fhir/connector.h"
#include "connectors/fhir/fake_server.h"
#include "connectors/source/source_connector.h"

namespace freshet::fhir {
namespace {

constexpr size_t kLimit = 96u << 10;
constexpr Duration kLate = std::chrono::milliseconds(20);

// The documents are notes; who may read one is said by its labels, and by what the options say of these.
class FhirRig final : public kit::Rig {
 public:
  explicit FhirRig(FhirOptions options) : options_(std::move(options)) {
    options_.url = server_.url();
    options_.folder.clear();
    options_.token.clear();
    options_.smart.reset();
    options_.types = {"Patient", "Composition"};
    options_.every = std::chrono::milliseconds(3);
    options_.settle = std::chrono::milliseconds(200);
    options_.max_resource = ByteSize{kLimit};
    options_.page = 7;
    options_.readers = {};
    options_.listen.reset();
    options_.list_every = Duration(0);
    for (const char* const name : {"group:staff", "user:ada", "user:bob"}) readers_.push_back({name});
    readers_.push_back({"group:staff", "user:ada"});
    readers_.push_back({"user:ada", "user:bob"});
    for (size_t i = 0; i < readers_.size(); ++i) options_.restricted[CodeOf(i)] = readers_[i];
  }

  bool Can(kit::Ability) const override { return true; }
  Result<std::unique_ptr<Connector>> Start() override {
    const SourceConnector::Options driver{.heartbeat = std::chrono::milliseconds(10)};
    return std::unique_ptr<Connector>(
        std::make_unique<SourceConnector>(std::make_unique<FhirSource>(options_), driver));
  }
  std::string DocumentOf(const std::string& name) const override { return "Composition/" + name; }

  Status Put(const std::string& name, const std::string& text) override {
    notes_[name]["resourceType"] = "Composition";
    notes_[name]["id"] = name;
    notes_[name]["subject"]["reference"] = "Patient/p";
    notes_[name]["section"] = Json::array({{{"title", "Course"}, {"text", {{"div", "<div>" + text + "</div>"}}}}});
    if (new_form_) notes_[name]["extension"] = Json::array({{{"url", "urn:new"}, {"valueBoolean", true}}});
    server_.Put(notes_[name]);
    return OkStatus();
  }
  Status Remove(const std::string& name) override {
    server_.Remove("Composition", name);
    notes_.erase(name);
    return OkStatus();
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    Json labels = Json::array();
    const auto listed = std::find(readers_.begin(), readers_.end(), readers);
    if (listed != readers_.end()) {
      labels.push_back({{"system", "urn:kit"}, {"code", CodeOf(static_cast<size_t>(listed - readers_.begin()))}});
    } else if (!readers.empty()) {
      return Status(Code::kUnsupportedChange, "No label stands for these readers");
    }
    notes_[name]["meta"]["security"] = labels;
    server_.Put(notes_[name]);
    return OkStatus();
  }
  Status Repeat(const std::string& name) override {
    server_.Put(notes_[name]);
    return OkStatus();
  }
  Status PutSwapped(const std::string& name, const std::string& older, const std::string& newer) override {
    FRESHET_RETURN_IF_ERROR(Put(name, newer));
    Json before = notes_[name];
    before["section"][0]["text"]["div"] = "<div>" + older + "</div>";
    server_.Put(before, kLate);
    return OkStatus();
  }
  Status SetOutage(bool down) override {
    server_.trouble.down = down;
    return OkStatus();
  }
  // A release of the server with fields that nobody knew.
  Status ChangeSchema() override {
    new_form_ = true;
    return OkStatus();
  }
  Status SetEmptyListing(bool empty) override {
    server_.trouble.empty = empty;
    return OkStatus();
  }
  Status PutOversized(const std::string& name) override { return Put(name, std::string(kLimit + 1000, 'x')); }
  Status PutBroken(const std::string& name) override {
    Json note = notes_[name];
    note["title"] = "BROKEN";
    server_.PutRaw(note, "BROKEN", "caf\xE9");
    return OkStatus();
  }

 private:
  static std::string CodeOf(size_t i) { return "KIT" + std::to_string(i); }

  FakeServer server_;
  FhirOptions options_;
  std::vector<std::vector<std::string>> readers_;  // that a label stands for
  std::map<std::string, Json> notes_;
  bool new_form_ = false;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakeFhirRig(const ConfigNode& node) {
  FhirOptions options;
  if (node.kind == ConfigNode::Kind::kMap) {
    FRESHET_ASSIGN_OR_RETURN(options, ParseOptions<FhirOptions>(node));
  }
  return std::unique_ptr<kit::Rig>(std::make_unique<FhirRig>(std::move(options)));
}

}  // namespace freshet::fhir
