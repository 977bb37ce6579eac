"""What parsers.py measures is what it says: every format holds every word of its text; the table's arithmetic."""
import csv
import email
import email.policy
import io
import re
import unittest
import zipfile
import zlib

import parsers
import written_as

ANSWERS = [("What is (anemia)?", "Too few red cells.\n\nSee {a} doctor \\ soon — naïve 😀"), ("Why, \"then\"?", "Rest & <fluids>, " * 90)]


def words(text):
    return re.findall(r"[a-z]+", text.lower())


WANTED = words(" ".join(f"{question} {answer}" for question, answer in ANSWERS))


class Written(unittest.TestCase):
    def test_every_kind_that_is_measured_is_written(self):
        self.assertEqual(set(written_as.WRITERS), set(parsers.MADE))

    def test_csv_and_mail_are_read_by_the_standard_library(self):
        rows = list(csv.reader(io.StringIO(written_as.table(ANSWERS).decode())))
        self.assertEqual([tuple(row) for row in rows[1:]], ANSWERS)
        message = email.message_from_bytes(written_as.mail(ANSWERS), policy=email.policy.default)
        self.assertEqual(words(message.get_body(("plain",)).get_content()), WANTED)
        self.assertIn("&lt;fluids&gt;", message.get_body(("html",)).get_content())

    def test_docx_is_a_package_with_all_the_text(self):
        with zipfile.ZipFile(io.BytesIO(written_as.docx(ANSWERS))) as archive:
            self.assertIsNone(archive.testzip())
            body = archive.read("word/document.xml").decode()
        self.assertEqual(words(re.sub("<[^>]*>", " ", body).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), WANTED)

    def test_rtf_is_ascii_and_escapes_what_means_something(self):
        text = written_as.rtf(ANSWERS).decode("ascii")
        self.assertIn("See \\{a\\} doctor \\\\ soon \\u8212? na\\u239?ve \\u-10179?\\u-8704?", text)

    def test_pdf_places_each_object_where_its_table_says(self):
        data = written_as.pdf(ANSWERS)
        table = data[int(re.search(rb"startxref\n(\d+)", data)[1]):]
        for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", table), 1):
            self.assertTrue(data[int(place):].startswith(b"%d 0 obj" % number))
        shown = b"".join(zlib.decompress(part) for part in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL))
        lines = b" ".join(re.findall(rb"\((.*)\) Tj", shown)).decode("latin-1")
        self.assertEqual(words(lines), WANTED)


class Table(unittest.TestCase):
    def test_a_kind_may_have_spaces(self):
        found = parsers.read_lines("HL7 v2 54 18 2000000 1000000 7 0.5\nempty 0 3 0 0 1 0\n")
        self.assertEqual(found[0], {"kind": "HL7 v2", "files": 54, "refused": 18, "bytes": 2000000, "text": 1000000, "passes": 7,
                                    "seconds": 0.5})
        lines = parsers.table(found).splitlines()
        self.assertEqual(lines[2], "| HL7 v2 | 54 | 18 | 2.00 | 1.00 | 4.0 | 2.0 |")
        self.assertIn("| — | — |", lines[3])

    def test_the_readme_has_a_place_for_it(self):
        with open(parsers.README, encoding="utf-8") as file:
            text = file.read()
        once = parsers.replaced(text, "new")
        self.assertIn(f"{parsers.BEGIN}\nnew\n{parsers.END}", once)
        self.assertEqual(parsers.replaced(once, "new"), once)


if __name__ == "__main__":
    unittest.main()
