#include "connectors/fhir/scanner.h"

#include <algorithm>

namespace freshet::fhir {

void JsonScanner::Reset() {
  frames_.clear();
  std::fill(found_.begin(), found_.end(), std::string());
  text_.clear();
  in_string_ = escaped_ = broken_ = false;
}

std::string_view JsonScanner::found(std::string_view place) const {
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i] == place) return found_[i];
  }
  return "";
}

JsonScanner::Event JsonScanner::Step(char c) {
  if (broken_) return Event::kBroken;
  if (in_string_) {
    if (!escaped_ && c == '"') {
      in_string_ = false;
      EndString();
      return Event::kNone;
    }
    escaped_ = !escaped_ && c == '\\';
    if (text_.size() <= kMostFound) text_.push_back(c);
    return Event::kNone;
  }
  switch (c) {
    case '"':
      in_string_ = true;
      text_.clear();
      return Event::kNone;
    case '{':
    case '[':
      return Open(c == '[');
    case '}':
    case ']':
      return Close(c == ']');
    case ':':
      if (!frames_.empty()) frames_.back().in_value = true;
      return Event::kNone;
    case ',':
      if (!frames_.empty()) frames_.back().in_value = false;
      return Event::kNone;
    default:
      return Event::kNone;
  }
}

JsonScanner::Event JsonScanner::Open(bool array) {
  if (frames_.size() == kMostDepth) {
    broken_ = true;
    return Event::kBroken;
  }
  Frame frame{.array = array, .name = {}, .key = {}};
  if (!frames_.empty() && !frames_.back().array) frame.name = frames_.back().key;
  frames_.push_back(std::move(frame));
  return Event::kOpen;
}

JsonScanner::Event JsonScanner::Close(bool array) {
  if (frames_.empty() || frames_.back().array != array) {
    broken_ = true;
    return Event::kBroken;
  }
  frames_.pop_back();
  return Event::kClose;
}

void JsonScanner::EndString() {
  if (frames_.empty() || text_.size() > kMostFound) text_.clear();
  if (frames_.empty() || frames_.back().array) return;
  Frame& frame = frames_.back();
  if (!frame.in_value) {
    frame.key = text_;
    return;
  }
  for (size_t i = 0; i < places_.size(); ++i) {
    if (Stands(places_[i])) found_[i] = text_;
  }
}

// Whether the names of the brackets and the key of the innermost are those of the place.
bool JsonScanner::Stands(std::string_view place) const {
  for (size_t i = 1; i < frames_.size(); ++i) {
    const std::string& name = frames_[i].name;
    if (frames_[i - 1].array || !place.starts_with(name) || place.size() <= name.size() || place[name.size()] != '.') {
      return false;
    }
    place.remove_prefix(name.size() + 1);
  }
  return place == frames_.back().key;
}

}  // namespace freshet::fhir
