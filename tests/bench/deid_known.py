#!/usr/bin/env python3
"""How many identifiers of enrolled patients are found: in the raw records of three public sets, and in every way to write them.

    tests/bench/deid_known.py build/dev/bin/freshet [--shared ../shared] [--gate 0.999] [--missed]

The roster is what the records themselves say of their patients (FHIR's Patient, PID of HL7 v2, recordTarget of C-CDA). Then
every record is de-identified by `freshet deid batch`, as text, tags and separators included, under safe_harbor; a value that
stood in it as whole words and still does is missed. The forms are sentences written here about the same patients: names
reordered, with initials, by nickname, hyphenated, without diacritics, with one typing error, over two lines, across tags;
numbers grouped otherwise; birth dates in other forms. Exit status 1 below the gate; 0, saying so, where there is no data.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
V3 = "{urn:hl7-org:v3}"
NICKNAMES = {"william": ["bill", "will"], "robert": ["bob"], "elizabeth": ["liz", "beth"], "james": ["jim"], "john": ["jack"],
             "margaret": ["peggy"], "michael": ["mike"], "thomas": ["tom"], "joseph": ["joe"], "daniel": ["dan"],
             "richard": ["rick"], "susan": ["sue"], "patricia": ["pat"], "barbara": ["barb"], "david": ["dave"]}
ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
MONTHS = ("January February March April May June July August September October November December").split()


def person(key, given, family, birth="", numbers=(), streets=(), telecoms=(), identity="legal"):
    """A patient as a line of identities.jsonl, without empty parts."""
    return {"patient": key, "identity": identity, "names": [{"given": given, "family": family}] if given and family else [],
            "identifiers": [{"kind": kind, "value": value} for kind, value in numbers if value],
            "birth_date": birth, "addresses": [street for street in streets if street],
            "telecoms": [telecom for telecom in telecoms if telecom]}


def of_fhir(folder):
    for path in sorted(glob.glob(os.path.join(folder, "src_synthea_fhir_r4", "*.json"))):
        with open(path, encoding="utf-8") as file:
            raw = file.read()
        for entry in json.loads(raw)["entry"]:
            one = entry["resource"]
            if one["resourceType"] != "Patient":
                continue
            kinds = [(each.get("type", {}).get("coding", [{}])[0].get("code", "id").lower(), each["value"])
                     for each in one.get("identifier", [])]
            streets = [", ".join(address.get("line", [])) for address in one.get("address", [])]
            yield "fhir", person(one["id"], one["name"][0]["given"], one["name"][0]["family"], one.get("birthDate", ""),
                                 kinds, streets, [each["value"] for each in one.get("telecom", [])]), raw


def of_hl7(folder):
    for path in sorted(glob.glob(os.path.join(folder, "src_hl7v2_ccda_fhirconverter", "**", "*.hl7"), recursive=True)):
        with open(path, encoding="utf-8", errors="replace") as file:
            raw = file.read().replace("\r\n", "\n").replace("\r", "\n")
        for number, line in enumerate(raw.split("\n")):
            fields = line.split("|")
            if fields[0] != "PID" or len(fields) < 6:
                continue
            at = lambda i: fields[i] if i < len(fields) else ""
            name = at(5).split("~")[0].split("^")
            family, given = name[0].split("&")[0], [part for part in name[1:3] if len(part) > 1]
            numbers = [("mrn", each.split("^")[0]) for field in (2, 3, 4) for each in at(field).split("~")]
            numbers += [("account", at(18).split("^")[0]), ("ss", at(19))]
            streets = [each.split("^")[0].split("&")[0] for each in at(11).split("~")]
            birth = at(7)[:8]
            birth = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}" if re.fullmatch(r"\d{8}", birth) else ""
            phones = [each.split("^")[0] for field in (13, 14) for each in at(field).split("~")]
            yield "hl7", person(os.path.basename(path), given, family, birth, numbers, streets, phones,
                                f"line {number}"), raw


def of_ccda(folder):
    paths = glob.glob(os.path.join(folder, "src_hl7v2_ccda_fhirconverter", "**", "*.ccda"), recursive=True)
    paths += glob.glob(os.path.join(folder, "src_ccda_examples", "**", "*.xml"), recursive=True)
    for path in sorted(paths):
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            raw = file.read()
        try:
            role = ElementTree.fromstring(raw).find(f"{V3}recordTarget/{V3}patientRole")
        except ElementTree.ParseError:
            continue
        name = None if role is None else role.find(f"{V3}patient/{V3}name")
        if name is None:
            continue
        text = lambda element: (element.text or "").strip() if element is not None else ""
        birth = role.find(f"{V3}patient/{V3}birthTime")
        birth = "" if birth is None else birth.get("value", "")[:8]
        birth = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}" if re.fullmatch(r"\d{8}", birth) else ""
        numbers = [("mrn", each.get("extension", "")) for each in role.findall(f"{V3}id")]
        streets = [text(each) for each in role.findall(f"{V3}addr/{V3}streetAddressLine")]
        phones = [re.sub(r"^\w+:", "", each.get("value", "")) for each in role.findall(f"{V3}telecom")]
        given = [text(each) for each in name.findall(f"{V3}given") if len(text(each)) > 1]
        yield "ccda", person(os.path.basename(path), given, text(name.find(f"{V3}family")), birth, numbers, streets,
                             phones), raw


def values_of(who):
    """What of a patient must not be read: (kind, value). Too short a word or number tells nothing by itself."""
    for name in who["names"]:
        for part in name["given"] + [name["family"]]:
            yield "name", part
    for number in who["identifiers"]:
        if len(re.sub(r"\W", "", number["value"])) >= 4:
            yield "number", number["value"]
    for street in who["addresses"]:
        if re.match(r"\d+ \w+ \w", street):
            yield "address", street
    for telecom in who["telecoms"]:
        if len(re.sub(r"\D", "", telecom)) >= 7 or "@" in telecom:
            yield "telecom", telecom
    if who["birth_date"]:
        yield "birth date", who["birth_date"]
        yield "birth date", who["birth_date"].replace("-", "")


def count(value, text):
    return len(re.findall(r"(?<![\w])" + re.escape(value) + r"(?![\w])", text))


def typo(word, rng):
    """One letter more, less, other, or two exchanged, not at its begin."""
    i = rng.randrange(1, len(word) - 1)
    letter = rng.choice("aeinrst")
    return rng.choice([word[:i] + word[i + 1:], word[:i] + word[i + 1] + word[i] + word[i + 2:],
                       word[:i] + letter + word[i:], word[:i] + letter + word[i + 1:]])


def grouped(number, rng):
    """The same characters with other separators."""
    plain = re.sub(r"[\W_]", "", number)
    cut = rng.randrange(2, len(plain) - 1)
    return plain[:cut] + rng.choice("- ./") + plain[cut:]


def names_written(given, family, rng):
    first = given[0]
    plain = lambda text: "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    yield "reordered", f"{family}, {first}"
    yield "reordered", f"{family.upper()} {first.upper()}"
    yield "initial", f"{first[0]}. {family}"
    yield "initial", f"{family} {first[0]}"
    yield "lower case", f"{first} {family}".lower()
    yield "middle", " ".join([first] + [part[0] + "." for part in given[1:]] + [family])
    yield "two lines", f"{first}\n{family}"
    yield "tags", f"<b>{first}</b> <i>{family}</i>"
    yield "caret", f"{family}^{first}"
    yield "no diacritics", f"{plain(first)} {plain(family)}"
    yield "zero width", f"{first} {family[:2]}\u200b{family[2:]}"
    yield "full width", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in f"{first} {family}")
    yield "one typing error", f"{first} {typo(family, rng)}"
    yield "one typing error", f"{typo(first, rng)} {family}" if len(first) > 3 else f"{first} {family}"
    yield "hyphenated", f"{first} {family}-Oldcastle"
    yield "hyphenated", f"{first} Oldcastle-{family}"
    yield "capitals", f"{first} {family}".upper()
    yield "one part", family
    yield "one part", first
    yield "possessive", f"{family}'s"
    cut = rng.randrange(2, len(family) - 1)
    yield "end of a line", f"{first} {family[:cut]}-\n{family[cut:].lower()}"
    for nickname in NICKNAMES.get(first.lower(), ()):
        yield "nickname", f"{nickname.title()} {family}"


def dates_written(birth):
    year, month, day = (int(part) for part in birth.split("-"))
    for text in (f"{month}/{day}/{year}", f"{month:02}-{day:02}-{year}", f"{day} {MONTHS[month - 1]} {year}",
                 f"{MONTHS[month - 1]} {day}, {year}", f"{MONTHS[month - 1][:3]} {day} {year}", f"{year}{month:02}{day:02}",
                 f"{month:02}{day:02}{year}", f"{year}/{month:02}/{day:02}", f"{day:02}.{month:02}.{year}",
                 f"{month}/{day}/{year % 100:02}", f"{day:02}-{MONTHS[month - 1][:3].upper()}-{year}",
                 f"{day:02}{MONTHS[month - 1][:3].upper()}{year}", f"{MONTHS[month - 1]} {day}{ORDINALS.get(day, 'th')}, {year}",
                 f"the {day}{ORDINALS.get(day, 'th')} of {MONTHS[month - 1]} {year}"):
        yield "birth date", text


def forms_of(who, rng):
    for name in who["names"]:
        if len(name["given"][0]) > 2 and len(name["family"]) > 3 and name["family"].isalpha():
            yield from names_written(name["given"], name["family"], rng)
    for number in who["identifiers"]:
        if len(re.sub(r"[\W_]", "", number["value"])) >= 6 and re.search(r"\d", number["value"]):
            yield "number regrouped", grouped(number["value"], rng)
            yield "number without zeros", re.sub(r"^[0\W]+", "", number["value"])
    for telecom in who["telecoms"]:
        digits = re.sub(r"\D", "", telecom)
        if len(digits) >= 10 and "@" not in telecom:
            tail = digits[-10:]
            yield "telephone", f"({tail[:3]}) {tail[3:6]}-{tail[6:]}"
            yield "telephone", f"{tail[:3]}.{tail[3:6]}.{tail[6:]}"
            yield "telephone", tail
            yield "telephone", f"+1 {tail[:3]} {tail[3:6]} {tail[6:]}"
            yield "telephone", f"{tail[:3]}/{tail[3:6]}-{tail[6:]} ext. 7"
    if who["birth_date"]:
        yield from dates_written(who["birth_date"])


SENTENCES = ("The chart of {} was looked at again.", "Seen today: {} -- no new complaints.", "we spoke with {} about the dose",
             "Copy sent as {} on request.")


def texts_of(people, rng):
    for kind, who, _ in people:
        for form, written in forms_of(who, rng):
            yield kind, form, who["patient"], rng.choice(SENTENCES).format(written), written


def clean(binary, roster, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("".join(json.dumps(who) + "\n" for who in roster))
        file.flush()
        lines = "".join(json.dumps({"id": i, "text": text, "patients": patients}) + "\n"
                        for i, (text, patients) in enumerate(rows))
        done = subprocess.run([binary, "deid", "batch", "--roster", file.name], input=lines.encode(),
                              stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(rows)
    return answers


class Tally:
    def __init__(self, title):
        self.title, self.all, self.missed, self.examples = title, collections.Counter(), collections.Counter(), []

    def add(self, row, number, missed, example):
        self.all[row] += number
        self.missed[row] += missed
        if missed:
            self.examples.append((row, example))

    def show(self, examples):
        print(f"\n{self.title:<34}{'values':>9}{'missed':>9}{'found':>9}")
        for row in sorted(self.all):
            print(f"{row:<34}{self.all[row]:>9}{self.missed[row]:>9}{1 - self.missed[row] / self.all[row]:>9.4f}")
        whole, missed = sum(self.all.values()), sum(self.missed.values())
        print(f"{'all':<34}{whole:>9}{missed:>9}{1 - missed / max(whole, 1):>9.4f}")
        for row, example in self.examples if examples else ():
            print(f"  missed: {row}: {example!r}")
        return 1 - missed / max(whole, 1)


def records(binary, roster, people):
    tally = Tally("raw records")
    answers = clean(binary, roster, [(raw, [who["patient"]]) for _, who, raw in people])
    for (kind, who, raw), answer in zip(people, answers):
        if answer["action"] not in ("forward", "quarantine"):
            print(f"skipped {answer['action']}: {who['patient']}")
            continue
        for what, value in set(values_of(who)):
            stood = count(value, raw)
            if stood and len(value) > 2:
                tally.add(f"{kind} {what}", stood, count(value, answer["output"]), value)
    return tally


def forms(binary, roster, people, rng):
    tally = Tally("forms, in sentences")
    rows = list(texts_of(people, rng))
    answers = clean(binary, roster, [(text, [patient]) for _, _, patient, text, _ in rows])
    untelling = ("b", "i", "the", "of", "ext")
    words = lambda text: [word for word in re.findall(r"\w+", text) if len(word) > 1 and word not in untelling]
    for (_, form, _, _, written), answer in zip(rows, answers):
        left = answer["action"] == "forward" and any(count(word, answer["output"]) for word in words(written))
        tally.add(form, 1, int(left), f"{written} -> {answer['output']}")
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    parser.add_argument("--gate", type=float, default=0.999)
    parser.add_argument("--missed", action="store_true", help="lists what was missed: test data only")
    args = parser.parse_args()
    data = os.path.join(args.shared, "data")
    people = [one for load in (of_fhir, of_hl7, of_ccda) for one in load(data)]
    if not people:
        print(f"deid_known: SKIPPED, no data in {data}")
        return 0
    roster = [who for _, who, _ in people]
    print(f"{len(people)} records of known patients: {dict(collections.Counter(kind for kind, _, _ in people))}")
    shares = [records(args.binary, roster, people).show(args.missed),
              forms(args.binary, roster, people, random.Random(7)).show(args.missed)]
    return 0 if min(shares) >= args.gate else 1


if __name__ == "__main__":
    sys.exit(main())
