// FormCollector: gathers the forms of one identity (forms.h). Internal to forms*.cc.
//
//   FormCollector out(forms);
//   out.Sequence({"ada", "quill"}, IdentifierType::kName, Reach::kSource);
//   out.Compact("00-4711-83", IdentifierType::kMrn, 7);        // telling for the whole source from 7 characters on
//   out.Whole("000-00", IdentifierType::kMrn);                 // with its leading zeros
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/deid/forms.h"

namespace freshet::deid {

using Words = std::vector<std::string>;

// Folded tokens in lower case.
Words WordsOf(std::string_view text);
Words Joined(const Words& a, const Words& b);
bool HasDigit(std::string_view word);
// In lower case: a word that prose holds beside any other.
bool IsFunctionWord(std::string_view word);

class FormCollector {
 public:
  // Forms of a narrower reach than `least` are left out.
  explicit FormCollector(IdentityForms& out, Reach least = Reach::kPatient) : out_(out), least_(least) {}

  // A run of tokens; nothing where there are too many or none.
  void Sequence(const Words& words, IdentifierType type, Reach reach);
  // All letters and digits of the value, without leading zeros; nothing where they are too few to tell.
  void Compact(std::string_view value, IdentifierType type, size_t shortest_for_source);
  // All letters and digits of a value that is little but leading zeros; else nothing.
  void Whole(std::string_view value, IdentifierType type);
  // What neither takes, too short or a word of the language: where its place announces it.
  void Announced(std::string_view value, IdentifierType type);

 private:
  void Put(const Form& form) {
    if (form.reach >= least_) out_.forms.push_back(form);
  }

  IdentityForms& out_;
  const Reach least_;
};

void AddIdentifier(const Identifier& identifier, FormCollector& out);
void AddAddress(std::string_view address, FormCollector& out);
void AddTelecom(std::string_view telecom, FormCollector& out);

}  // namespace freshet::deid
