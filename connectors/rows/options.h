// MappingOptions: which rows are documents, who may read them, and whom they are about: one form for every relational
// source.
//
//   documents:
//     - table: public.note
//       id: "note/{id}"
//       content: "{body}"
//       scope: "ward/{ward}"
//       patients: ["{patient_id}"]
//       children: [{table: public.addendum, parent: [note_id], order: [seq], content: "\n\nAddendum {seq}\n{body}"}]
//   access:  [{table: public.ward_reader, scope: "ward/{ward}", allow: ["user:{login}"]}]
//
// Every text with {column} in it is a template (text_template.h). Plain values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/config/options.h"

namespace freshet::rows {

struct ChildOptions {
  std::string table;
  std::vector<std::string> parent;
  std::vector<std::string> order;
  std::string content;
};

struct DocumentOptions {
  std::string table;
  std::string id;
  std::string content;
  std::string media_type = "text/plain";
  std::string title;
  std::string uri;
  std::map<std::string, std::string> attributes;
  std::vector<std::string> patients;
  std::string effective;
  std::string scope;
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  std::map<std::string, std::vector<std::string>> where;
  std::map<std::string, std::vector<std::string>> entered_in_error;
  std::vector<ChildOptions> children;
};

struct AccessOptions {
  std::string table;
  std::string scope;
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  std::string from;
  std::string until;
};

struct GroupOptions {
  std::string table;
  std::string group;
  std::vector<std::string> members;
  std::string from;
  std::string until;
};

struct PatientOptions {
  std::string table;
  std::string patient;
  std::string identity;
  std::string given;
  std::string family;
  std::string prefix;
  std::string suffix;
  std::string birth_date;
  std::map<std::string, std::string> identifiers;
  std::vector<std::string> addresses;
  std::vector<std::string> telecoms;
  std::string merged_into;
};

struct MappingOptions {
  std::vector<DocumentOptions> documents;
  std::vector<AccessOptions> access;
  std::vector<GroupOptions> groups;
  std::vector<PatientOptions> patients;
  std::vector<Principal> default_access;
};

}  // namespace freshet::rows

namespace freshet {

template <>
struct OptionTable<rows::ChildOptions> {
  using O = rows::ChildOptions;
  static constexpr auto fields = std::tuple{
      Field("table", &O::table, "schema.table of the rows that belong to a document.").Required(),
      Field("parent", &O::parent, "Its columns that hold the values of the columns in the document's id, in order.")
          .Required(),
      Field("order", &O::order, "Columns that the rows are put in order by."),
      Field("content", &O::content, "Template of what a row adds to the document's content.").Required()};
};

template <>
struct OptionTable<rows::DocumentOptions> {
  using O = rows::DocumentOptions;
  static constexpr auto fields = std::tuple{
      Field("table", &O::table, "schema.table of which each row is a document.").Required(),
      Field("id", &O::id, "Template of the document's id; its columns must identify the row.").Required(),
      Field("content", &O::content, "Template of the content; one column alone may hold bytes.").Required(),
      Field("media_type", &O::media_type, "Template of the content's media type."),
      Field("title", &O::title, "Template of the title."),
      Field("uri", &O::uri, "Template of the URI."),
      Field("attributes", &O::attributes, "Templates of attributes, by name; a column with a list gives each item."),
      Field("patients", &O::patients, "Templates of the ids of the patients that the document is about."),
      Field("effective", &O::effective, "Template of a time or date: since when the document says so."),
      Field("scope", &O::scope, "Template of the access scope; empty: the source's default_access."),
      Field("allow", &O::allow, "Templates of principals, instead of a scope: the row holds its own list."),
      Field("deny", &O::deny, "The same for those who are kept out."),
      Field("where", &O::where, "Accepted values by column; other rows are no documents."),
      Field("entered_in_error", &O::entered_in_error, "Values by column that say that the document was an error."),
      Field("children", &O::children, "Further rows that are part of the document.")};
};

template <>
struct OptionTable<rows::AccessOptions> {
  using O = rows::AccessOptions;
  static constexpr auto fields = std::tuple{
      Field("table", &O::table, "schema.table of which the rows say who may read a scope.").Required(),
      Field("scope", &O::scope, "Template of the scope; one table rules a scope.").Required(),
      Field("allow", &O::allow, "Templates of principals (user:… or group:…); a column with a list gives each item."),
      Field("deny", &O::deny, "The same for those who are kept out, whatever lets them in."),
      Field("from", &O::from, "Template of a time: since when the row counts; null: since ever."),
      Field("until", &O::until, "Template of a time: from when on it counts no more; null: never.")};
};

template <>
struct OptionTable<rows::GroupOptions> {
  using O = rows::GroupOptions;
  static constexpr auto fields =
      std::tuple{Field("table", &O::table, "schema.table of which the rows say who is in a group.").Required(),
                 Field("group", &O::group, "Template of the group (group:…).").Required(),
                 Field("members", &O::members, "Templates of members (user:… or group:…).").Required(),
                 Field("from", &O::from, "Template of a time: since when the row counts; null: since ever."),
                 Field("until", &O::until, "Template of a time: from when on it counts no more; null: never.")};
};

template <>
struct OptionTable<rows::PatientOptions> {
  using O = rows::PatientOptions;
  static constexpr auto fields = std::tuple{
      Field("table", &O::table, "schema.table of which each row is an identity of a patient.").Required(),
      Field("patient", &O::patient, "Template of the patient's id, as documents have it.").Required(),
      Field("identity", &O::identity,
            "Template that names the identity among the patient's; empty: the patient's only one."),
      Field("given", &O::given, "Template of the given names, space between them."),
      Field("family", &O::family, "Template of the family name."),
      Field("prefix", &O::prefix, "Template of what stands before the name."),
      Field("suffix", &O::suffix, "Template of what stands behind it."),
      Field("birth_date", &O::birth_date, "Template of the birth date, YYYY-MM-DD."),
      Field("identifiers", &O::identifiers, "Templates of identifiers by kind: mrn, ssn, account, …"),
      Field("addresses", &O::addresses, "Templates of addresses."),
      Field("telecoms", &O::telecoms, "Templates of telephone numbers and e-mail addresses."),
      Field("merged_into", &O::merged_into, "Template of the patient that this one was merged into; empty: none.")};
};

template <>
struct OptionTable<rows::MappingOptions> {
  using O = rows::MappingOptions;
  static constexpr auto fields = std::tuple{
      Field("documents", &O::documents, "Which rows are documents."),
      Field("access", &O::access, "Which rows say who may read a scope."),
      Field("groups", &O::groups, "Which rows say who is in a group."),
      Field("patients", &O::patients, "Which rows are identities of patients."),
      Field("default_access", &O::default_access, "Principals who may read documents without a scope; none: nobody.")};
};

}  // namespace freshet
