// For tests: writes what pgoutput writes, so that decoding can be compared with what was meant.
//
//   PgWriter out;  out.Kind('I').Int(oid).Raw("N").Tuple({{'t', "7"}, {'n', ""}});   out.bytes
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "connectors/postgres/pgoutput.h"

namespace freshet::postgres {

struct PgWriter {
  std::string bytes;

  PgWriter& Kind(char kind) {
    bytes.push_back(kind);
    return *this;
  }
  PgWriter& Byte(uint8_t number) {
    bytes.push_back(static_cast<char>(number));
    return *this;
  }
  PgWriter& Short(uint16_t number) {
    AppendBig16(bytes, number);
    return *this;
  }
  PgWriter& Int(uint32_t number) {
    AppendBig32(bytes, number);
    return *this;
  }
  PgWriter& Long(uint64_t number) {
    AppendBig64(bytes, number);
    return *this;
  }
  PgWriter& Text(std::string_view text) {
    bytes.append(text).push_back('\0');
    return *this;
  }
  PgWriter& Raw(std::string_view raw) {
    bytes.append(raw);
    return *this;
  }
  PgWriter& Tuple(const std::vector<std::pair<char, std::string>>& values) {
    Short(static_cast<uint16_t>(values.size()));
    for (const auto& [kind, text] : values) {
      Kind(kind);
      if (kind == 't') Int(static_cast<uint32_t>(text.size())).Raw(text);
    }
    return *this;
  }
};

}  // namespace freshet::postgres
