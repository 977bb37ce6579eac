// JsonReader: the members of one object as they were written, and values as cells of a row.
//
//   JsonReader json;
//   simdjson::padded_string line(text);
//   Members members;
//   if (json.ReadMembers(line, members)) json.TextOf(members, "type"), RawOf(members, "record") ...
//
// What is read lies in memory behind which simdjson may read SIMDJSON_PADDING bytes: a padded string, and any piece of
// one. Numbers keep their digits, what is nested keeps its text. One thread; for message.cc alone.
#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/rows/row.h"

namespace freshet::singer {

using JsonValue = simdjson::ondemand::value;
using Members = std::map<std::string, std::string_view, std::less<>>;

// "" where there is none.
std::string_view RawOf(const Members& members, std::string_view name);
// Of a number with a fraction its whole part.
std::optional<int64_t> NumberOf(std::string_view raw);
// A value as it was written; "" where it is none.
std::string_view RawOf(JsonValue from);
// Nothing where its text is none.
std::optional<rows::Cell> CellOf(JsonValue from);

class JsonReader {
 public:
  // Calls each(name, value) until it says false. False: the text is no object, or each said so.
  template <class Each>
  bool EachMember(std::string_view text, const Each& each) {
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (!Open(text, document) || document.get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto field : object) {
      std::string_view name;
      JsonValue member;
      if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
      const std::string key(name);
      if (field.value().get(member) != simdjson::SUCCESS || !each(key, member)) return false;
    }
    return true;
  }
  bool ReadMembers(std::string_view text, Members& out);
  // The text of a JSON string; "" where it is none.
  std::string TextOf(std::string_view raw);
  std::string TextOf(const Members& members, std::string_view name) { return TextOf(RawOf(members, name)); }

 private:
  bool Open(std::string_view text, simdjson::ondemand::document& document);

  simdjson::ondemand::parser parser_;
};

}  // namespace freshet::singer
