#include "common/model/vocabulary.h"

#include <fstream>
#include <sstream>

namespace freshet::model {
namespace {

constexpr std::string_view kInsideMark = "##";

size_t SlotOf(uint32_t key, size_t mask) { return (key * 0x9E3779B97F4A7C15ull >> 32) & mask; }

}  // namespace

Result<Vocabulary> Vocabulary::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status(Code::kModelMissing, "no vocabulary at " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return Parse(bytes.view());
}

Result<Vocabulary> Vocabulary::Parse(std::string_view lines) {
  Vocabulary out;
  out.edges_.resize(1024);
  out.id_of_node_.assign(kRoots, kNone);
  for (uint32_t id = 0; !lines.empty(); ++id) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.Add(line, id);
    out.size_ = id + 1;
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  for (const char* needed : {"[UNK]", "[CLS]", "[SEP]"}) {
    if (!out.IdOf(needed)) return Status(Code::kModelMissing, std::string("the vocabulary lacks ") + needed);
  }
  return out;
}

uint32_t Vocabulary::Child(uint32_t node, uint8_t byte) const {
  const uint32_t key = node << 8 | byte;
  const size_t mask = edges_.size() - 1;
  for (size_t slot = SlotOf(key, mask);; slot = (slot + 1) & mask) {
    if (edges_[slot].key == key) return edges_[slot].child;
    if (edges_[slot].key == kNone) return kNone;
  }
}

uint32_t Vocabulary::AddChild(uint32_t node, uint8_t byte) {
  if (const uint32_t child = Child(node, byte); child != kNone) return child;
  if (2 * ++edge_count_ > edges_.size()) Grow();
  const auto child = static_cast<uint32_t>(id_of_node_.size());
  id_of_node_.push_back(kNone);
  const size_t mask = edges_.size() - 1;
  size_t slot = SlotOf(node << 8 | byte, mask);
  while (edges_[slot].key != kNone) slot = (slot + 1) & mask;
  edges_[slot] = {node << 8 | byte, child};
  return child;
}

void Vocabulary::Grow() {
  std::vector<Edge> old(edges_.size() * 2);
  old.swap(edges_);
  const size_t mask = edges_.size() - 1;
  for (const Edge& edge : old) {
    if (edge.key == kNone) continue;
    size_t slot = SlotOf(edge.key, mask);
    while (edges_[slot].key != kNone) slot = (slot + 1) & mask;
    edges_[slot] = edge;
  }
}

void Vocabulary::Add(std::string_view line, uint32_t id) {
  const bool inside = line.starts_with(kInsideMark) && line.size() > kInsideMark.size();
  uint32_t node = static_cast<uint32_t>(inside ? Place::kInside : Place::kWordStart);
  if (inside) line.remove_prefix(kInsideMark.size());
  for (const char c : line) node = AddChild(node, static_cast<uint8_t>(c));
  id_of_node_[node] = id;
}

Vocabulary::Match Vocabulary::LongestPrefix(std::string_view text, Place place) const {
  Match best;
  auto node = static_cast<uint32_t>(place);
  for (size_t at = 0; at < text.size();) {
    node = Child(node, static_cast<uint8_t>(text[at]));
    if (node == kNone) break;
    ++at;
    if (id_of_node_[node] != kNone) best = {id_of_node_[node], static_cast<uint32_t>(at)};
  }
  return best;
}

std::optional<uint32_t> Vocabulary::IdOf(std::string_view line) const {
  const bool inside = line.starts_with(kInsideMark) && line.size() > kInsideMark.size();
  if (inside) line.remove_prefix(kInsideMark.size());
  const Match match = LongestPrefix(line, inside ? Place::kInside : Place::kWordStart);
  if (match.bytes == 0 || match.bytes != line.size()) return std::nullopt;
  return match.id;
}

}  // namespace freshet::model
