// The page of an explanation: one file, no script, nothing to load; readable on paper and without colours.
#include <map>

#include "services/deid/explain.h"

namespace freshet::deid {
namespace {

constexpr std::string_view kStyle = R"(
:root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee6;--paper:#fff;--ground:#f4f6f9;--gone:#b3261e;--goneback:#fdeceb;
--put:#12633d;--putback:#e6f4ec;--doubt:#7a5200;--doubtback:#fff4d6;--keep:#2b4f81;--keepback:#e8f0fb}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 24px 64px}h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:32px 0 10px}
.sub{color:var(--soft);margin:0 0 20px}.cards{display:flex;flex-wrap:wrap;gap:12px;margin:0;padding:0;list-style:none}
.cards li{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 16px;min-width:130px}
.cards b{display:block;font-size:22px;line-height:1.25}.cards span{color:var(--soft);font-size:13px}
.text{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:20px 24px;white-space:pre-wrap;
overflow-wrap:anywhere;line-height:1.9}del,ins,mark{border-radius:4px;padding:1px 4px;text-decoration-thickness:1px}
del{color:var(--gone);background:var(--goneback)}ins{color:var(--put);background:var(--putback);text-decoration:none;
font-weight:600;margin-left:2px}mark.doubt{color:var(--doubt);background:var(--doubtback);border-bottom:2px dotted}
mark.keep{color:var(--keep);background:var(--keepback)}sup{font-size:11px;color:var(--soft);margin-left:1px}
.legend{color:var(--soft);font-size:14px;margin:8px 0 0}.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;background:var(--paper);font-size:14px}th,td{text-align:left;padding:8px 12px;
border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}th{color:var(--soft);font-weight:600;
white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}code{font:13px ui-monospace,monospace}
.bad{color:var(--gone)}.good{color:var(--put)}td .more{color:var(--soft);font-size:13px}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--line:#323b48;--paper:#1b222c;--ground:#12171e;
--gone:#ff9a92;--goneback:#3d1f1d;--put:#7ddba6;--putback:#173426;--doubt:#ffd479;--doubtback:#3a2f12;--keep:#9cc3ff;
--keepback:#1d2d45}}@media print{body{background:#fff}main{padding:0}}
)";

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += control ? '?' : c;
    }
  }
  return out;
}

std::string Number(float score) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(score));
  return text;
}

std::string Card(const std::string& figure, std::string_view what, std::string_view style = {}) {
  return "<li><b class=\"" + std::string(style) + "\">" + figure + "</b><span>" + std::string(what) + "</span></li>";
}

std::string Cards(const Explanation& why) {
  size_t gone = 0, kept = 0, doubted = 0;
  for (const Decision& one : why.decisions) {
    gone += one.verdict == Verdict::kGone;
    kept += one.verdict == Verdict::kKeptByPolicy;
    doubted += one.verdict == Verdict::kKeptInDoubt;
  }
  return "<ul class=\"cards\">" +
         (why.forwarded ? Card("Forwarded", "what became of the text", "good")
                        : Card("Quarantine", "held for a reviewer", "bad")) +
         Card(std::to_string(gone), "identifiers gone") + Card(std::to_string(kept), "kept by policy") +
         Card(std::to_string(doubted), "guesses left in") +
         Card(Number(why.risk), "risk: chance that something was left in") + "</ul>";
}

std::string Marked(const Explanation& why) {
  std::string out;
  size_t at = 0, number = 0;
  for (const Decision& one : why.decisions) {
    out += Escaped(std::string_view(why.text).substr(at, one.range.begin - at));
    const std::string tip = " title=\"" +
                            Escaped(std::string(LabelOf(one.by.type)) + " " + Number(one.by.score) + ", " +
                                    std::string(one.by.detector) + ". " + SentenceOf(one)) +
                            "\"";
    const std::string original = Escaped(one.original);
    if (one.verdict == Verdict::kGone) {
      out += "<del" + tip + ">" + original + "</del>";
      if (!one.replacement.empty()) out += "<ins" + tip + ">" + Escaped(one.replacement) + "</ins>";
    } else {
      out += std::string("<mark class=\"") + (one.verdict == Verdict::kKeptByPolicy ? "keep" : "doubt") + "\"" + tip +
             ">" + original + "</mark>";
    }
    out += "<sup>" + std::to_string(++number) + "</sup>";
    at = one.range.end;
  }
  return out + Escaped(std::string_view(why.text).substr(at));
}

std::string Row(const Decision& one, size_t number) {
  std::string others;
  for (const Evidence& evidence : one.evidence) {
    if (evidence == one.by) continue;
    others += (others.empty() ? "" : ", ") + std::string(evidence.detector) + " " + Number(evidence.score);
  }
  const IdentifierRow& kind = AllIdentifiers()[static_cast<size_t>(one.by.type)];
  return "<tr><td class=\"n\">" + std::to_string(number) + "</td><td>" + Escaped(one.original) + "</td><td>" +
         (one.verdict == Verdict::kGone ? "<b>" + Escaped(one.replacement) + "</b>" : std::string("stays")) +
         "</td><td>" + std::string(kind.label) + " <span class=\"more\">(" + kind.safe_harbor +
         ")</span></td><td class=\"n\">" + Number(one.by.score) + "</td><td><code>" + Escaped(one.by.detector) +
         "</code>" + (others.empty() ? "" : "<br><span class=\"more\">also " + Escaped(others) + "</span>") +
         "</td><td>" + Escaped(SentenceOf(one)) + "</td></tr>\n";
}

std::string Rows(const Explanation& why) {
  std::string rows;
  size_t number = 0;
  for (const Decision& one : why.decisions) rows += Row(one, ++number);
  return rows;
}

}  // namespace

std::string ExplanationHtml(const Explanation& why, std::string_view title) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'\"><title>" +
         Escaped(title) + "</title><style>" + std::string(kStyle) + "</style></head><body><main><h1>" + Escaped(title) +
         "</h1><p class=\"sub\">De-identification explained, under policy <b>" + Escaped(why.policy) +
         "</b>. This page holds protected health information.</p>\n" + Cards(why) +
         "\n<h2>The text</h2><div class=\"text\">" + Marked(why) +
         "</div><p class=\"legend\"><del>gone</del> <ins>what stands for it</ins> &nbsp; <mark class=\"keep\">kept by "
         "the "
         "policy</mark> &nbsp; <mark class=\"doubt\">a guess, left in</mark> &nbsp; Numbers are those of the "
         "table.</p>\n"
         "<h2>Each decision</h2><div "
         "class=\"scroll\"><table><thead><tr><th>#</th><th>text</th><th>now</th><th>kind</th>"
         "<th>score</th><th>detector</th><th>why</th></tr></thead><tbody>\n" +
         Rows(why) +
         "</tbody></table></div>\n<p class=\"legend\">Kinds carry their letter in HIPAA Safe Harbor, 45 CFR "
         "164.514(b)(2)(i).</p></main></body></html>\n";
}

}  // namespace freshet::deid
