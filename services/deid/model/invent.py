"""Values of slots that hold no name: diagnoses, drugs, dates, numbers. The lists are written here."""
STATES = ["Alabama", "Alaska", "Arizona", "California", "Colorado", "Florida", "Georgia", "Illinois", "Indiana", "Iowa",
          "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota", "Missouri",
          "Nebraska", "Nevada", "New Jersey", "New Mexico", "North Carolina", "Ohio", "Oklahoma", "Oregon", "Pennsylvania",
          "South Carolina", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Wisconsin", "Wyoming", "Queensland"]
COUNTRIES = ["France", "Germany", "Spain", "Italy", "Portugal", "Norway", "Sweden", "Denmark", "Finland", "Iceland", "Poland",
             "Hungary", "Austria", "Switzerland", "Belgium", "Netherlands", "United Kingdom", "United States", "USA", "UK",
             "Ireland", "Canada", "Mexico", "Brazil", "Argentina", "Chile", "Peru", "Uruguay", "Cuba", "Jamaica", "Russia",
             "Ukraine", "Greece", "Turkey", "Cyprus", "Israel", "Egypt", "Morocco", "Tunisia", "Kenya", "Nigeria", "Ghana",
             "South Africa", "Ethiopia", "India", "Pakistan", "China", "Japan", "South Korea", "Vietnam", "Thailand",
             "Indonesia", "Philippines", "Australia", "New Zealand", "Slovenia", "Croatia", "Serbia", "Czech Republic",
             "Estonia", "Latvia", "Lithuania", "Romania", "Bulgaria", "Greenland", "Singapore", "Iran", "Iraq", "Macedonia"]
NRP = ["French", "German", "Spanish", "Italian", "Norwegian", "Swedish", "Danish", "Polish", "Russian", "Mexican", "Brazilian",
       "Chinese", "Japanese", "Korean", "Indian", "Turkish", "Greek", "Irish", "Scottish", "Canadian", "American", "Jewish",
       "Muslim", "Catholic", "Cambodian", "Vietnamese", "Thai", "Nigerian", "Kenyan", "Egyptian", "Cuban", "Australian",
       "Democrat", "Republican", "Latin American", "African", "Bolivian", "Peruvian", "Hungarian", "Finnish", "Ukrainian"]
DX = ["type 2 diabetes", "hypertension", "COPD", "asthma", "CHF", "Crohn's disease", "Parkinson's disease", "pneumonia",
      "atrial fibrillation", "chronic kidney disease", "Hashimoto's thyroiditis", "breast cancer", "stage III lung cancer",
      "rheumatoid arthritis", "Hodgkin lymphoma", "Alzheimer's disease", "GERD", "migraine", "DVT", "MRSA infection",
      "Graves' disease", "Lyme disease", "hepatitis C", "HIV", "sickle cell anemia", "Cushing syndrome", "UTI", "sepsis",
      "Guillain-Barre syndrome", "Down syndrome", "Tourette syndrome", "gout", "psoriasis", "multiple sclerosis", "BPH",
      "Kawasaki disease", "Wilson disease", "Addison's disease", "Marfan syndrome", "Raynaud phenomenon", "bipolar disorder"]
EPONYMS = ["Babinski sign", "Murphy's sign", "Homans sign", "Wells score", "Apgar score", "Glasgow Coma Scale", "Chvostek sign",
           "Romberg test", "Foley catheter", "Swan-Ganz catheter", "Barrett esophagus", "Bell's palsy", "Colles fracture",
           "Baker cyst", "Crohn disease", "Sjogren syndrome", "Meniere's disease", "Turner syndrome", "Ewing sarcoma",
           "Wilms tumor", "Kaposi sarcoma", "Trousseau sign", "Ferriman-Gallwey score", "Child-Pugh class B", "Mallory-Weiss "
           "tear", "Kussmaul respirations", "Lachman test", "McBurney's point tenderness", "Hoffmann reflex", "Tinel sign",
           "Phalen maneuver", "Brudzinski sign", "Kernig sign", "Virchow node", "Chagas disease", "Hirschsprung disease"]
DRUGS = ["metformin", "lisinopril", "Lipitor", "warfarin", "Eliquis", "atorvastatin", "Lasix", "amlodipine", "prednisone",
         "Humira", "Keytruda", "levothyroxine", "Synthroid", "gabapentin", "Tylenol", "ibuprofen", "omeprazole", "Zoloft",
         "insulin glargine", "amoxicillin", "Plavix", "albuterol", "methotrexate", "Ozempic", "Xarelto", "vancomycin",
         "heparin", "Seroquel", "lithium", "Coumadin", "hydrochlorothiazide", "Advair", "tamoxifen", "Augmentin", "Entresto"]
SYMPTOMS = ["chest pain", "shortness of breath", "headache", "nausea", "fever", "abdominal pain", "fatigue", "dizziness",
            "lower back pain", "cough", "palpitations", "blurred vision", "weight loss", "rash", "leg swelling", "insomnia",
            "stomach pain", "joint stiffness", "numbness of the left hand", "difficulty swallowing", "night sweats"]
LABS = ["hemoglobin", "creatinine", "HbA1c", "TSH", "INR", "potassium", "WBC", "troponin", "D-dimer", "BUN", "ALT", "glucose",
        "LDL", "platelets", "CRP", "ESR", "insulin", "ferritin", "lactate", "PSA", "sodium", "albumin"]
PROCEDURES = ["appendectomy", "CABG", "colonoscopy", "total knee replacement", "cardiac catheterization", "biopsy",
              "hip replacement", "Whipple procedure", "MRI of the brain", "dialysis", "chemotherapy", "Nissen fundoplication"]
JOBS = ["Nurse", "teacher", "engineer", "plumber", "accountant", "Sales Manager", "Attorney", "driver", "pharmacist",
        "Photographer", "guitarist", "clerk", "physician", "Editor", "farmer", "CEO", "Welder", "actor", "Surveyor", "chef"]
TITLES = ["The Silent River", "Great Expectations", "Guilty Pleasures", "War and Peace", "Summer Rain", "A Long Way Home",
          "The Constitution", "Blue Velvet", "Songs of the Road", "The Last Train", "Romance Novels", "Winter Light",
          "Carry Me Back", "The Art of Cooking", "Musicians of the Seventies", "Peace Accord", "The Old Bridge"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
UNITS = ["ICU", "the emergency department", "cardiology", "Neurology Clinic", "the medical ward", "oncology", "PACU"]
SAID = ["said", "says", "added", "explained", "shouted", "whispered", "asked", "replied", "wrote", "admitted", "insisted",
        "joked", "warned", "noted", "answered", "yelled", "reported", "thinks", "believes", "recalled", "sang", "denies"]
GAVE = ["given", "gave", "lent", "handed", "sent", "shown", "told", "offered", "brought", "promised", "sold", "taught"]
GO = ["flew to", "drove to", "travelled to", "went to", "moved to", "returned to", "relocated to", "took the train to",
      "arrived in", "was raised in", "stayed in", "landed in", "walked to", "is flying to", "came from", "retired to",
      "lives near", "grew up in", "was sent to", "visited", "left", "passed through", "winters in", "has family in"]
WORKS = ["novel", "film", "book", "biography", "version", "song", "recording", "painting", "album", "play", "poem", "lecture",
         "trial", "study", "method", "interview", "movie", "story", "speech", "letter", "concert", "report", "case", "house"]
WHEN = ["on Monday", "on Friday evening", "last week", "at noon", "in the morning", "yesterday", "on Tuesday afternoon",
        "this Sunday", "last night", "two days ago", "next month", "on Saturday morning", "in the spring", "later", "again"]
RELATIVES = ["wife", "husband", "son", "daughter", "mother", "father", "sister", "brother", "aunt", "friend", "cousin",
             "neighbor", "partner", "grandson"]


def _of(values):
    return lambda random: values[int(random.random() * len(values))]


def _digits(random, count):
    return "".join(random.choice("0123456789") for _ in range(count))


def invent_date(random):
    day, month, year = random.randrange(1, 29), random.randrange(1, 13), random.randrange(1930, 2026)
    return random.choice([f"{month}/{day}/{year}", f"{year}-{month:02d}-{day:02d}", f"{MONTHS[month - 1]} {day}, {year}",
                          f"{day} {MONTHS[month - 1][:3]} {year}", f"{MONTHS[month - 1]} {day}th, {year}",
                          f"{month:02d}-{day:02d}-{year}", f"{month}/{day}/{year % 100:02d}"])


def invent_phone(random):
    a, b, c = _digits(random, 3), _digits(random, 3), _digits(random, 4)
    return random.choice([f"{a}-{b}-{c}", f"({a}) {b}-{c}", f"+1 {a} {b} {c}", f"{a}.{b}.{c}", f"0{a} {b[:2]} {c[:2]} {c[2:]}",
                          f"+44 {a} {b} {c}", a + b + c, f"{b}-{c}", f"+{a[:2]} (0){b[:2]} {c[:3]} {a}", f"{a} {b[:2]} {a}"])


PLAIN = {
    "dx": _of(DX), "eponym": _of(EPONYMS), "drug": _of(DRUGS), "sym": _of(SYMPTOMS), "lab": _of(LABS),
    "proc": _of(PROCEDURES), "job": _of(JOBS), "title": _of(TITLES), "state": _of(STATES), "country": _of(COUNTRIES),
    "nrp": _of(NRP), "weekday": _of(DAYS), "unit": _of(UNITS), "rel": _of(RELATIVES), "sex": _of(["male", "female", "man",
                                                                                                "woman"]),
    "He": _of(["He", "She"]), "he": _of(["he", "she"]), "His": _of(["His", "Her"]), "his": _of(["his", "her", "their"]),
    "age": lambda random: str(random.randrange(1, 89)), "n": lambda random: str(random.randrange(1, 40)),
    "said": _of(SAID), "gave": _of(GAVE), "go": _of(GO), "work": _of(WORKS), "when": _of(WHEN),
    "year": lambda random: str(random.randrange(1930, 2026)),
    "dose": lambda random: random.choice(["5 mg daily", "20 mg BID", "500 mg", "10 units qhs", "40 mg IV", "0.5 mg/kg"]),
    "vitals": lambda random: f"BP {random.randrange(95, 180)}/{random.randrange(50, 99)}, HR {random.randrange(50, 120)}, "
                             f"T 98.{random.randrange(0, 9)}, SpO2 9{random.randrange(0, 9)}% on RA",
    "mrn": lambda random: random.choice(["", "SM-", "A", "MRN"]) + _digits(random, random.randrange(5, 9)),
    "card": lambda random: _digits(random, 16), "iban": lambda random: "DE" + _digits(random, 20),
    "email": lambda random: random.choice(["info", "jdoe", "anna.b", "k_lee"]) + "@example.org",
    "domain": lambda random: random.choice(["example.org", "clinic.example.com", "shop.example.net"]),
    "init": lambda random: random.choice("ABCDEFGHJKLMNPRSTW"),
}
