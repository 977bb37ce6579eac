#include "services/deid/forms.h"

#include <algorithm>
#include <string>

#include "services/deid/form_collector.h"
#include "services/deid/lexicon.h"

namespace freshet::deid {
namespace {

// "jürgen müller" -> "juergen mueller": how German is written without its dots.
std::string SpeltOut(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    const char* spelt = two == "ä" || two == "Ä"   ? "ae"
                        : two == "ö" || two == "Ö" ? "oe"
                        : two == "ü" || two == "Ü" ? "ue"
                                                   : nullptr;
    if (spelt == nullptr) {
      out += text[i];
    } else {
      out += spelt;
      ++i;
    }
  }
  return out;
}

HumanName SpeltOut(const HumanName& name) {
  HumanName spelt{.family = SpeltOut(name.family)};
  for (const std::string& given : name.given) spelt.given.push_back(SpeltOut(given));
  return spelt;
}

// Given and family name together, in both orders, with and without what stands between.
void AddFullNames(const std::vector<Words>& given, const Words& family, FormCollector& out) {
  Words all;
  for (const Words& one : given) all = Joined(all, one);
  Words with_initials = given.front();
  for (size_t i = 1; i < given.size(); ++i) with_initials.push_back(given[i].front().substr(0, 1));
  std::vector<Words> firsts = {given.front(), all, with_initials};
  for (const std::string_view nickname : NicknamesOf(given.front().front())) firsts.push_back({std::string(nickname)});
  for (const Words& first : firsts) {
    out.Sequence(Joined(first, family), IdentifierType::kName, Reach::kSource);
    out.Sequence(Joined(family, first), IdentifierType::kName, Reach::kSource);
  }
  if (family.size() > 1) {
    std::string glued;
    for (const std::string& part : family) {
      glued += part;
      if (part.size() >= 3 && !IsParticle(part)) {
        out.Sequence(Joined(given.front(), {part}), IdentifierType::kName, Reach::kSource);
        out.Sequence(Joined({part}, given.front()), IdentifierType::kName, Reach::kSource);
      }
    }
    out.Sequence(Joined(given.front(), {glued}), IdentifierType::kName, Reach::kSource);
    out.Sequence({glued}, IdentifierType::kName, Reach::kPatient);
  }
  const std::string initial = given.front().front().substr(0, 1);
  Words initials{initial};
  for (size_t i = 1; i < given.size(); ++i) initials.push_back(given[i].front().substr(0, 1));
  std::string joined_initials;
  for (const std::string& one : initials) joined_initials += one;
  for (const Words& short_form : {Words{initial}, initials, Words{joined_initials}}) {
    out.Sequence(Joined(short_form, family), IdentifierType::kName, Reach::kPatient);
    out.Sequence(Joined(family, short_form), IdentifierType::kName, Reach::kPatient);
  }
}

void AddName(const HumanName& name, FormCollector& out) {
  std::vector<Words> given;
  for (const std::string& one : name.given) {
    if (Words words = WordsOf(one); !words.empty()) given.push_back(std::move(words));
  }
  const Words family = WordsOf(name.family);
  if (!given.empty() && !family.empty()) AddFullNames(given, family, out);
  out.Sequence(family, IdentifierType::kName, Reach::kPatient);
  for (const std::string& part : family) {
    if (part.size() >= 3 && !IsParticle(part)) out.Sequence({part}, IdentifierType::kName, Reach::kPatient);
  }
  for (const Words& one : given) {
    if (one.size() > 1 || one.front().size() >= 2) out.Sequence(one, IdentifierType::kName, Reach::kPatient);
  }
  if (given.empty()) return;
  for (const std::string_view nickname : NicknamesOf(given.front().front())) {
    out.Sequence({std::string(nickname)}, IdentifierType::kName, Reach::kPatient);
  }
}

// The words of names that may be mistyped.
void AddNear(const HumanName& name, IdentityForms& forms) {
  Words words = WordsOf(name.family);
  for (const std::string& given : name.given) words = Joined(words, WordsOf(given));
  for (const std::string& word : words) {
    if (word.size() < kShortestTypoBeside || word.size() > 31) continue;
    if (!std::all_of(word.begin(), word.end(), IsLower)) continue;
    const bool alone = word.size() >= kShortestTypo;
    ForEachNear(word, [&](uint64_t hash) { (alone ? forms.near : forms.near_beside).push_back(hash); });
    if (alone) forms.near_lengths[static_cast<size_t>(word[0] - 'a')] |= uint32_t{1} << word.size();
  }
}

void AddBirthDate(const IdentityChange& identity, IdentityForms& forms, FormCollector& out) {
  for (const CalendarDate& day : ReadDate(identity.birth_date)) {
    forms.birth_dates.push_back(day);
    char text[32];
    std::snprintf(text, sizeof(text), "%04d%02d%02d", day.year, day.month, day.day);
    out.Compact(text, IdentifierType::kDate, kMaxCompactLength);
    std::snprintf(text, sizeof(text), "%02d%02d%04d", day.month, day.day, day.year);
    out.Compact(text, IdentifierType::kDate, kMaxCompactLength);
  }
}

// By hash; of equal ones the one of the wider reach.
void Order(IdentityForms& forms) {
  const auto order = [](const Form& form) {
    return std::tuple(form.hash, form.tokens, form.reach == Reach::kPatient, form.announced, form.cased, form.type);
  };
  std::sort(forms.forms.begin(), forms.forms.end(), [&](const Form& a, const Form& b) { return order(a) < order(b); });
  forms.forms.erase(std::unique(forms.forms.begin(), forms.forms.end(),
                                [](const Form& a, const Form& b) { return a.hash == b.hash && a.tokens == b.tokens; }),
                    forms.forms.end());
  for (std::vector<uint64_t>* const near : {&forms.near, &forms.near_beside}) {
    std::sort(near->begin(), near->end());
    near->erase(std::unique(near->begin(), near->end()), near->end());
  }
}

void AddAll(const IdentityChange& identity, FormCollector& out) {
  for (const HumanName& name : identity.names) {
    AddName(name, out);
    if (const HumanName spelt = SpeltOut(name); spelt.given != name.given || spelt.family != name.family) {
      AddName(spelt, out);
    }
  }
  for (const Identifier& identifier : identity.identifiers) AddIdentifier(identifier, out);
  for (const std::string& address : identity.addresses) AddAddress(address, out);
  for (const std::string& telecom : identity.telecoms) AddTelecom(telecom, out);
}

}  // namespace

IdentityForms FormsOf(const IdentityChange& identity) {
  IdentityForms forms;
  FormCollector out(forms);
  AddAll(identity, out);
  for (const HumanName& name : identity.names) AddNear(name, forms);
  AddBirthDate(identity, forms, out);
  Order(forms);
  return forms;
}

IdentityForms SourceFormsOf(const IdentityChange& identity) {
  IdentityForms forms;
  FormCollector out(forms, Reach::kSource);
  AddAll(identity, out);
  Order(forms);
  return forms;
}

IdentityForms FormsOfLiterals(std::span<const std::string> literals, std::span<const PatientId> patients) {
  IdentityForms forms;
  FormCollector out(forms);
  const auto add = [&](const std::string& literal) {
    Words words = WordsOf(literal);
    out.Compact(literal, IdentifierType::kOther, kMaxCompactLength);
    if (words.size() > kMaxFormTokens) {
      out.Sequence(Words(words.end() - kMaxFormTokens, words.end()), IdentifierType::kOther, Reach::kPatient);
      words.resize(kMaxFormTokens);
    }
    out.Sequence(words, IdentifierType::kOther, Reach::kPatient);
  };
  for (const std::string& literal : literals) {
    const Words words = WordsOf(literal);
    if (words.size() > 1 || (!words.empty() && HasDigit(words.front()) && words.front().size() >= 4)) add(literal);
  }
  for (const PatientId& patient : patients) {
    if (patient.value.size() >= 3) add(patient.value);
  }
  for (Form& form : forms.forms) form.own_cased = false;
  Order(forms);
  return forms;
}

}  // namespace freshet::deid
