// The canary's note in every format that has a parser: what each shows, and the places of each where a name may hide.
//
//   for (const Formatted& one : CanaryFormats()) Run(one.media_type, one.content);
#pragma once

#include <zip.h>

#include <string>
#include <vector>

#include "tests/privacy/canary.h"

namespace freshet {

struct Formatted {
  std::string media_type;
  std::string content;
};

inline std::vector<std::string> CanaryParagraphs() {
  std::vector<std::string> all;
  const std::string note = kNote;
  for (size_t at = 0, end = 0; end != std::string::npos; at = end + 2) {
    end = note.find("\n\n", at);
    all.push_back(note.substr(at, end == std::string::npos ? end : end - at));
  }
  return all;
}

// Each paragraph between two texts.
inline std::string Wrapped(const std::string& before, const std::string& after) {
  std::string all;
  for (const std::string& one : CanaryParagraphs()) all += before + one + after;
  return all;
}

inline std::string Base64Of(const std::string& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63];
  }
  return out;
}

inline std::string CanaryHtml() {
  return "<html><head><title>Quillfeather, Zephyrine</title><meta name=\"author\" content=\"Quillfeather\"></head>"
         "<body title=\"Quillfeather\"><!-- Quillfeather --><img alt=\"Quillfeather\" src=\"canaryfile.png\">" +
         Wrapped("<p id=\"p-47118399\">", "</p>") + "</body></html>";
}

inline std::string CanaryCcda() {
  return "<ClinicalDocument><title>Quillfeather, Zephyrine</title><recordTarget><patientRole><id "
         "extension=\"47118399\"/>"
         "<patient><name><family>Quillfeather</family></name></patient></patientRole></recordTarget><component>"
         "<structuredBody><component><section><code code=\"Quill feather\" displayName=\"Quillfeather\"/><title>Course "
         "of "
         "Zephyrine Quillfeather</title><text ID=\"Quillfeather\">" +
         Wrapped("<paragraph ID=\"p-47118399\">", "</paragraph>") +
         "</text></section></component></structuredBody></component></ClinicalDocument>";
}

inline std::string CanaryFhir() {
  return R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":[{"family":"Quillfeather"}],)"
         R"("identifier":[{"value":"4711-83-99"}]}},{"fullUrl":"urn:Quillfeather","resource":{"resourceType":)"
         R"("DocumentReference","id":"canaryfile","description":"Letter of Zephyrine Quillfeather","subject":{"display":)"
         R"("Quillfeather"},"content":[{"attachment":{"contentType":"text/html","title":"canaryfile_quillfeather.html",)"
         R"("url":"canaryfile","data":")" +
         Base64Of(CanaryHtml()) + R"("}}]}}]})";
}

inline std::string CanaryMail() {
  return "Subject: Zephyrine Quillfeather\r\nFrom: Zephyrine Quillfeather <zq@feather.example>\r\nTo: \"QUILLFEATHER, "
         "ZEPHYRINE\" <zq@feather.example>\r\nX-Patient: Quillfeather\r\nMIME-Version: 1.0\r\nContent-Type: "
         "multipart/mixed; boundary=quillfeather\r\n\r\nQuillfeather\r\n--quillfeather\r\nContent-Type: text/plain; "
         "charset=utf-8; name=\"canaryfile_quillfeather.txt\"\r\nContent-Description: Quillfeather\r\n\r\n" +
         std::string(kNote) + "\r\n--quillfeather--\r\nQuillfeather\r\n";
}

inline std::string CanaryDocx() {
  const std::string body =
      "<d><body>" + Wrapped("<p><r><t xml:space=\"preserve\">", "</t></r></p>") +
      "<p><del author=\"Quillfeather\"><r><delText>Quillfeather</delText></r></del></p></body></d>";
  const std::string core = "<c><creator>Quillfeather</creator><title>Letter of Zephyrine Quillfeather</title></c>";
  zip_error_t error;
  zip_source_t* const target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* const archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  zip_source_keep(target);
  const auto add = [archive](const char* name, const std::string& text) {
    zip_file_add(archive, name, zip_source_buffer(archive, text.data(), text.size(), 0), 0);
  };
  add("word/document.xml", body);
  add("docProps/core.xml", core);
  add("canaryfile_quillfeather.txt", body);
  zip_close(archive);
  zip_source_open(target);
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

// One wide page with a line a sentence, in the letters that its font has.
inline std::string CanaryPdf() {
  std::string stream = "BT /F1 9 Tf 14 TL 20 760 Td ";
  for (const std::string& paragraph : CanaryParagraphs()) {
    std::string line;
    for (const char c : paragraph) {
      if (c == '(' || c == ')' || c == '\\') line += '\\';
      if (static_cast<uint8_t>(c) < 0x80) line += c == '\n' ? ' ' : c;
    }
    stream += "(" + line + ") Tj T* T* ";
  }
  stream += "ET";
  const std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R>>",
      "<</Type/Pages/Count 1/Kids[4 0 R]>>",
      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 4000 792]/Resources<</Font<</F1 3 0 R>>>>/Contents 5 0 R>>",
      "<</Length " + std::to_string(stream.size()) + ">>stream\n" + stream + "\nendstream",
      "<</Title(Letter of Zephyrine Quillfeather)/Author(Quillfeather)>>"};
  std::string pdf = "%PDF-1.4\n", table = "0000000000 65535 f \n";
  for (size_t i = 0; i < objects.size(); ++i) {
    const std::string at = std::to_string(pdf.size());
    table += std::string(10 - at.size(), '0') + at + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string end = std::to_string(pdf.size());
  return pdf + "xref\n0 7\n" + table + "trailer<</Root 1 0 R/Info 6 0 R/Size 7>>\nstartxref\n" + end + "\n%%EOF\n";
}

inline std::string CanaryRtf() {
  std::string body;
  for (const std::string& paragraph : CanaryParagraphs()) {
    for (const char c : paragraph) {
      if (static_cast<uint8_t>(c) < 0x80) body += c;
    }
    body += "\\par\n";
  }
  return "{\\rtf1{\\info{\\title Letter of Zephyrine Quillfeather}{\\author Quillfeather}}{\\header Quillfeather}{\\v "
         "Quillfeather}" +
         body + "}";
}

inline std::string CanaryHl7() {
  std::string message =
      "MSH|^~\\&|Quillfeather|WARD|||20260131||MDM^T02|p-47118399|P|2.5\rPID|1||4711-83-99^^^W^MR||QUILLFEATHER^"
      "ZEPHYRINE||19610304|||17 Lanternjaw Lane^^Tarrywile||(617)555-0147\rNK1|1|QUILLFEATHER^OTTO\r"
      "TXA|1|DS^Letter of Zephyrine Quillfeather||||||||||canaryfile\rOBX|1|XPN|N||QUILLFEATHER^ZEPHYRINE\r"
      "ZZZ|1|Quillfeather\rOBX|2|ED|N||Quillfeather^TEXT^HTML^Base64^" +
      Base64Of(CanaryHtml()) + "\r";
  for (const std::string& paragraph : CanaryParagraphs()) {
    std::string text;
    for (const char c : paragraph) text += c == '\n' ? "\\.br\\" : std::string(1, c);
    message += "OBX|3|TX|N||" + text + "\rOBX|4|TX|N||\r";
  }
  return message;
}

inline std::vector<Formatted> CanaryFormats() {
  return {{"text/plain", kNote},
          {"text/markdown", kNote},
          {"text/html", CanaryHtml()},
          {"text/csv", "Quillfeather;Zephyrine;note\n" + Wrapped("47118399;4711-83-99;\"", "\"\n")},
          {"application/cda+xml", CanaryCcda()},
          {"application/fhir+json", CanaryFhir()},
          {"message/rfc822", CanaryMail()},
          {"application/hl7-v2", CanaryHl7()},
          {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", CanaryDocx()},
          {"application/pdf", CanaryPdf()},
          {"application/rtf", CanaryRtf()}};
}

}  // namespace freshet
