#include "services/deid/deid.h"

#include <chrono>

#include "common/base/utf8.h"
#include "schemas/codec.h"
#include "schemas/opaque_patient.h"
#include "services/deid/clean_document_maker.h"
#include "services/deid/cleaner.h"
#include "services/deid/date_shift.h"
#include "services/deid/document_names.h"
#include "services/deid/parse/parser.h"

namespace freshet {

size_t MemoryBytes(const Upsert& upsert) {
  size_t bytes = sizeof(upsert) + upsert.content.size() + upsert.title.size() + upsert.uri.size();
  for (const Attribute& attribute : upsert.attributes) {
    for (const std::string& value : attribute.values) bytes += sizeof(value) + value.size();
  }
  return bytes;
}

}  // namespace freshet

namespace freshet::deid {
namespace {

// 1 January of the same year.
Time YearOf(Time time) {
  if (ToMicros(time) == 0) return time;
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return Time(std::chrono::sys_days(day.year() / std::chrono::January / 1));
}

// Whose days dates are moved by: the first patient's, or of whom that one was merged into; the document's own where it
// is about nobody known.
std::string PatientOf(const Deid::Input& input, const Roster* roster) {
  const Upsert& upsert = input.body;
  const std::string prefix = input.origin.source.value + "/";
  if (upsert.patients.empty()) return prefix + "document/" + upsert.native_id;
  const PatientId& patient = upsert.patients.front();
  return prefix + "patient/" + (roster == nullptr ? patient : roster->SurvivorOf(input.origin.source, patient)).value;
}

ReplaceKeys ReplaceKeysOf(const Upsert& upsert, const std::string& patient, const KeyRing& keys) {
  ReplaceKeys own{.keys = keys.Require({KeyPurpose::kSurrogate}).ok() ? &keys : nullptr, .patient = patient};
  if (ToMicros(upsert.effective) != 0) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(upsert.effective));
    own.year = static_cast<int>(day.year());
  }
  return own;
}

// Without a key there is no number of days: the year alone is left.
Time Effective(Time time, const CleanJob& job) {
  if (ToMicros(time) == 0 || job.policy.effective_time == EffectiveTime::kKeep) return time;
  if (job.policy.effective_time == EffectiveTime::kYear || job.keys.keys == nullptr) return YearOf(time);
  return time + std::chrono::days(DaysFor(*job.keys.keys, job.keys.patient, job.policy.keep_weekdays));
}

// What a document is cleaned by. Neither input nor state may go before it.
class DocumentJob {
 public:
  DocumentJob(const Deid::Input& input, const DeidState& state)
      : literals_(NamesOfDocument(input.body)),
        whose_(PatientOf(input, state.roster.get())),
        job_{state.PolicyOf(input.origin.collection),
             {.roster = state.roster.get(),
              .source = input.origin.source,
              .patients = input.body.patients,
              .scope = state.PolicyOf(input.origin.collection).roster_scope,
              .literals = &literals_},
             ReplaceKeysOf(input.body, whose_, *state.keys)} {}
  DocumentJob(const DocumentJob&) = delete;
  DocumentJob& operator=(const DocumentJob&) = delete;
  const CleanJob& operator*() const { return job_; }

 private:
  const IdentityForms literals_;
  const std::string whose_;
  const CleanJob job_;
};

// Everything of a document but its text.
class FieldCleaner {
 public:
  FieldCleaner(const Upsert& upsert, const CleanJob& job, Cleaner& cleaner)
      : upsert_(upsert), job_(job), cleaner_(cleaner) {}

  Result<std::string> Title(const ParsedDocument& parsed) const {
    const bool own = !upsert_.title.empty() && (!job_.policy.cleans || !IsNameOfDocument(upsert_, upsert_.title));
    const std::string& title = own ? upsert_.title : parsed.title;
    return Line({}, title);
  }

  Result<std::vector<Attribute>> Attributes() const {
    std::vector<Attribute> clean;
    for (const Attribute& attribute : upsert_.attributes) {
      Attribute one;
      FRESHET_ASSIGN_OR_RETURN(one.name, Line({}, attribute.name));
      for (const std::string& value : attribute.values) {
        FRESHET_ASSIGN_OR_RETURN(std::string line, Line(attribute.name, value));
        one.values.push_back(std::move(line));
      }
      clean.push_back(std::move(one));
    }
    return clean;
  }

 private:
  Result<std::string> Line(std::string_view announced_by, const std::string& line) const {
    if (!IsValidUtf8(line)) return Status(Code::kInvalidUtf8, "A title or attribute is not UTF-8.");
    if (!job_.policy.cleans) return line;
    return cleaner_.CleanLine(announced_by, line, job_);
  }

  const Upsert& upsert_;
  const CleanJob& job_;
  Cleaner& cleaner_;
};

}  // namespace

const Policy& DeidState::PolicyOf(const CollectionName& collection) const {
  static const std::shared_ptr<const Policy> kDefault = DefaultPolicy();
  const auto found = policies.find(collection);
  return found == policies.end() || found->second == nullptr ? *kDefault : *found->second;
}

Result<std::unique_ptr<Deid>> Deid::Make() {
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Cleaner> cleaner, Cleaner::Make());
  return std::unique_ptr<Deid>(new Deid(std::move(cleaner)));
}

Deid::Deid(std::unique_ptr<Cleaner> cleaner) : cleaner_(std::move(cleaner)) {}
Deid::~Deid() = default;

struct Deid::Made {
  CleanFields fields;
  Judgement judgement;
  std::optional<OffsetMap> map;
  bool maps = false;  // whether one is wanted
};

std::vector<Result<Deid::Outcome>> Deid::Process(std::span<const Input> batch, const DeidState& state) {
  std::vector<Result<Outcome>> outcomes;
  outcomes.reserve(batch.size());
  for (const Input& input : batch) {
    Made made{.maps = state.maps != nullptr};
    Result<CleanDocument> clean = CleanOne(input, state, made);
    if (clean.ok()) {
      if (made.map) state.maps->push_back({input.origin, std::move(*made.map)});
      outcomes.push_back(Outcome(Forward<CleanDocument>{std::move(clean).value()}));
    } else if (DispositionOf(clean.code()) == Disposition::kSkip) {
      outcomes.push_back(Outcome(Skipped{clean.code(), step()}));
    } else {
      outcomes.push_back(clean.status());
    }
  }
  return outcomes;
}

Judgement Deid::Judge(const Input& input, const DeidState& state) {
  Made made;
  made.judgement.code = CleanOne(input, state, made).code();
  return made.judgement;
}

Result<Explanation> Deid::ExplainText(const Input& input, const DeidState& state) {
  if (state.keys == nullptr) return Status(Code::kKeyMissing, "De-identification has no keys.");
  FRESHET_ASSIGN_OR_RETURN(const ParsedDocument parsed, Parse(input.body.media_type, input.body.content));
  return Explain(*cleaner_, parsed, *DocumentJob(input, state));
}

// Text, blocks, title, attributes and URI.
Status Deid::CleanFieldsOf(const Upsert& upsert, const CleanJob& job, Made& made) {
  auto& [fields, judgement, map, maps] = made;
  FRESHET_ASSIGN_OR_RETURN(ParsedDocument parsed, Parse(upsert.media_type, upsert.content));
  judgement.reason = HoldReason::kResidue;  // what quarantines from here on is verification
  judgement.risk = 1;
  const FieldCleaner field(upsert, job, *cleaner_);
  FRESHET_ASSIGN_OR_RETURN(fields.title, field.Title(parsed));
  FRESHET_ASSIGN_OR_RETURN(fields.attributes, field.Attributes());
  judgement.risk = 0;
  if (!job.policy.cleans) {
    fields.text = std::move(parsed.text);
    fields.blocks = std::move(parsed.blocks);
    fields.uri = upsert.uri;
    return OkStatus();
  }
  judgement.risk = 1;
  FRESHET_ASSIGN_OR_RETURN(Cleaned clean, cleaner_->CleanText(parsed.text, parsed.blocks, job));
  judgement = {.reason = HoldReason::kDoubt, .risk = clean.risk};
  if (maps) map = OffsetMap::Of(parsed.text, clean.text, clean.edits);
  fields.text = std::move(clean.text);
  fields.blocks = std::move(clean.blocks);
  return OkStatus();
}

Result<CleanDocument> Deid::CleanOne(const Input& input, const DeidState& state, Made& made) {
  const Upsert& upsert = input.body;
  if (upsert.refused != Code::kOk) return Status(upsert.refused);
  if (state.keys == nullptr) return Status(Code::kKeyMissing, "De-identification has no keys.");
  const DocumentJob prepared(input, state);
  const CleanJob& job = *prepared;
  const Policy& policy = job.policy;
  const bool released = state.releases != nullptr && state.releases->Has(input.origin);
  CleanFields& fields = made.fields;
  fields.access_scope = upsert.access_scope;
  fields.policy = policy.Stamp();
  FRESHET_RETURN_IF_ERROR(CleanFieldsOf(upsert, job, made));
  Judgement& judgement = made.judgement;
  if (const Status known = CheckPatients(job); !known.ok() && !released) {
    judgement.reason = HoldReason::kUnknownPatient;
    return known;
  }
  if (!released && judgement.risk > policy.risk_limit) {
    return Status(Code::kQuarantined, "The document's risk is above its policy's limit.");
  }
  if (fields.blocks.empty()) return Status(Code::kEmptyDocument, "Nothing is left.");
  if (fields.text.size() > kMaxTextBytes) return Status(Code::kDocumentTooLarge, "Cleaned text is over the limit.");
  fields.effective = Effective(upsert.effective, job);
  for (const PatientId& patient : upsert.patients) fields.patients.push_back(OpaquePatient(*state.keys, patient));
  return CleanDocumentMaker::Make(std::move(fields));
}

}  // namespace freshet::deid
