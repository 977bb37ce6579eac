// ModelSink: what the index makes of published events, in fifty lines: the newest version wins in each register, and a
// snapshot's end deletes what it did not mention. Connectors are judged by it.
//
//   ModelSink sink;
//   for (const Published& one : host.published) sink.Apply(one.event);
//   sink.Contents()       // native document id -> content, "!document_too_large" where it was refused
//   sink.Readers("a.md")  // "allow group:staff deny user:bob"
//
// A plain value.
#pragma once

#include <map>
#include <string>

#include "schemas/change.h"

namespace freshet::kit {

class ModelSink {
 public:
  struct Document {
    Version content_version, deleted, present, withheld;
    bool has_content = false;
    Upsert upsert;
  };
  struct Scope {
    Version version;
    AccessChange change;
  };

  void Apply(const ChangeEvent& event);

  std::map<std::string, std::string> Contents() const;
  // Of a scope; "" where nobody is allowed.
  std::string Access(const std::string& scope) const;
  // Of the scope that the document hangs on.
  std::string Readers(const std::string& document) const;

  std::map<std::string, Document> documents;
  std::map<std::string, Scope> scopes;
  std::map<std::string, IdentityChange> identities;  // "patient identity" -> the newest

 private:
  void ApplyUpsert(Document& document, const Version& version, const Upsert& upsert);
  static void Erase(Document& document, const Version& version);
  void EndSnapshot(const Version& begin);

  Version ended_;  // the begin of the newest snapshot that has ended
  std::map<std::string, Version> identity_versions_;
};

}  // namespace freshet::kit
