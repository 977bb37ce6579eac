// NativeNames: a source's own names to those that may travel in clear (DESIGN §4.1), in every place of an event.
//
//   NativeNames names({.tenant = t, .source = s, .collection = c, .opaque = true}, keys);
//   names.Replace(event);      // event.origin.document, scopes, patients, principals
//
//   document, scope := 32 hexadecimal digits: KeyRing::OpaqueId of (tenant, source, collection, native name)
//                      the native name itself where the collection's policy is `none`; an empty one stays empty
//   patient         := OpaqueId of (tenant, native id), whatever the policy: one patient is one id in all sources
//   identity        := OpaqueId of (tenant, source, native name)
//   principal       := as it is, or "<kind>:<source>/<name>" where the source's principals are its own;
//                      "group:everyone" is everyone's
//
// The native document id goes into Upsert::native_id, which travels sealed. Immutable: any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "schemas/change.h"

namespace freshet {

inline constexpr std::string_view kEveryone = "group:everyone";

class NativeNames {
 public:
  struct Options {
    TenantName tenant;
    SourceName source;
    CollectionName collection;
    std::string policy;           // of the collection: under another one everything is published anew
    bool opaque = true;           // false only for a collection whose policy is `none`
    bool own_principals = false;  // the source has users and groups of its own
  };
  // The keys outlive this.
  NativeNames(Options options, const KeyRing& keys);

  void Replace(ChangeEvent& event) const;

  DocumentId Document(std::string_view native) const;
  ScopeId Scope(std::string_view native) const;
  PatientId Patient(std::string_view native) const;
  std::string Identity(std::string_view native) const;
  Principal Qualified(const Principal& principal) const;
  // Of a record of the connector's positions; opaque whatever the policy.
  std::string PositionKey(std::string_view key) const;

 private:
  struct Replacer;
  std::string Opaque(std::string_view purpose, std::string_view native) const;

  const Options options_;
  const KeyRing& keys_;
  std::string place_;  // tenant, source, collection: what the names are bound to
};

}  // namespace freshet
