// Rig: how the conformance kit plays with one kind of source: it changes the source as the source's users do, and
// starts connectors that read it. Each connector has one (connectors/<name>/rig.h), on a fake where the source can be
// faked, else on the real server.
//
//   Result<std::unique_ptr<Rig>> rig = MakeFeedRig(options_node);
//   (*rig)->Put("a", "kit-7");                    // a document that holds the words kit-7
//   Result<std::unique_ptr<Connector>> connector = (*rig)->Start();
//   ... (*connector)->Step(host) until (*rig)->Settled() ...
//
// Names are the kit's ("a", "b", ...), texts are short marks that occur nowhere else. A change is committed in the
// source when its function returns; where the source pushes, it is accepted by the rig, which delivers it until the
// connector has acknowledged it, as a real sender does: Settled tells. Whatever a rig makes (folders, servers, tables)
// goes with it. One thread calls it; it may have threads of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"

namespace freshet::kit {

// What a case needs from the source. A connector whose source cannot do it is not judged by that case: the table says
// "not applicable", and the connector's README why.
enum class Ability : uint8_t {
  kAccess,     // access lists that change
  kDelete,     // documents go
  kDuplicate,  // the source says again what it has said
  kReorder,    // the source says things in another order than they happened
  kOutage,     // the source can be gone, and come back
  kSchema,     // the form of its data changes while documents stay
  kListing,    // a listing that may be wrong as a whole
  kOversized,  // documents over the connector's limit
  kBroken,     // documents that cannot be read
};

class Rig {
 public:
  virtual ~Rig() = default;

  virtual bool Can(Ability ability) const = 0;
  // A connector as a new process has it, over the source as it is.
  virtual Result<std::unique_ptr<Connector>> Start() = 0;
  // As the connector names it in its events.
  virtual std::string DocumentOf(const std::string& name) const = 0;

  virtual Status Put(const std::string& name, const std::string& text) = 0;
  // False where the source delivers and has not been acknowledged yet.
  virtual bool Settled() { return true; }

  // Each only where Can says so.
  virtual Status Remove(const std::string& name) { return Cannot(name); }
  // Who may read the document from now on ("group:a", "user:b").
  virtual Status SetReaders(const std::string& name, const std::vector<std::string>&) { return Cannot(name); }
  // The last change of the document once more.
  virtual Status Repeat(const std::string& name) { return Cannot(name); }
  // Two states of a document, the newer one first.
  virtual Status PutSwapped(const std::string& name, const std::string& older, const std::string& newer) {
    return Cannot(name + older + newer);
  }
  virtual Status SetOutage(bool) { return Cannot(""); }
  // Fields added, dropped, renamed, as the source's own software does in an upgrade.
  virtual Status ChangeSchema() { return Cannot(""); }
  // While set, the source looks empty to who lists it, though nobody deleted anything.
  virtual Status SetEmptyListing(bool) { return Cannot(""); }
  virtual Status PutOversized(const std::string& name) { return Cannot(name); }
  virtual Status PutBroken(const std::string& name) { return Cannot(name); }

 private:
  static Status Cannot(const std::string&) { return Status(Code::kUnsupportedChange, "This rig cannot do that"); }
};

}  // namespace freshet::kit
