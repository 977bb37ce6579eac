// Message: an HL7 version 2 message in its vertical-bar form (HL7 v2.5.1, chapter 2), read without a schema.
//
//   FRESHET_ASSIGN_OR_RETURN(const hl7::Message message, hl7::Message::Parse(bytes));
//   const hl7::Segment* pid = message.Find("PID");
//   pid->Repeats(5)                          // {"DOE^JANE~...}" split at '~': views, still escaped
//   message.Component(pid->Field(5), 1)      // "DOE": text, unescaped
//
//   message  := segment { CR segment }        LF and CRLF are taken for CR
//   segment  := name(3) { '|' field }         MSH names the five separators: MSH|^~\&
//   field    := repeat { '~' repeat }   repeat := component { '^' component }   component := part { '&' part }
//   escapes  := \F\ \S\ \T\ \R\ \E\ \.br\ \.sp<n>\ \Xhh..\ ; \H\ \N\ and unknown ones are left out
//
// Text comes out as UTF-8, by MSH-18 (ASCII, 8859/1 to 8859/15, UNICODE UTF-8, and what iconv knows by its name); bytes
// that are none are read as ISO 8859-1. Codes: malformed_document (no MSH, or separators that are none),
// document_too_large (over kMostMessageBytes). Immutable: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::hl7 {

inline constexpr size_t kMostMessageBytes = 16u << 20;

// Views into the message.
struct Segment {
  std::string_view name;
  std::string_view line;                 // all of it, escaped
  std::vector<std::string_view> fields;  // [0] is field 1; of MSH, field 2 is the other separators

  // From 1, as the standard counts; "" where it is not there.
  std::string_view Field(size_t number) const {
    return number >= 1 && number <= fields.size() ? fields[number - 1] : std::string_view();
  }
};

class Message {
 public:
  static Result<Message> Parse(std::string_view bytes);
  Message(Message&&) = default;
  Message& operator=(Message&&) = default;

  const std::vector<Segment>& segments() const { return segments_; }
  // The first one; null where there is none.
  const Segment* Find(std::string_view name) const;
  // All of the message, in UTF-8, with CR as segment end.
  const std::string& text() const { return *text_; }
  char field_separator() const { return field_; }

  std::vector<std::string_view> Repeats(std::string_view field) const { return Split(field, repeat_); }
  // Of the first repeat, from 1, as text.
  std::string Component(std::string_view field, size_t number) const;
  // A component's part, from 1, as text.
  std::string Part(std::string_view field, size_t component, size_t part) const;
  // A field, or a piece of one, as text: escapes resolved, separators left where they are.
  std::string Text(std::string_view raw) const;
  // The same with what separates repeats and components as blanks.
  std::string Words(std::string_view field) const;

 private:
  Message() = default;
  Status ReadSeparators();
  void ReadSegments();
  std::string_view RawComponent(std::string_view field, size_t number) const;
  static std::vector<std::string_view> Split(std::string_view text, char at);

  std::unique_ptr<std::string> text_;  // what the views point into, wherever the message goes
  std::vector<Segment> segments_;
  char field_ = '|', component_ = '^', repeat_ = '~', escape_ = '\\', part_ = '&';
};

// Several messages in one text: a batch (FHS, BHS ... BTS, FTS) or MSH after MSH. Views of each, envelope left out.
std::vector<std::string_view> SplitMessages(std::string_view bytes);

// A message of some segments of another (its first is that one's MSH), which says that it is UTF-8, as its text now is.
std::string Compose(const Message& message, const std::vector<const Segment*>& segments);

}  // namespace freshet::hl7
