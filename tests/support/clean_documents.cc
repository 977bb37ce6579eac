#include "tests/support/clean_documents.h"

#include <cstdio>
#include <cstdlib>

#include "common/base/bytes.h"
#include "schemas/clean.pb.h"

namespace freshet::testing {
namespace {

v1::CleanDocument ToWire(const CleanFields& fields) {
  v1::CleanDocument out;
  out.set_text(fields.text);
  out.set_title(fields.title);
  out.set_uri(fields.uri);
  for (const Block& block : fields.blocks) {
    v1::Block* const to = out.add_blocks();
    to->set_kind(static_cast<v1::Block::Kind>(block.kind));
    to->set_level(block.level);
    to->set_begin(block.begin);
    to->set_end(block.end);
    to->set_source_place(block.source_place);
  }
  for (const Attribute& attribute : fields.attributes) {
    v1::Attribute* const to = out.add_attributes();
    to->set_name(attribute.name);
    for (const std::string& value : attribute.values) to->add_values(value);
  }
  out.set_access_scope(fields.access_scope.value);
  for (const PatientId& patient : fields.patients) out.add_patients(patient.value);
  out.set_effective_us(ToMicros(fields.effective));
  out.set_policy(fields.policy);
  return out;
}

void AppendSized(std::string& out, std::string_view text) {
  AppendBig32(out, static_cast<uint32_t>(text.size()));
  out += text;
}

// The grammar stands at the top of schemas/clean.cc.
std::string SealInput(const Origin& origin, std::string_view body) {
  std::string input = "freshet.clean.v1";
  AppendSized(input, origin.source.value);
  AppendSized(input, origin.collection.value);
  AppendSized(input, origin.document.value);
  AppendVersion(input, origin.version);
  AppendBig64(input, origin.revision.deid_run);
  input += body;
  return input;
}

template <class T>
T OrDie(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "clean_documents: %s\n", result.status().ToString().c_str());
    std::abort();
  }
  return std::move(result).value();
}

// What a line of the outline begins, and where its text does.
struct Mark {
  Block::Kind kind = Block::Kind::kParagraph;
  uint32_t level = 0;
  size_t skip = 0;
};

Mark MarkOf(std::string_view line) {
  const size_t hashes = line.find_first_not_of('#');
  if (hashes >= 1 && hashes <= 6 && line[hashes] == ' ') {
    return {Block::Kind::kHeading, static_cast<uint32_t>(hashes), hashes + 1};
  }
  if (line.starts_with("| ")) return {Block::Kind::kTableRow, 0, 2};
  const size_t blanks = line.find_first_not_of(' ');
  if (blanks != std::string_view::npos && line.substr(blanks).starts_with("- ")) {
    return {Block::Kind::kListItem, static_cast<uint32_t>(blanks / 2 + 1), blanks + 2};
  }
  if (line.starts_with("    ")) return {Block::Kind::kCode, 0, 4};
  return {};
}

}  // namespace

const KeyRing& TestKeys() {
  static const KeyRing keys = OrDie(KeyRing::Parse("test " + std::string(64, '7') + "\n"));
  return keys;
}

Origin OriginOf(std::string_view document, uint64_t position) {
  return {.source = SourceName("test"),
          .collection = CollectionName("notes"),
          .document = DocumentId(document),
          .version = {.epoch = 1, .position = position}};
}

CleanDocument MakeClean(const CleanFields& fields, const Origin& origin) {
  std::string body = ToWire(fields).SerializeAsString();
  KeyRing::Seal seal = TestKeys().Mac(SealInput(origin, body));
  const SealedClean sealed{.body = std::move(body), .seal = std::move(seal.mac), .key_id = std::move(seal.key_id)};
  return OrDie(DecodeSealed(sealed, origin, TestKeys()));
}

CleanFields Outline(std::string_view markup) {
  CleanFields fields{.policy = "none@1"};
  bool open = false;  // the last block goes on in the next line
  for (size_t at = 0; at < markup.size();) {
    const size_t end = std::min(markup.find('\n', at), markup.size());
    const std::string_view line = markup.substr(at, end - at);
    at = end + 1;
    const Mark mark = MarkOf(line);
    const bool joins = mark.kind == Block::Kind::kParagraph || mark.kind == Block::Kind::kCode;
    const bool blank = line.find_first_not_of(' ') == std::string_view::npos;
    if (!blank && !(open && joins && fields.blocks.back().kind == mark.kind)) {
      const auto begin = static_cast<uint32_t>(fields.text.size());
      fields.blocks.push_back({.kind = mark.kind, .level = mark.level, .begin = begin});
    }
    if (!blank) {
      fields.text += line.substr(mark.skip);
      fields.blocks.back().end = static_cast<uint32_t>(fields.text.size());
    }
    open = !blank && joins;
    fields.text += '\n';
  }
  return fields;
}

}  // namespace freshet::testing
