#include "connectors/hl7/decoder.h"

#include <algorithm>
#include <map>

#include "common/hl7/timestamp.h"
#include "connectors/hl7/people.h"

namespace freshet::hl7 {
namespace {

using Segments = std::vector<const Segment*>;

// One OBR with what belongs to it, and what is said of its patient before it.
struct Report {
  const Segment* obr = nullptr;
  const Segment* pid = nullptr;
  Segments segments;
};

class Documents {
 public:
  Documents(const Message& message, const PatientRule& rule) : message_(message), rule_(rule) {}

  Result<std::vector<ChangeEvent>> Read() && {
    if (rule_.head.type == "MDM") FRESHET_RETURN_IF_ERROR(AddNote());
    if (rule_.head.type == "ORU") {
      FRESHET_ASSIGN_OR_RETURN(const std::vector<Report> reports, ReportsOf());
      FRESHET_RETURN_IF_ERROR(AddReports(reports));
    }
    if (rule_.head.type == "OUL") FRESHET_RETURN_IF_ERROR(AddReports({Whole()}));
    return std::move(events_);
  }

 private:
  // `id`, or where there is none a name that no other message has.
  Result<std::string> Named(std::string kind, const std::string& id) {
    if (!id.empty()) return kind + "/" + id;
    if (rule_.head.control_id.empty()) return Status(Code::kMalformedDocument, "Nothing names the document");
    kind += "/" + rule_.head.sender + "/" + rule_.head.control_id;
    return ++unnamed_ == 1 ? kind : kind + "/" + std::to_string(unnamed_);
  }

  Upsert UpsertOf(const Segments& segments, const Segment* pid, const std::string& id) const {
    Upsert upsert{.content = Compose(message_, segments), .media_type = std::string(kMediaType), .native_id = id};
    upsert.access_scope = ScopeId(ScopeOf(""));
    const std::string patient = pid == nullptr ? "" : PatientOf(message_, *pid, rule_);
    if (!patient.empty()) upsert.patients.emplace_back(patient);
    return upsert;
  }

  void SetEffective(std::string_view field, Upsert& upsert) const {
    const Result<int64_t> micros = ParseTimestamp(message_.Component(field, 1));
    if (micros.ok()) upsert.effective = FromMicros(*micros);
  }

  void Add(const std::string& id, Change change) {
    events_.push_back({.origin = {.document = DocumentId(id)}, .change = std::move(change)});
  }

  Status AddNote() {
    const std::string& trigger = rule_.head.trigger;
    const Segment* const txa = message_.Find("TXA");
    const std::string id = txa == nullptr ? "" : EiOf(message_, txa->Field(12));
    const bool content = IsOneOf(trigger, {"T02", "T04", "T06", "T08", "T10"});
    const bool gone = txa != nullptr && IsOneOf(message_.Component(txa->Field(19), 1), {"CA", "OB", "UN"});
    if (trigger == "T11" || (gone && !id.empty())) {
      if (id.empty()) return Status(Code::kMalformedDocument, "TXA-12 does not name the document that is cancelled");
      const bool error = trigger == "T11";
      Add("mdm/" + id, Delete{.reason = error ? Delete::Reason::kEnteredInError : Delete::Reason::kDeleted});
      return OkStatus();
    }
    if (!content) return OkStatus();
    FRESHET_ASSIGN_OR_RETURN(const std::string name, Named("mdm", id));
    Segments all;
    for (const Segment& segment : message_.segments()) all.push_back(&segment);
    Upsert upsert = UpsertOf(all, message_.Find("PID"), name);
    if (txa != nullptr) {
      upsert.title = message_.Words(txa->Field(2));
      upsert.access_scope = ScopeId(ScopeOf(message_.Component(txa->Field(18), 1)));
      SetEffective(txa->Field(4), upsert);
    }
    Add(name, std::move(upsert));
    const std::string parent = txa == nullptr ? "" : EiOf(message_, txa->Field(13));
    if (trigger == "T10" && !parent.empty() && parent != id) Add("mdm/" + parent, Delete{});
    return OkStatus();
  }

  Report Whole() const {
    Report whole{.obr = message_.Find("OBR"), .pid = message_.Find("PID"), .segments = {}};
    for (const Segment& segment : message_.segments()) whole.segments.push_back(&segment);
    return whole;
  }

  // ORC stands before its OBR; what is said before the first of them is of the patient.
  Result<std::vector<Report>> ReportsOf() const {
    const std::vector<Segment>& all = message_.segments();
    std::vector<Report> reports;
    Segments patient = {&all[0]}, order;
    const Segment* pid = nullptr;
    bool in_report = false;
    size_t repeated = 0;  // bytes of what is said of a patient, in each of the reports
    for (size_t i = 1; i < all.size(); ++i) {
      const Segment& segment = all[i];
      if (segment.name == "PID") {
        patient = {&all[0]}, order.clear();
        pid = &segment, in_report = false;
      }
      if (segment.name == "ORC") {
        order = {&segment}, in_report = false;
      } else if (segment.name == "OBR") {
        for (const Segment* const one : patient) repeated += one->line.size() + 1;
        if (repeated > kMostMessageBytes) return Status(Code::kDocumentTooLarge, "Too many reports in a message");
        reports.push_back({.obr = &segment, .pid = pid, .segments = patient});
        Segments& target = reports.back().segments;
        target.insert(target.end(), order.begin(), order.end());
        target.push_back(&segment);
        order.clear(), in_report = true;
      } else {
        Segments& target = in_report ? reports.back().segments : order.empty() ? patient : order;
        target.push_back(&segment);
      }
    }
    return reports;
  }

  Result<std::string> NameOf(const Report& report) {
    std::string id = report.obr == nullptr ? "" : EiOf(message_, report.obr->Field(3));
    if (id.empty() && report.obr != nullptr) id = EiOf(message_, report.obr->Field(2));
    const std::string code = report.obr == nullptr ? "" : message_.Component(report.obr->Field(4), 1);
    return Named("report", id.empty() || code.empty() ? id : id + "/" + code);
  }

  // Reports of one name are one document: of the later its own segments are added.
  Status AddReports(const std::vector<Report>& reports) {
    if (reports.empty()) return Status(Code::kMalformedDocument, "A report without OBR");
    std::map<std::string, size_t> places;
    std::vector<Report> merged;
    for (const Report& report : reports) {
      FRESHET_ASSIGN_OR_RETURN(std::string name, NameOf(report));
      const auto [place, is_new] = places.try_emplace(std::move(name), merged.size());
      if (is_new) {
        merged.push_back(report);
        continue;
      }
      Segments& all = merged[place->second].segments;
      all.insert(all.end(), std::find(report.segments.begin(), report.segments.end(), report.obr),
                 report.segments.end());
    }
    for (const auto& [name, place] : places) AddReport(name, merged[place]);
    return OkStatus();
  }

  void AddReport(const std::string& name, const Report& report) {
    const Segment& obr = report.obr == nullptr ? message_.segments().front() : *report.obr;
    if (report.obr != nullptr && message_.Component(obr.Field(25), 1) == "X") return Add(name, Delete{});
    Upsert upsert = UpsertOf(report.segments, report.pid, name);
    if (report.obr != nullptr) {
      upsert.title = message_.Component(obr.Field(4), 2);
      if (upsert.title.empty()) upsert.title = message_.Component(obr.Field(4), 1);
      SetEffective(obr.Field(7), upsert);
    }
    Add(name, std::move(upsert));
  }

  const Message& message_;
  const PatientRule& rule_;
  std::vector<ChangeEvent> events_;
  int unnamed_ = 0;
};

}  // namespace

std::string ScopeOf(std::string_view confidentiality) {
  const bool usual = confidentiality.empty() || IsOneOf(confidentiality, {"U", "N"});
  return "/" + std::string(usual ? "" : confidentiality);
}

Result<Decoded> Decode(const Message& message, const Hl7Options& options) {
  Decoded decoded{.head = HeadOf(message), .events = {}};
  const PatientRule rule{decoded.head, options.patient_authority};
  FRESHET_ASSIGN_OR_RETURN(decoded.events, IdentitiesOf(message, rule));
  FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> documents, Documents(message, rule).Read());
  std::move(documents.begin(), documents.end(), std::back_inserter(decoded.events));
  return decoded;
}

}  // namespace freshet::hl7
