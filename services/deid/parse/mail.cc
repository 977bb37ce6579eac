#include "services/deid/parse/mail.h"

#include <gmime/gmime.h>

#include <memory>
#include <mutex>

#include "common/base/utf8.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

void StartOnce() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string Valid(std::string text) { return IsValidUtf8(text) ? text : std::string(); }
std::string Take(char* text) {
  const std::string out = text == nullptr ? std::string() : std::string(text);
  g_free(text);
  return Valid(out);
}

std::string TypeOf(GMimeObject* part) {
  GMimeContentType* const type = g_mime_object_get_content_type(part);
  return type == nullptr ? "text/plain" : MediaTypeOf(Take(g_mime_content_type_get_mime_type(type)));
}

// The content, decoded; text in UTF-8.
std::string ContentOf(GMimePart* part) {
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  GMimeDataWrapper* const content = g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const char* const charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
  const bool text = TypeOf(GMIME_OBJECT(part)).starts_with("text/");
  if (!text || charset == nullptr) {
    g_mime_data_wrapper_write_to_stream(content, memory.get());
  } else {
    const Owned<GMimeStream> filtered(g_mime_stream_filter_new(memory.get()));
    const Owned<GMimeFilter> filter(g_mime_filter_charset_new(charset, "utf-8"));
    if (filter != nullptr) g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), filter.get());
    g_mime_data_wrapper_write_to_stream(content, filtered.get());
    g_mime_stream_flush(filtered.get());
  }
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

class MailReader {
 public:
  explicit MailReader(BlockWriter& out) : out_(out) {}

  Status Message(GMimeMessage* message, const std::string& path, int depth) {
    const char* const subject = g_mime_message_get_subject(message);
    if (subject != nullptr && out_.title().empty()) out_.set_title(std::string(Trimmed(Valid(subject))));
    Line("Subject", subject == nullptr ? "" : Valid(subject), path);
    Line("From", AddressesOf(g_mime_message_get_from(message)), path);
    Line("To", AddressesOf(g_mime_message_get_to(message)), path);
    Line("Cc", AddressesOf(g_mime_message_get_cc(message)), path);
    if (GDateTime* const date = g_mime_message_get_date(message))
      Line("Date", Take(g_date_time_format(date, "%Y-%m-%d %H:%M")), path);
    GMimeObject* const part = g_mime_message_get_mime_part(message);
    return part == nullptr ? OkStatus() : Part(part, path, depth + 1);
  }

 private:
  static std::string AddressesOf(InternetAddressList* list) {
    return list == nullptr ? std::string() : Take(internet_address_list_to_string(list, nullptr, FALSE));
  }
  void Line(const char* name, const std::string& text, const std::string& path) {
    if (Trimmed(text).empty()) return;
    out_.Open(Block::Kind::kParagraph, 0, "part=" + path);
    out_.Text(std::string(name) + ": " + text);
    out_.Break();
  }

  Status Part(GMimeObject* part, const std::string& path, int depth) {
    if (depth > kMostPartNesting || ++parts_ > kMostParts) {
      return Status(Code::kMalformedDocument, "Parts nest too deep, or are too many.");
    }
    if (GMIME_IS_MULTIPART(part)) return Multipart(GMIME_MULTIPART(part), path, depth);
    if (GMIME_IS_MESSAGE_PART(part)) {
      GMimeMessage* const message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
      return message == nullptr ? OkStatus() : Message(message, path + ".1", depth);
    }
    return GMIME_IS_PART(part) ? Leaf(GMIME_PART(part), path) : OkStatus();
  }

  Status Multipart(GMimeMultipart* multipart, const std::string& path, int depth) {
    const int count = g_mime_multipart_get_count(multipart);
    int from = 0;
    const bool alternative = TypeOf(GMIME_OBJECT(multipart)) == "multipart/alternative";
    // The last one that can be read says it best (RFC 2046, 5.1.4).
    for (int i = count - 1; alternative && i > 0 && from == 0; --i) {
      GMimeObject* const one = g_mime_multipart_get_part(multipart, i);
      if (GMIME_IS_MULTIPART(one) || FindParser(TypeOf(one)) != nullptr) from = i;
    }
    for (int i = from; i < count; ++i) {
      FRESHET_RETURN_IF_ERROR(
          Part(g_mime_multipart_get_part(multipart, i), path + "." + std::to_string(i + 1), depth + 1));
      if (alternative) break;
    }
    return OkStatus();
  }

  Status Leaf(GMimePart* part, const std::string& path) {
    const std::string type = TypeOf(GMIME_OBJECT(part));
    if (FindParser(type) == nullptr || FindParser(type) == &MailParser()) return OkStatus();
    const Result<ParsedDocument> parsed = Parse(type, ContentOf(part));
    if (parsed.code() == Code::kEmptyDocument) return OkStatus();
    FRESHET_RETURN_IF_ERROR(parsed.status());
    out_.Append(*parsed, "part=" + path);
    return OkStatus();
  }

  BlockWriter& out_;
  int parts_ = 0;
};

class Mail final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    StartOnce();
    const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
    if (message == nullptr) return Status(Code::kMalformedDocument, "No message.");
    if (g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(message.get()))) == 0) {
      return Status(Code::kMalformedDocument, "A message without headers.");
    }
    BlockWriter out;
    FRESHET_RETURN_IF_ERROR(MailReader(out).Message(message.get(), "1", 0));
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& MailParser() {
  static const Mail kParser;
  return kParser;
}

}  // namespace freshet::deid
