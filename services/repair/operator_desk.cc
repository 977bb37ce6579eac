#include "services/repair/operator_desk.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace freshet::repair {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostListed = 10'000;

std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Status Wrong(const std::string& what) { return Status(Code::kInvalidArgument, what); }

// An object with none but these keys; an empty body is an empty object.
Result<Json> ParseBody(const std::string& body, std::initializer_list<std::string_view> keys) {
  if (body.empty()) return Json(Json::object());
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return Wrong("the body must be a JSON object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) return Wrong("the body has a key that is not known");
  }
  return json;
}

Result<std::string> TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return std::string();
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    return Wrong(std::string(key) + " must be a text");
  }
  return found->get<std::string>();
}

Result<bool> FlagOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return false;
  if (!found->is_boolean()) return Wrong(std::string(key) + " must be true or false");
  return found->get<bool>();
}

struct Texts {
  std::string id, source, code;
};

Result<LetterFilter> FilterOf(const Texts& texts) {
  LetterFilter filter{.id = texts.id, .source = SourceName(texts.source)};
  if (!texts.code.empty()) {
    filter.code = CodeOf(texts.code);
    if (!filter.code) return Wrong("no code has this name");
  }
  return filter;
}

// What is to be replayed or dropped: everything only where it is said.
Result<LetterFilter> SelectionOf(const std::string& body) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ParseBody(body, {"id", "source", "code", "all"}));
  Texts texts;
  FRESHET_ASSIGN_OR_RETURN(texts.id, TextOf(json, "id"));
  FRESHET_ASSIGN_OR_RETURN(texts.source, TextOf(json, "source"));
  FRESHET_ASSIGN_OR_RETURN(texts.code, TextOf(json, "code"));
  FRESHET_ASSIGN_OR_RETURN(const bool all, FlagOf(json, "all"));
  const bool some = !(texts.id + texts.source + texts.code).empty();
  if (some == all) return Wrong("say which letters: id, source or code, or \"all\": true");
  return FilterOf(texts);
}

Json LetterJson(const LetterRow& row) {
  const DeadLetter& letter = row.letter;
  return {{"id", row.id},
          {"code", NameOf(letter.code)},
          {"stage", NameOf(letter.stage)},
          {"source", letter.origin.source.value},
          {"collection", letter.origin.collection.value},
          {"document_id", letter.origin.document.value},
          {"version", letter.origin.version.ToString()},
          {"committed_at", FormatTime(letter.origin.committed)},
          {"skipped_at", FormatTime(letter.skipped)},
          {"replayable", row.replayable},
          {"runbook", "runbooks/codes/" + std::string(NameOf(letter.code)) + ".md"}};
}

std::string AuditOf(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  std::string text;
  for (const char* key : {"id", "source", "code"}) {
    if (json.is_object() && json.contains(key) && json[key].is_string()) {
      text += (text.empty() ? "" : " ") + std::string(key) + "=" + json[key].get<std::string>();
    }
  }
  return text.empty() ? "all" : text;
}

}  // namespace

Result<OperatorAnswer> OperatorDesk::Do(const OperatorCall& call) {
  using Work = Result<OperatorAnswer> (OperatorDesk::*)(const OperatorCall&);
  static constexpr std::pair<std::string_view, Work> kWork[] = {
      {"dead_letters", &OperatorDesk::List},   {"replay", &OperatorDesk::Replay},
      {"drop", &OperatorDesk::Drop},           {"pause", &OperatorDesk::Pause},
      {"resume", &OperatorDesk::Resume},       {"backfill", &OperatorDesk::Backfill},
      {"reconcile", &OperatorDesk::Reconcile}, {"receipt", &OperatorDesk::Certify}};
  for (const auto& [action, work] : kWork) {
    if (action == call.action) return (this->*work)(call);
  }
  return Status(Code::kInternalError, "an action that no desk knows");
}

Result<OperatorAnswer> OperatorDesk::List(const OperatorCall& call) {
  const auto parameter = [&](const char* name) {
    const auto found = call.parameters.find(name);
    return found == call.parameters.end() ? std::string() : found->second;
  };
  FRESHET_ASSIGN_OR_RETURN(const LetterFilter filter,
                           FilterOf({parameter("id"), parameter("source"), parameter("code")}));
  size_t limit = 1000;
  if (const std::string text = parameter("limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > kMostListed) {
      return Wrong("limit must be a number from 1 to " + std::to_string(kMostListed));
    }
  }
  FRESHET_ASSIGN_OR_RETURN(const std::vector<LetterRow> rows, letters_.List(filter, limit));
  Json letters = Json::array();
  for (const LetterRow& row : rows) letters.push_back(LetterJson(row));
  return OperatorAnswer{Text({{"letters", std::move(letters)}}), filter.id};
}

Result<OperatorAnswer> OperatorDesk::Replay(const OperatorCall& call) {
  FRESHET_ASSIGN_OR_RETURN(const LetterFilter filter, SelectionOf(call.body));
  FRESHET_ASSIGN_OR_RETURN(const Replayed done, letters_.Replay(filter));
  if (!filter.id.empty() && done.replayed + done.expired == 0) return Status(Code::kNotFound, "no letter has this id");
  return OperatorAnswer{Text({{"replayed", done.replayed}, {"expired", done.expired}, {"more", done.more}}),
                        AuditOf(call.body)};
}

Result<OperatorAnswer> OperatorDesk::Drop(const OperatorCall& call) {
  FRESHET_ASSIGN_OR_RETURN(const LetterFilter filter, SelectionOf(call.body));
  FRESHET_ASSIGN_OR_RETURN(const uint64_t dropped, letters_.Drop(filter));
  if (!filter.id.empty() && dropped == 0) return Status(Code::kNotFound, "no letter has this id");
  return OperatorAnswer{Text({{"dropped", dropped}}), AuditOf(call.body)};
}

Result<OperatorAnswer> OperatorDesk::Pause(const OperatorCall& call) {
  FRESHET_RETURN_IF_ERROR(ParseBody(call.body, {}).status());
  FRESHET_RETURN_IF_ERROR(sources_.Pause(SourceName(call.subject)));
  return OperatorAnswer{Text({{"source", call.subject}, {"paused", true}}), call.subject};
}

Result<OperatorAnswer> OperatorDesk::Resume(const OperatorCall& call) {
  FRESHET_RETURN_IF_ERROR(ParseBody(call.body, {}).status());
  FRESHET_RETURN_IF_ERROR(sources_.Resume(SourceName(call.subject)));
  return OperatorAnswer{Text({{"source", call.subject}, {"paused", false}}), call.subject};
}

Result<OperatorAnswer> OperatorDesk::Backfill(const OperatorCall& call) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ParseBody(call.body, {"since", "documents"}));
  Wish wish;
  FRESHET_ASSIGN_OR_RETURN(const std::string since, TextOf(json, "since"));
  if (!since.empty()) {
    FRESHET_ASSIGN_OR_RETURN(wish.since, ParseTime(since));
  }
  if (json.contains("documents")) {
    if (!json["documents"].is_array() || json["documents"].empty()) return Wrong("documents must be a list of ids");
    for (const Json& id : json["documents"]) {
      if (!id.is_string()) return Wrong("documents must be a list of ids");
      wish.documents.push_back(id.get<std::string>());
    }
  }
  FRESHET_RETURN_IF_ERROR(sources_.Backfill(SourceName(call.subject), wish));
  return OperatorAnswer{Text({{"source", call.subject}, {"asked", true}}), call.subject};
}

Result<OperatorAnswer> OperatorDesk::Reconcile(const OperatorCall& call) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ParseBody(call.body, {"mend"}));
  FRESHET_ASSIGN_OR_RETURN(const bool mend, FlagOf(json, "mend"));
  FRESHET_ASSIGN_OR_RETURN(const Reconciled found,
                           sources_.Reconcile(SourceName(call.subject), mend ? Mend::kYes : Mend::kNo));
  Json skipped = Json::object();
  for (const auto& [code, count] : found.skipped) skipped[std::string(NameOf(code))] = count;
  return OperatorAnswer{Text({{"source", call.subject},
                              {"in_source", found.in_source},
                              {"in_index", found.in_index},
                              {"missing_count", found.missing_count},
                              {"missing", found.missing},
                              {"surplus_count", found.surplus_count},
                              {"surplus", found.surplus},
                              {"skipped", std::move(skipped)},
                              {"mending", found.mending}}),
                        call.subject + (found.mending ? " mended" : "")};
}

Result<OperatorAnswer> OperatorDesk::Certify(const OperatorCall& call) {
  const auto collection = call.parameters.find("collection");
  if (collection == call.parameters.end() || collection->second.empty()) {
    return Wrong("the parameter \"collection\" is missing");
  }
  FRESHET_ASSIGN_OR_RETURN(Receipt receipt,
                           receipts_.Make(CollectionName(collection->second), DocumentId(call.subject)));
  return OperatorAnswer{std::move(receipt.json), call.subject + " sha256=" + receipt.sha256};
}

}  // namespace freshet::repair
