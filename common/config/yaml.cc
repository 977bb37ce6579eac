#include "common/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <unordered_set>

#include "common/base/utf8.h"
#include "common/config/reference.h"

namespace freshet {
namespace {

constexpr size_t kMostBytes = 1u << 20;
constexpr size_t kMostValues = 50'000;
constexpr size_t kMostLevels = 64;

size_t CountNodes(const ConfigNode& node) {
  size_t count = 1;
  for (const ConfigNode& item : node.items) count += CountNodes(item);
  return count;
}

// Builds the tree from the parser's events; stops by the parser's own exception, which ParseYaml catches.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::shared_ptr<const ConfigOrigin> origin) : origin_(std::move(origin)) {}

  ConfigNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Finish(Make(mark), anchor, mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) Stop(mark, "an alias stands within what it names");
    CountValues(CountNodes(found->second), mark);
    ConfigNode copy = found->second;
    Finish(std::move(copy), 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    ConfigNode node = Make(mark);
    node.kind = ConfigNode::Kind::kScalar;
    node.text = value;
    node.quoted = tag != "?";
    Finish(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(ConfigNode::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(ConfigNode::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    ConfigNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::optional<std::string> key;  // read, its value not yet
    int key_line = 0;
    std::unordered_set<std::string> seen;
  };

  [[noreturn]] static void Stop(const YAML::Mark& mark, const std::string& what) {
    throw YAML::ParserException(mark, what);
  }

  void CountValues(size_t more, const YAML::Mark& mark) {
    values_ += more;
    if (values_ > kMostValues) Stop(mark, "more than " + std::to_string(kMostValues) + " values");
  }

  ConfigNode Make(const YAML::Mark& mark) {
    CountValues(1, mark);
    ConfigNode node;
    node.origin = origin_;
    node.line = mark.line + 1;
    return node;
  }

  void Open(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMostLevels) Stop(mark, "more than " + std::to_string(kMostLevels) + " levels");
    ConfigNode node = Make(mark);
    node.kind = kind;
    open_.push_back({std::move(node), anchor, mark, std::nullopt, 0, {}});
  }

  void Close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    Finish(std::move(frame.node), frame.anchor, frame.mark);
  }

  void Finish(ConfigNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != 0) anchored_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      TakeKey(parent, node, mark);
    } else {
      node.line = parent.key_line;  // where a reader looks for it, also where the value begins a line below
      parent.node.keys.push_back(*std::exchange(parent.key, std::nullopt));
      parent.node.items.push_back(std::move(node));
    }
  }

  static void TakeKey(Frame& parent, const ConfigNode& node, const YAML::Mark& mark) {
    if (!node.is_scalar()) Stop(mark, "a key must be text");
    if (!parent.seen.insert(node.text).second) Stop(mark, "a key stands twice in one map");
    parent.key = node.text;
    parent.key_line = mark.line + 1;
  }

  std::shared_ptr<const ConfigOrigin> origin_;
  ConfigNode root_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, ConfigNode> anchored_;
  size_t values_ = 0;
};

void SetPaths(ConfigNode& node) {
  for (size_t i = 0; i < node.items.size(); ++i) {
    node.items[i].path = node.is_map() ? JoinPath(node.path, node.keys[i]) : node.path + "[" + std::to_string(i) + "]";
    SetPaths(node.items[i]);
  }
}

Status ErrorAt(const std::string& name, int line, const std::string& what) {
  return Status(Code::kConfiguration, name + (line > 0 ? ":" + std::to_string(line) : "") + ": " + what);
}

}  // namespace

Result<ConfigNode> ParseYaml(std::string_view text, ConfigOrigin origin) {
  const std::string name = origin.name;
  if (text.size() > kMostBytes) return ErrorAt(name, 0, "larger than 1 MiB");
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) return ErrorAt(name, 0, "not UTF-8 text");
  auto shared = std::make_shared<const ConfigOrigin>(std::move(origin));
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(shared);
    ConfigNode root;
    root.origin = shared;
    if (parser.HandleNextDocument(builder)) root = builder.Take();
    TreeBuilder rest(shared);
    if (parser.HandleNextDocument(rest)) return ErrorAt(name, 0, "more than one document in the file");
    SetPaths(root);
    return root;
  } catch (const YAML::Exception& error) {
    return ErrorAt(name, error.mark.is_null() ? 0 : error.mark.line + 1, "not YAML: " + error.msg);
  } catch (const std::exception&) {
    return ErrorAt(name, 0, "not YAML");
  }
}

Result<ConfigNode> LoadConfigFile(const std::filesystem::path& file, const Environment& environment) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) return ErrorAt(file.string(), 0, "cannot be read");
  text.resize(static_cast<size_t>(stream.gcount()));
  FRESHET_ASSIGN_OR_RETURN(ConfigNode root, ParseYaml(text, {file.string(), file.parent_path()}));
  FRESHET_RETURN_IF_ERROR(ResolveReferences(root, environment));
  return root;
}

}  // namespace freshet
