// Originals in a RocksDB of their own, one a tenant.
//
//   Result<std::unique_ptr<Originals>> originals = OpenOriginals({.path = dir, .keys = keys});
//
// Column families and their keys (AppendText of common/base/bytes.h joins the parts):
//   "originals"  collection source document -> version(24) sealed
//                sealed: codec.h's ChangeRecord by the document's key
//   "keys"       collection source document -> version(24) kind(1) wrapped
//                kind 1: wrapped holds the document's key, sealed by the tenant's
//                kind 2: deleted as of version, nothing wrapped
//   "maps"       collection source document -> version(24) deid_run(8) sealed
//                sealed: the clean text's offset map by the document's key
//   "patients"   source patient collection document -> nothing              patient: its opaque name
//   "default"    "name" -> these originals' own name; "covered" -> (stream(1) partition(4) next offset(8))*
// The parts are opaque names (HMACs) but under policy none. A key file line (common/crypto/keys.h) is what a document's
// key is: random, made anew with every version kept.
//
// Codes: those of originals.h, configuration (another process has it open).
#pragma once

#include <memory>
#include <string>

#include "common/crypto/keys.h"
#include "common/store/database.h"
#include "services/deid/originals.h"

namespace freshet::deid {

struct OriginalsOptions {
  std::string path;
  std::shared_ptr<const KeyRing> keys;  // the tenant's: wraps each document's key
  rocksdb::Env* env = nullptr;          // null: the operating system's
};

Result<std::unique_ptr<Originals>> OpenOriginals(OriginalsOptions options);

}  // namespace freshet::deid
