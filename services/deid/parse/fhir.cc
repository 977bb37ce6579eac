#include "services/deid/parse/fhir.h"

#include <simdjson.h>

#include <algorithm>

#include "services/deid/parse/base64.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/html_reader.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr uint32_t kMostSections = 6;    // levels
constexpr size_t kMostJsonNesting = 64;  // no FHIR resource needs more
constexpr size_t kXmlHead = 4096;        // of an attachment, to tell C-CDA from other XML

// What a person may have written in words, whichever resource it is of (FHIR R4, fields of type string or markdown).
constexpr std::string_view kWords[] = {"conclusion", "description",        "comment",
                                       "summary",    "patientInstruction", "clinicalImpression",
                                       "reasonText", "preamble",           "valueString"};
// Fields of codes with words of their own.
constexpr std::string_view kCodes[] = {"code",     "type",        "category",       "valueCodeableConcept",
                                       "bodySite", "reasonCode",  "interpretation", "medicationCodeableConcept",
                                       "method",   "vaccineCode", "conclusionCode"};
// Resources that are about people and not about what happened to them.
constexpr std::string_view kPeople[] = {"Patient", "RelatedPerson", "Person", "Practitioner", "PractitionerRole"};

template <class List>
bool Has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string_view TextOf(const object& from, std::string_view name) {
  std::string_view text;
  return from[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

class FhirReader {
 public:
  explicit FhirReader(BlockWriter& out) : out_(out) {}

  Status Resource(const object& resource, const std::string& path) {
    const std::string_view type = TextOf(resource, "resourceType");
    array entries;
    if (type == "Bundle") {
      if (resource["entry"].get(entries) != simdjson::SUCCESS) return OkStatus();
      size_t i = 0;
      for (const element entry : entries) {
        object inner;
        const std::string place = path + "entry[" + std::to_string(i++) + "].resource.";
        if (entry["resource"].get(inner) == simdjson::SUCCESS) FRESHET_RETURN_IF_ERROR(Resource(inner, place));
      }
      return OkStatus();
    }
    if (type.empty() || Has(kPeople, type)) return OkStatus();
    if (out_.title().empty()) out_.set_title(std::string(TitleOf(resource)));
    Heading(resource, type, path);
    return Body(resource, path);
  }

 private:
  static std::string_view TitleOf(const object& resource) {
    const std::string_view title = TextOf(resource, "title");
    return title.empty() ? TextOf(resource, "description") : title;
  }

  void Heading(const object& resource, std::string_view type, const std::string& path) {
    out_.Open(Block::Kind::kHeading, 1, PlaceOf(path));
    const std::string_view title = TextOf(resource, "title");
    out_.Text(title.empty() ? type : title);
    out_.Break();
  }

  Status Body(const object& resource, const std::string& path) {
    FRESHET_RETURN_IF_ERROR(Narrative(resource, path));
    Fields(resource, path);
    Components(resource, path);
    FRESHET_RETURN_IF_ERROR(Sections(resource, path, 2));
    return Attachments(resource, path);
  }

  void Fields(const object& from, const std::string& path) {
    for (const auto field : from) {
      const std::string at = path + std::string(field.key);
      if (Has(kCodes, field.key)) Codes(field.value, at);
      if (Has(kWords, field.key)) Words(field.value, at);
      if (field.key == "note") Notes(field.value, at);
      if (field.key == "valueQuantity") Quantity(field.value, at);
    }
  }

  Status Narrative(const object& from, const std::string& path) {
    std::string_view div;
    if (from["text"]["div"].get(div) != simdjson::SUCCESS) return OkStatus();
    FRESHET_ASSIGN_OR_RETURN(const ParsedDocument inner, ParsePart("text/html", div));
    out_.Append(inner, PlaceOf(path + "text"));
    return OkStatus();
  }

  void Line(std::string_view text, const std::string& path) {
    if (Trimmed(text).empty()) return;
    out_.Open(Block::Kind::kParagraph, 0, "path=" + path);
    out_.Text(text);
    out_.Break();
  }

  void Words(const element& value, const std::string& path) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) Line(text, path);
  }

  void Codes(const element& value, const std::string& path) {
    array many;
    if (value.get(many) == simdjson::SUCCESS) {
      for (const element one : many) Code(one, path);
    } else {
      Code(value, path);
    }
  }
  void Code(const element& value, const std::string& path) {
    object concept_;
    if (value.get(concept_) != simdjson::SUCCESS) return;
    const std::string_view text = TextOf(concept_, "text");
    if (!text.empty()) return Line(text, path);
    array codings;
    if (concept_["coding"].get(codings) != simdjson::SUCCESS) return;
    for (const element coding : codings) {
      object one;
      if (coding.get(one) != simdjson::SUCCESS || TextOf(one, "display").empty()) continue;
      return Line(TextOf(one, "display"), path);
    }
  }

  void Notes(const element& value, const std::string& path) {
    array notes;
    if (value.get(notes) != simdjson::SUCCESS) return;
    size_t i = 0;
    for (const element note : notes) {
      object one;
      const std::string at = path + "[" + std::to_string(i++) + "]";
      if (note.get(one) == simdjson::SUCCESS) Line(TextOf(one, "text"), at);
    }
  }

  // Of an observation of several values.
  void Components(const object& resource, const std::string& path) {
    array components;
    if (resource["component"].get(components) != simdjson::SUCCESS) return;
    size_t i = 0;
    for (const element one : components) {
      object component;
      const std::string at = path + "component[" + std::to_string(i++) + "].";
      if (one.get(component) == simdjson::SUCCESS) Fields(component, at);
    }
  }

  void Quantity(const element& value, const std::string& path) {
    object quantity;
    if (value.get(quantity) != simdjson::SUCCESS) return;
    element number;
    if (quantity["value"].get(number) != simdjson::SUCCESS) return;
    Line(simdjson::minify(number) + " " + std::string(TextOf(quantity, "unit")), path);
  }

  Status Sections(const object& from, const std::string& path, uint32_t level) {
    array sections;
    if (level > kMostSections || from["section"].get(sections) != simdjson::SUCCESS) return OkStatus();
    size_t i = 0;
    for (const element one : sections) {
      object section;
      const std::string at = path + "section[" + std::to_string(i++) + "].";
      if (one.get(section) != simdjson::SUCCESS) continue;
      out_.Open(Block::Kind::kHeading, level, PlaceOf(at));
      out_.Text(TextOf(section, "title"));
      out_.Break();
      FRESHET_RETURN_IF_ERROR(Narrative(section, at));
      FRESHET_RETURN_IF_ERROR(Sections(section, at, level + 1));
    }
    return OkStatus();
  }

  // DocumentReference.content[].attachment, DiagnosticReport.presentedForm[], Binary itself.
  Status Attachments(const object& resource, const std::string& path) {
    if (TextOf(resource, "resourceType") == "Binary") return Attachment(resource, path);
    for (const char* const name : {"content", "presentedForm"}) {
      array many;
      if (resource[name].get(many) != simdjson::SUCCESS) continue;
      size_t i = 0;
      for (const element one : many) {
        object attachment;
        const std::string at = path + name + "[" + std::to_string(i++) + "].";
        const bool nested = one["attachment"].get(attachment) == simdjson::SUCCESS;
        if (!nested && one.get(attachment) != simdjson::SUCCESS) continue;
        FRESHET_RETURN_IF_ERROR(Attachment(attachment, at));
      }
    }
    return OkStatus();
  }

  // One that nobody reads (an image) is no reason to lose the rest; a broken one is.
  Status Attachment(const object& attachment, const std::string& path) {
    const std::string_view data = TextOf(attachment, "data");
    std::string type = MediaTypeOf(TextOf(attachment, "contentType"));
    const bool readable = FindParser(type) != nullptr && FindParser(type) != &FhirParser();
    if (data.empty() || !(readable || IsXml(type))) return OkStatus();
    const auto bytes = DecodeBase64(data);
    if (!bytes) return Status(Code::kMalformedDocument, "An attachment that is no base64.");
    if (!readable && std::string_view(*bytes).substr(0, kXmlHead).find("ClinicalDocument") == bytes->npos)
      return OkStatus();
    if (!readable) type = "application/cda+xml";
    FRESHET_ASSIGN_OR_RETURN(const ParsedDocument inner, ParsePart(type, *bytes));
    out_.Append(inner, PlaceOf(path + "data"));
    return OkStatus();
  }

  // How C-CDA mostly comes; other XML is nobody's.
  static bool IsXml(std::string_view type) { return type == "text/xml" || type == "application/xml"; }

  // An empty part says nothing, and takes nothing away.
  static Result<ParsedDocument> ParsePart(const std::string& type, std::string_view bytes) {
    Result<ParsedDocument> parsed = Parse(type, bytes);
    return parsed.code() == Code::kEmptyDocument ? Result<ParsedDocument>(ParsedDocument()) : std::move(parsed);
  }

  static std::string PlaceOf(const std::string& path) {
    return "path=" + (path.ends_with('.') ? path.substr(0, path.size() - 1) : path.empty() ? "." : path);
  }

  BlockWriter& out_;
};

class Fhir final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    simdjson::dom::parser parser;
    if (parser.allocate(bytes.size(), kMostJsonNesting) != simdjson::SUCCESS) {
      return Status(Code::kMalformedDocument, "JSON that no parser takes.");
    }
    element root;
    if (const auto error = parser.parse(bytes.data(), bytes.size()).get(root)) {
      const bool text = error == simdjson::UTF8_ERROR;
      return Status(text ? Code::kInvalidUtf8 : Code::kMalformedDocument, simdjson::error_message(error));
    }
    object resource;
    if (root.get(resource) != simdjson::SUCCESS || TextOf(resource, "resourceType").empty()) {
      return Status(Code::kMalformedDocument, "JSON that is no FHIR resource.");
    }
    BlockWriter out;
    FRESHET_RETURN_IF_ERROR(FhirReader(out).Resource(resource, ""));
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& FhirParser() {
  static const Fhir kParser;
  return kParser;
}

}  // namespace freshet::deid
