#include "common/store/dump.h"

#include <algorithm>

#include "common/store/access_record.h"
#include "common/store/document_record.h"
#include "common/store/loader.h"
#include "common/store/registers.h"
#include "common/store/space.h"

namespace freshet::store {
namespace {

constexpr size_t kOrdinalBytes = 4;  // of its document, before a chunk's record

Status Corrupt(const char* what) { return Status(Code::kCorruptStore, what); }

std::string HashText(std::string_view bytes) { return ToHex(AsBytes(HashOf(bytes))); }

std::string HashText(const Entries& entries) {
  std::string all;
  for (const Entry& entry : entries) {
    AppendText(all, entry.name);
    if (!entry.period.is_limited()) continue;
    AppendText(all, std::to_string(ToMicros(entry.period.from)) + " " + std::to_string(ToMicros(entry.period.until)));
  }
  return HashText(all);
}

std::string HashText(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) AppendText(all, text);
  return HashText(all);
}

class Dumper {
 public:
  Dumper(Database& database, const DumpOptions& options) : database_(database), options_(options) {}

  Result<IndexDump> Dump() {
    FRESHET_RETURN_IF_ERROR(ReadNames());
    for (const auto& [id, space] : spaces_) FRESHET_RETURN_IF_ERROR(DumpDocuments(id, space));
    FRESHET_RETURN_IF_ERROR(DumpNamed(kAccess, [this](auto value) { return AccessText(value); }));
    FRESHET_RETURN_IF_ERROR(DumpNamed(kGroups, [this](auto value) { return GroupText(value); }));
    FRESHET_RETURN_IF_ERROR(DumpNamed(kConsents, [this](auto value) { return ConsentText(value); }));
    std::sort(out_.lines.begin(), out_.lines.end());
    return std::move(out_);
  }

 private:
  Status ReadNames() {
    return ForEach(database_, kMeta, "", "", [&](std::string_view key, std::string_view value) {
      ByteReader reader(value);
      SourceNumber number;
      SpaceId id;
      if (key.front() == 's') {
        if (!reader.Big32(number.value)) return Corrupt("the number of a source");
        sources_[number] = std::string(key.substr(1));
      } else if (key.front() == 'p') {
        if (!ParseSpaceKey(key, id)) return Corrupt("the key of a collection");
        FRESHET_ASSIGN_OR_RETURN(spaces_[id], DecodeSpace(value));
      }
      return OkStatus();
    });
  }

  std::string NameOf(const SourceKey& key) const {
    const auto source = sources_.find(key.source);
    return (source == sources_.end() ? "?" : source->second) + "/" + key.id;
  }
  std::string At(const Version& version) const { return options_.versions ? "@" + version.ToString() : ""; }
  std::string At(const Edition& edition) const {
    if (!options_.versions) return "";
    return At(edition.version) + "+" + std::to_string(edition.revision.deid_run) + "." +
           std::to_string(edition.revision.embed_run);
  }

  Status DumpDocuments(SpaceId id, const SpaceRecord& space) {
    const std::string prefix = HeadPrefix(id);
    FacetPool pool;
    return ForEach(database_, kDocuments, prefix, PrefixEnd(prefix),
                   [&](std::string_view key, std::string_view value) -> Status {
                     SourceKey document;
                     if (!ParseHeadKey(key, document)) return Corrupt("the key of a document");
                     FRESHET_ASSIGN_OR_RETURN(const DocumentHead head, DecodeHead(value, pool));
                     FRESHET_ASSIGN_OR_RETURN(const std::string text, HeadText(id, head));
                     if (text.empty()) return OkStatus();
                     out_.lines.push_back("document " + space.collection.value + "." + std::to_string(id.generation) +
                                          " " + NameOf(document) + text);
                     return OkStatus();
                   });
  }

  // Empty where there is nothing to compare.
  Result<std::string> HeadText(SpaceId id, const DocumentHead& head) {
    std::string text;
    if (head.has_content()) {
      FRESHET_ASSIGN_OR_RETURN(text, ContentText(id, head));
    }
    return text + StateText(head);
  }

  // What the registers come to. An older delete, skip or hold under newer content says nothing any more, and whether it
  // is still there depends on what came first.
  std::string StateText(const DocumentHead& head) const {
    const std::optional<DocumentState> state = StateOf(head, false);
    if (state == DocumentState::kDeleted && options_.versions) return " deleted" + At(head.deletion->version);
    if (state == DocumentState::kWithheld && head.has_content()) return " withheld" + At(head.hold->version);
    const bool skipped = state == DocumentState::kOutdated || state == DocumentState::kSkipped;
    if (!skipped) return "";
    return " skipped" + At(head.skip->edition) + ":" + std::string(freshet::NameOf(head.skip->code));
  }

  Result<std::string> ContentText(SpaceId id, const DocumentHead& head) {
    FRESHET_ASSIGN_OR_RETURN(const auto stored, database_.Get(kDocuments, BodyKey(id, head.ordinal)));
    if (!stored) return Corrupt("a document without its text");
    FRESHET_ASSIGN_OR_RETURN(DocumentBody body, DecodeBody(*stored));
    if (options_.content) {
      FRESHET_ASSIGN_OR_RETURN(body.sealed, options_.content(body.sealed));
    }
    std::string attributes;
    for (const auto& [name, values] : head.facets->attributes) attributes += name + HashText(values);
    ++out_.documents;
    std::string text = " content" + At(head.content) + ":" + HashText(body.sealed) + " model:" + body.model +
                       " scope:" + head.facets->scope.value + " attributes:" + HashText(attributes) +
                       " effective:" + std::to_string(ToMicros(head.effective));
    for (const ChunkRef& chunk : head.chunks) {
      FRESHET_ASSIGN_OR_RETURN(const std::string part, ChunkText(id, chunk));
      text += part;
    }
    return text;
  }

  Result<std::string> ChunkText(SpaceId id, const ChunkRef& chunk) {
    FRESHET_ASSIGN_OR_RETURN(const auto record, database_.Get(kChunks, ChunkKey(id, chunk.ordinal)));
    if (!record || record->size() < kOrdinalBytes) return Corrupt("a chunk without its record");
    ++out_.chunks;
    std::string text = " chunk:" + ToHex(AsBytes(chunk.hash)) + "." + std::to_string(chunk.occurrence) + ":" +
                       HashText(std::string_view(*record).substr(kOrdinalBytes));
    if (!chunk.vector) return text;
    FRESHET_ASSIGN_OR_RETURN(const auto vector, database_.Get(kVectors, ChunkKey(id, chunk.ordinal)));
    if (!vector) return Corrupt("a chunk without its vector");
    ++out_.vectors;
    return text + ":" + HashText(*vector);
  }

  template <class Text>
  Status DumpNamed(Family family, Text text_of) {
    static constexpr std::string_view kWords[] = {"access", "group", "consent"};
    const std::string_view word = kWords[family == kAccess ? 0 : family == kGroups ? 1 : 2];
    return ForEach(database_, family, "", "", [&](std::string_view key, std::string_view value) -> Status {
      SourceKey named;
      if (!ParseNamedKey(key, named)) return Corrupt("a key of access, groups or consents");
      FRESHET_ASSIGN_OR_RETURN(const std::string text, text_of(value));
      if (!text.empty()) out_.lines.push_back(std::string(word) + " " + NameOf(named) + text);
      return OkStatus();
    });
  }

  // The list that decides. Older ones stay where content is still to come, which depends on what came first.
  Result<std::string> AccessText(std::string_view value) const {
    FRESHET_ASSIGN_OR_RETURN(const ScopeLists scope, DecodeScope(value));
    const AccessList& list = scope.newest();
    if (list.removed && !options_.versions) return std::string();
    return At(list.version) + (list.removed ? " removed" : "") + " allow:" + HashText(list.allow) +
           " deny:" + HashText(list.deny) + (list.content ? " for" + At(*list.content) : "");
  }
  Result<std::string> GroupText(std::string_view value) const {
    FRESHET_ASSIGN_OR_RETURN(const GroupMembers group, DecodeGroup(value));
    return At(group.version) + " members:" + HashText(group.members);
  }
  Result<std::string> ConsentText(std::string_view value) const {
    FRESHET_ASSIGN_OR_RETURN(const Consent consent, DecodeConsent(value));
    return At(consent.version) + " scope:" + HashText(consent.scope);
  }

  Database& database_;
  const DumpOptions& options_;
  std::map<SourceNumber, std::string> sources_;
  std::map<SpaceId, SpaceRecord> spaces_;
  IndexDump out_;
};

}  // namespace

std::string IndexDump::Digest() const { return HashText(lines); }

Result<IndexDump> DumpIndex(const std::string& index, const DumpOptions& options, rocksdb::Env* env) {
  FRESHET_ASSIGN_OR_RETURN(
      const auto database,
      Database::OpenFollower({.path = index + "/rocksdb", .families = FamilyNames(), .env = env, .tune = TuneFamily}));
  return Dumper(*database, options).Dump();
}

}  // namespace freshet::store
