// Known: what was published of the last so many documents, so that a listing need not send again what has not changed.
//
//   if (known.IsSame(event)) event.change = Present{};
//
// Holds 48 bytes a document and a little more. What fell out of memory counts as new. One thread.
#pragma once

#include <deque>
#include <map>

#include "common/base/bytes.h"
#include "schemas/change.h"

namespace freshet::singer {

class Known {
 public:
  explicit Known(size_t most) : most_(most) {}

  // Whether an upsert says what the last one of its document said; it is remembered. A delete is
  // forgotten.
  bool IsSame(const ChangeEvent& event) {
    if (event.origin.document.empty()) return false;
    const Hash128 name = HashOf(event.origin.document.value);
    const auto* const upsert = std::get_if<Upsert>(&event.change);
    const bool forget = std::holds_alternative<Delete>(event.change) || (upsert && upsert->refused != Code::kOk);
    if (forget) contents_.erase(name);
    if (forget || upsert == nullptr) return false;
    const Hash128 content = HashOf(TextOf(*upsert));
    const auto [place, is_new] = contents_.try_emplace(name, content);
    if (!is_new) return std::exchange(place->second, content) == content;
    order_.push_back(name);
    if (order_.size() > most_) {
      contents_.erase(order_.front());
      order_.pop_front();
    }
    return false;
  }
  void Clear() {
    contents_.clear();
    order_.clear();
  }

 private:
  static std::string TextOf(const Upsert& upsert) {
    std::string text;
    for (const std::string* const part :
         {&upsert.content, &upsert.media_type, &upsert.title, &upsert.uri, &upsert.access_scope.value}) {
      AppendText(text, *part);
    }
    for (const Attribute& attribute : upsert.attributes) {
      AppendText(text, attribute.name);
      for (const std::string& value : attribute.values) AppendText(text, value);
      AppendBig32(text, static_cast<uint32_t>(attribute.values.size()));
    }
    for (const PatientId& patient : upsert.patients) AppendText(text, patient.value);
    AppendBig64(text, static_cast<uint64_t>(ToMicros(upsert.effective)));
    return text;
  }

  const size_t most_;
  std::map<Hash128, Hash128> contents_;
  std::deque<Hash128> order_;
};

}  // namespace freshet::singer
