"""Real text in the formats that hospitals send, written by nothing of ours: the standard library, and for RTF, DOCX and PDF
the few bytes that their specifications ask for.

    WRITERS["docx"]([("What is anemia?", "A lack of ..."), ...])      # -> bytes of one document
"""
import csv
import email.message
import html
import io
import zipfile
import zlib

LINES_A_PAGE = 54
LETTERS_A_LINE = 92


def paragraphs(text):
    return [" ".join(part.split()) for part in text.split("\n") if part.split()]


def plain(answers):
    return "\n\n".join(f"{question}\n\n{answer}" for question, answer in answers).encode()


def markdown(answers):
    return "\n\n".join(f"## {question}\n\n{answer}" for question, answer in answers).encode()


def web_page(answers):
    body = "".join(f"<h2>{html.escape(question)}</h2>\n" + "".join(f"<p>{html.escape(one)}</p>\n" for one in paragraphs(answer))
                   for question, answer in answers)
    return f"<!DOCTYPE html>\n<html><head><title>Answers</title></head>\n<body>\n{body}</body></html>\n".encode()


def table(answers):
    out = io.StringIO()
    csv.writer(out).writerows([("question", "answer"), *answers])
    return out.getvalue().encode()


def mail(answers):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "ward@example.org", "desk@example.org", "Answers"
    message.set_content(plain(answers).decode())
    message.add_alternative(web_page(answers).decode(), subtype="html")
    return message.as_bytes()


def rtf(answers):
    def escaped(text):
        plain_text = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
        return "".join(c if ord(c) < 128 else "".join(f"\\u{int.from_bytes(unit, 'little', signed=True)}?" for unit in units(c))
                       for c in plain_text)

    def units(letter):
        code = letter.encode("utf-16-le")
        return [code[i:i + 2] for i in range(0, len(code), 2)]
    body = "".join(f"{{\\b {escaped(question)}}}\\par\n" + "".join(f"{escaped(one)}\\par\n" for one in paragraphs(answer))
                   for question, answer in answers)
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\n\\f0\\fs22 {body}}}".encode("ascii")


def docx(answers):
    def paragraph(text, style=""):
        return f"<w:p>{style}<w:r><w:t xml:space=\"preserve\">{html.escape(text, quote=False)}</w:t></w:r></w:p>"
    heading = "<w:pPr><w:pStyle w:val=\"Heading2\"/></w:pPr>"
    body = "".join(paragraph(question, heading) + "".join(map(paragraph, paragraphs(answer))) for question, answer in answers)
    office, package = "http://schemas.openxmlformats.org", "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument/2006/'
        'relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="' + office +
        f'/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def lines_of(answers):
    for question, answer in answers:
        for text in [question, *paragraphs(answer), ""]:
            line = ""
            for word in text.split():
                if line and len(line) + len(word) >= LETTERS_A_LINE:
                    yield line
                    line = ""
                line += (" " if line else "") + word
            yield line


def pdf(answers):
    """Pages of lines in Helvetica; letters beyond Latin-1 become a question mark."""
    lines = list(lines_of(answers))
    pages = [lines[i:i + LINES_A_PAGE] for i in range(0, len(lines), LINES_A_PAGE)]
    objects = [b"<</Type/Catalog/Pages 2 0 R>>",
               f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{4 + 2 * i} 0 R' for i in range(len(pages)))}]>>".encode(),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    for number, page in enumerate(pages):
        shown = b"".join(b"(" + line.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") +
                         b") Tj T*\n" for line in page)
        stream = zlib.compress(b"BT /F1 10 Tf 13 TL 50 780 Td\n" + shown + b"ET")
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number}"
                       " 0 R>>".encode())
        objects.append(f"<</Length {len(stream)}/Filter/FlateDecode>>stream\n".encode() + stream + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n"
    return out + f"{end}{len(out)}\n%%EOF\n".encode()


WRITERS = {"text": plain, "markdown": markdown, "html": web_page, "csv": table, "mail": mail, "rtf": rtf, "docx": docx, "pdf": pdf}
