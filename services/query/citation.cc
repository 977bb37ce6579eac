#include "services/query/citation.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/base/utf8.h"
#include "schemas/codec.h"
#include "services/query/endpoints.h"

namespace freshet::query {
namespace {

using Json = nlohmann::ordered_json;

// What the parameters ask for.
struct Asked {
  CollectionName collection;
  DocumentId document;
  TextRange range;
  std::optional<Version> version;
  bool text = false;
};

Result<size_t> NumberOf(const Call& call, const char* name) {
  const auto found = call.parameters.find(name);
  const std::string text = found == call.parameters.end() ? "" : found->second;
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return Status(Code::kInvalidArgument, std::string("the parameter \"") + name + "\" must be a number");
  }
  return number;
}

Result<Asked> AskedIn(const Call& call) {
  Asked asked{.collection = CollectionName(call.collection), .document = DocumentId(call.subject)};
  if (call.collection.empty()) return Status(Code::kInvalidArgument, "the parameter \"collection\" is missing");
  for (const auto& [name, value] : call.parameters) {
    if (name == "version") {
      FRESHET_ASSIGN_OR_RETURN(asked.version, Version::Parse(value));
    } else if (name == "text") {
      if (value != "true" && value != "false") {
        return Status(Code::kInvalidArgument, "the parameter \"text\" must be true or false");
      }
      asked.text = value == "true";
    } else if (name != "collection" && name != "start" && name != "end") {
      return Status(Code::kInvalidArgument, "a parameter that this route does not know");
    }
  }
  FRESHET_ASSIGN_OR_RETURN(asked.range.start, NumberOf(call, "start"));
  FRESHET_ASSIGN_OR_RETURN(asked.range.end, NumberOf(call, "end"));
  return asked;
}

struct Readable {
  Origin origin;
  CleanDocument clean;
};

// What a search could show of it now: readable, visible, made under the policy in force.
Result<Readable> ReadableOf(const QueryEngine& engine, const Caller& caller, const Asked& asked) {
  const auto view = engine.view();
  const store::Access access = engine.AccessOf(caller);
  const std::map<CollectionName, std::string> policies = engine.PoliciesOf(*view);
  const auto policy = policies.find(asked.collection);
  for (const store::StoredDocument& row : view->Lookup(asked.collection, asked.document)) {
    const bool shown = row.state == store::DocumentState::kSearchable || row.state == store::DocumentState::kOutdated;
    if (!shown || !row.ordinal || !view->MayRead(asked.collection, *row.ordinal, access)) continue;
    if (asked.version && row.origin.version != *asked.version) continue;
    FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(row.sealed));
    FRESHET_ASSIGN_OR_RETURN(CleanDocument clean, DecodeSealed(sealed, row.origin, engine.keys()));
    const std::string made_under = clean.policy().substr(0, clean.policy().find('@'));
    if (policy != policies.end() && made_under != policy->second) continue;
    return Readable{row.origin, std::move(clean)};
  }
  return Status(Code::kNotFound, "no document of this id and version that the caller may see");
}

Json JsonOf(const TextRange& range) { return {{"start", range.start}, {"end", range.end}}; }

// The blocks that the range touches: where they lie in the source, in its own coordinates.
Json BlocksOf(const CleanDocument& clean, const TextRange& range) {
  Json blocks = Json::array();
  const size_t begin = ByteOfCodePoint(clean.text(), range.start), end = ByteOfCodePoint(clean.text(), range.end);
  for (size_t i = 0; i < clean.blocks().size(); ++i) {
    const Block& block = clean.blocks()[i];
    if (block.begin < end && begin < block.end) blocks.push_back({{"block", i}, {"source_place", block.source_place}});
  }
  return blocks;
}

std::string JsonOf(const Readable& readable, const Asked& asked, const CitedPlace& cited) {
  const Origin& origin = readable.origin;
  Json json = {{"document_id", origin.document.value}, {"collection", origin.collection.value},
               {"source", origin.source.value},        {"version", origin.version.ToString()},
               {"policy", readable.clean.policy()},    {"media_type", cited.media_type},
               {"place", JsonOf(asked.range)}};
  const TextRange original{cited.pieces.front().original.start, cited.pieces.back().original.end};
  json["original"] = JsonOf(original);
  json["blocks"] = BlocksOf(readable.clean, asked.range);
  json["pieces"] = Json::array();
  for (const CitedPiece& piece : cited.pieces) {
    Json row = {{"place", JsonOf(piece.clean)}, {"original", JsonOf(piece.original)}};
    row["replaced"] = piece.replaced.empty() ? Json(nullptr) : Json(piece.replaced);
    if (asked.text) row["text"] = piece.text;
    json["pieces"].push_back(std::move(row));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool MaySeeOriginals(const Caller& caller) {
  return std::find(caller.groups.begin(), caller.groups.end(), kOriginalsGroup) != caller.groups.end();
}

Result<Answer> Endpoints::Citation(const Call& call) const {
  FRESHET_RETURN_IF_ERROR(CheckTenant(call.caller));
  if (!MaySeeOriginals(call.caller)) {
    return Status(Code::kPermissionDenied, "only members of freshet-originals see what stood in the source");
  }
  FRESHET_ASSIGN_OR_RETURN(const Asked asked, AskedIn(call));
  if (!parts_.citations.resolve) return Status(Code::kUnavailable, "this process keeps no originals");
  FRESHET_ASSIGN_OR_RETURN(const Readable readable, ReadableOf(*parts_.engine, call.caller, asked));
  FRESHET_ASSIGN_OR_RETURN(const CitedPlace cited,
                           parts_.citations.resolve({readable.origin, readable.clean, asked.range, asked.text}));
  // It took a while: what was revoked or deleted meanwhile is not shown.
  FRESHET_ASSIGN_OR_RETURN(const Readable still, ReadableOf(*parts_.engine, call.caller, asked));
  if (still.origin.version != readable.origin.version || cited.pieces.empty()) {
    return Status(Code::kNotFound, "the document changed meanwhile");
  }
  const Origin& origin = readable.origin;
  return Answer{.json = JsonOf(readable, asked, cited),
                .documents = {call.subject},
                .subject = origin.source.value + " " + origin.collection.value + " " + origin.version.ToString() + " " +
                           std::to_string(asked.range.start) + ":" + std::to_string(asked.range.end) +
                           (asked.text ? " text" : "")};
}

}  // namespace freshet::query
