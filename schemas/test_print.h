// Records as text, every field of them, for tests to compare: a field that a codec forgets shows as a difference.
//
//   EXPECT_EQ(Print(decoded), Print(event));
#pragma once

#include <sstream>
#include <string>

#include "common/base/bytes.h"
#include "schemas/codec.h"

namespace freshet::testing {

inline std::string Print(const std::string& text) { return "'" + text + "'"; }
inline std::string Print(uint32_t number) { return std::to_string(number); }
template <class Tag>
std::string Print(const StrongString<Tag>& id) {
  return Print(id.value);
}
inline std::string Print(Time time) { return std::to_string(ToMicros(time)); }

template <class T>
std::string Print(const std::vector<T>& all);

inline std::string Print(const Listed& listed) {
  std::string text = Print(listed.principal);
  if (listed.period.from != Period().from) text += " from " + Print(listed.period.from);
  if (listed.period.until != Period().until) text += " until " + Print(listed.period.until);
  return text;
}
inline std::string Print(const Attribute& attribute) { return attribute.name + "=" + Print(attribute.values); }
inline std::string Print(const HumanName& name) {
  return name.prefix + "|" + Print(name.given) + "|" + name.family + "|" + name.suffix;
}
inline std::string Print(const Identifier& identifier) { return identifier.kind + ":" + identifier.value; }
inline std::string Print(const Block& block) {
  std::ostringstream out;
  out << int(block.kind) << "/" << block.level << " [" << block.begin << "," << block.end << ") " << block.source_place;
  return out.str();
}
inline std::string Print(const Chunk& chunk) {
  std::ostringstream out;
  out << "bytes [" << chunk.byte_begin << "," << chunk.byte_end << ") places [" << chunk.place_begin << ","
      << chunk.place_end << ") block " << chunk.block << " section " << Print(chunk.section) << " tokens "
      << chunk.tokens << " hash " << ToHex(AsBytes(chunk.hash)) << " #" << chunk.occurrence;
  return out.str();
}

template <class T>
std::string Print(const std::vector<T>& all) {
  std::string text = "[";
  for (const T& one : all) text += (text.size() > 1 ? ", " : "") + Print(one);
  return text + "]";
}

inline std::string Print(const Origin& origin) {
  std::ostringstream out;
  out << origin.source.value << "/" << origin.collection.value << "/" << origin.document.value << " @"
      << origin.version.ToString() << " run " << origin.revision.deid_run << "." << origin.revision.embed_run
      << " generation " << origin.generation << " committed " << Print(origin.committed) << " stamps";
  for (const Time stamp : origin.stamps) out << " " << Print(stamp);
  out << " trace " << origin.traceparent;
  return out.str();
}

inline std::string Print(const Upsert& upsert) {
  std::ostringstream out;
  out << "upsert " << ToHex(upsert.content) << " " << upsert.media_type << " " << Print(upsert.title) << " "
      << upsert.uri << " " << Print(upsert.attributes) << " scope " << Print(upsert.access_scope) << " patients "
      << Print(upsert.patients) << " effective " << Print(upsert.effective) << " native " << Print(upsert.native_id)
      << " refused " << NameOf(upsert.refused);
  return out.str();
}
inline std::string Print(const IdentityChange& change) {
  std::ostringstream out;
  out << "identity " << Print(change.patient) << "/" << Print(change.identity) << (change.retracted ? " retracted" : "")
      << " names " << Print(change.names) << " identifiers " << Print(change.identifiers) << " born "
      << change.birth_date << " addresses " << Print(change.addresses) << " telecoms " << Print(change.telecoms)
      << " into " << Print(change.merged_into) << " from " << Print(change.unmerged_from);
  return out.str();
}
inline std::string Print(const Delete& change) { return "delete " + std::to_string(int(change.reason)); }
inline std::string Print(const AccessChange& change) {
  return "access " + Print(change.scope) + " allow " + Print(change.allow) + " deny " + Print(change.deny) +
         " content " + (change.content_version ? change.content_version->ToString() : "none") +
         (change.removed ? " removed" : "");
}
inline std::string Print(const GroupChange& change) { return "group " + Print(change.group) + Print(change.members); }
inline std::string Print(const ConsentChange& change) {
  return "consent " + Print(change.patient) + " " + Print(change.scope);
}
inline std::string Print(const Withhold& change) { return "withhold " + std::string(NameOf(change.reason)); }
inline std::string Print(const Release& change) { return "release " + std::string(NameOf(change.reason)); }
inline std::string Print(const Confirm&) { return "confirm"; }
inline std::string Print(const Heartbeat& heartbeat) { return "heartbeat " + Print(heartbeat.committed_up_to); }
inline std::string Print(const SnapshotEdge& edge) {
  return std::string("edge ") + (edge.side == SnapshotEdge::Side::kBegin ? "begin " : "end ") +
         edge.begin_version.ToString();
}
inline std::string Print(const Present&) { return "present"; }
inline std::string Print(const Skipped& skipped) {
  return "skipped " + std::string(NameOf(skipped.code)) + " at " + std::string(NameOf(skipped.stage));
}
inline std::string Print(const Lost& lost) {
  return "lost " + std::to_string(lost.count) + " " + std::string(NameOf(lost.code)) + " at " +
         std::string(NameOf(lost.stage));
}

inline std::string Print(const CleanDocument& clean) {
  std::ostringstream out;
  out << "clean " << Print(clean.text()) << " title " << Print(clean.title()) << " " << clean.uri() << " blocks "
      << Print(clean.blocks()) << " " << Print(clean.attributes()) << " scope " << Print(clean.access_scope())
      << " patients " << Print(clean.patients()) << " effective " << Print(clean.effective()) << " by "
      << clean.policy();
  return out.str();
}
inline std::string Print(const ChunkedDocument& chunked) {
  return Print(chunked.clean) + " chunks " + Print(*chunked.chunks) + " by " + chunked.chunker;
}
inline std::string Print(const EmbeddedDocument& embedded) {
  std::string text = Print(embedded.chunked) + " model " + embedded.model + " x " + std::to_string(embedded.dimensions);
  if (embedded.vectors == nullptr) return text + " no vectors";
  for (const uint16_t number : *embedded.vectors) text += " " + std::to_string(number);
  return text;
}

template <class Body>
std::string Print(const Envelope<Body>& envelope) {
  return Print(envelope.origin) + "\n" +
         std::visit([](const auto& payload) { return Print(payload); }, envelope.payload);
}
inline std::string Print(const ChangeEvent& event) {
  return Print(event.origin) + "\n" + std::visit([](const auto& change) { return Print(change); }, event.change);
}
inline std::string Print(const DeadLetter& letter) {
  return Print(letter.origin) + "\n" + std::string(NameOf(letter.code)) + " at " + std::string(NameOf(letter.stage)) +
         " " + letter.topic + "/" + std::to_string(letter.partition.value) + "/" + std::to_string(letter.offset.value) +
         " skipped " + Print(letter.skipped);
}

}  // namespace freshet::testing
