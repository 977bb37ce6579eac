#!/usr/bin/env python3
"""Writes files as C++: tools/embed_page.py FOLDER OUT.cc: what services/query/pages.h declares."""
import os
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
LINE = 100


def literal(data):
    """String literals of 7-bit characters; octal escapes of three digits cannot run into what follows."""
    escapes = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("?"): "\\?"}
    parts = [escapes.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data]
    lines = ["".join(parts[i:i + LINE]) for i in range(0, len(parts), LINE)]
    return "\n".join(f'    "{line}"' for line in lines) or '    ""'


def source(folder):
    rows = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        kind = TYPES[os.path.splitext(name)[1]]  # a KeyError: say what the new kind of file is
        rows.append(f'  {{"{name}", "{kind}", std::string_view(\n{literal(data)}, {len(data)})}},')
    return ('#include "services/query/pages.h"\n\nnamespace freshet::query {\nnamespace {\n\nconstexpr PageFile kFiles[] = {\n'
            + "\n".join(rows) + "\n};\n\n}  // namespace\n\n"
            "std::span<const PageFile> PageFiles() { return kFiles; }\n\n}  // namespace freshet::query\n")


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="ascii") as out:
        out.write(source(sys.argv[1]))
