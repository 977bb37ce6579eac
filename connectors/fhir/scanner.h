// JsonScanner: walks through JSON text byte by byte, in pieces of any size, and knows where it is. It keeps no more
// than the names on the way to the present place and the strings of a few places, so that a resource of any size, or
// one that no parser takes, can still be told by its name.
//
//   JsonScanner scanner({"id", "meta.versionId"});
//   for (char c : bytes) event = scanner.Step(c);
//   scanner.found("meta.versionId")                     // "" where there is none, or it is no string
//
// It looks at brackets, quotes and names only: whether the text is JSON is for a parser to say. One thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::fhir {

class JsonScanner {
 public:
  enum class Event : uint8_t {
    kNone,
    kOpen,    // an object or array has begun: depth() counts it
    kClose,   // one has ended: depth() does not count it any more
    kBroken,  // brackets that do not match, or more than kMostDepth of them; for good
  };
  static constexpr size_t kMostDepth = 64;
  static constexpr size_t kMostFound = 512;  // bytes of a string that is kept; what is longer is none

  // Places by the names on the way to them, from the outermost object.
  explicit JsonScanner(std::vector<std::string_view> places) : places_(std::move(places)), found_(places_.size()) {}

  Event Step(char c);
  void Reset();

  size_t depth() const { return frames_.size(); }
  bool in_string() const { return in_string_; }
  // The name under which the bracket at this depth (from 1) stands in its parent; "" in an array, and of the outermost.
  std::string_view name(size_t depth) const { return frames_[depth - 1].name; }
  bool is_array(size_t depth) const { return frames_[depth - 1].array; }
  std::string_view found(std::string_view place) const;

 private:
  struct Frame {
    bool array = false;
    std::string name;  // of this bracket
    std::string key;   // of the member that is being read
    bool in_value = false;
  };
  void EndString();
  Event Open(bool array);
  Event Close(bool array);
  bool Stands(std::string_view place) const;

  const std::vector<std::string_view> places_;
  std::vector<std::string> found_;
  std::vector<Frame> frames_;
  std::string text_;  // of the string that is being read, to kMostFound
  bool in_string_ = false, escaped_ = false, broken_ = false;
};

}  // namespace freshet::fhir
