"""What must hold of the source tree itself. Each check returns its problems, a line each; none: it holds.

    tree = Tree(root)                    # the files that git knows
    unlisted_files(tree)                 # ["common/base: README.md lists no clock.h"]
"""
import os
import re
import subprocess

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
CODE = (".h", ".cc")
COUNTED = CODE + (".proto", ".py", ".sh", ".cmake")
# Written in two parts, as this file is checked too.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.-])/(wo" + r"rk|ro" + r"ot)/\w")
PIPELINE = ("deid", "chunk", "embed", "index", "query")


class Tree:
    """The files of a work tree, by their path from its root."""

    def __init__(self, root):
        self.root = root
        self.files = sorted(self._known_to_git() or self._walk())

    def _known_to_git(self):
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        try:
            listed = subprocess.run(command, cwd=self.root, capture_output=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return []
        # A file that is deleted and not yet committed is listed, but not there.
        return [f for f in listed.decode().split("\0") if f and os.path.isfile(os.path.join(self.root, f))]

    def _walk(self):
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f not in ("build", ".git", "__pycache__")]
            found += [os.path.relpath(os.path.join(folder, f), self.root) for f in files]
        return found

    def having(self, *endings):
        return [f for f in self.files if f.endswith(endings)]

    def text(self, file):
        with open(os.path.join(self.root, file), encoding="utf-8", errors="replace") as stream:
            return stream.read()


# Tests ------------------------------------------------------------------------------------------------------------


def forgotten_tests(tree):
    """Every *_test.cc is built and known to ctest: its folder's CMakeLists.txt globs or names it."""
    problems = []
    for test in tree.having("_test.cc"):
        folder, name = os.path.split(test)
        lists = os.path.join(folder, "CMakeLists.txt")
        text = _uncommented(tree.text(lists)) if lists in tree.files else ""
        globbed = re.search(r"\bfreshet_library\(", text)
        named = re.search(r"\bfreshet_test\([^)]*\b" + re.escape(name), text)
        if not globbed and not named and not _added_by_hand(text, name):
            problems.append(f"{test}: {lists} makes no test of it: freshet_library, freshet_test or add_test")
        problems += _unreached(tree, folder)
    return sorted(set(problems))


def _added_by_hand(text, name):
    """The program that is made of it is the command of a test."""
    programs = re.findall(r"\badd_executable\(([\w-]+)\s[^)]*\b" + re.escape(name), text)
    return any(re.search(r"\badd_test\([^)]*COMMAND\s+" + re.escape(p) + r"\b", text) for p in programs)


def _uncommented(text):
    return re.sub(r"#.*", "", text)


def _unreached(tree, folder):
    """A CMakeLists.txt that no other one adds is never read."""
    parent, name = os.path.split(folder)
    if not folder:
        return []
    above = os.path.join(parent, "CMakeLists.txt")
    text = _uncommented(tree.text(above)) if above in tree.files else ""
    word = r"(?<![\w-])" + re.escape(name) + r"(?![\w-])"
    # common/ has no CMakeLists.txt of its own: the root adds common/<folder>.
    if above not in tree.files and parent and "CMakeLists.txt" in tree.files:
        text = _uncommented(tree.text("CMakeLists.txt"))
    # A glob over the folders below adds each of them.
    globbed = re.search(r"file\(GLOB[^)]*\*/CMakeLists\.txt", text) and "add_subdirectory(" in text
    return [] if globbed or re.search(word, text) else [f"{folder}: no CMakeLists.txt above adds it"]


def unbuilt_tests(tree, compile_commands):
    """The build's own list of what it compiles has every test."""
    compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in compile_commands}
    return [f"{test}: the build does not compile it" for test in tree.having("_test.cc")
            if os.path.realpath(os.path.join(tree.root, test)) not in compiled]


# Maps -------------------------------------------------------------------------------------------------------------


def listed_files(readme):
    """The files in the first column of every table whose first heading is "file"."""
    listed, inside = [], False
    for line in readme.splitlines():
        if not line.startswith("|"):
            inside = False
        elif re.match(r"\|\s*files?\s*\|", line, re.IGNORECASE):
            inside = True
        elif inside:
            listed += re.findall(r"`([^`]+)`", line.split("|")[1])
    return listed


def wrong_maps(tree):
    """Every row of a README's files table is there, and every .h and .cc (tests may be left out) has a row."""
    problems, listed_in = [], {}
    for readme in [f for f in tree.files if os.path.basename(f) == "README.md"]:
        folder = os.path.dirname(readme)
        listed = listed_files(tree.text(readme))
        if listed:
            listed_in[folder] = set(listed)
        for name in listed:
            path = os.path.join(tree.root, folder, name)
            if not os.path.exists(path):
                problems.append(f"{readme}: lists {name}, which is not there")
    for file in tree.having(*CODE):
        if not file.endswith("_test.cc"):
            problems += _unlisted(file, listed_in)
    return sorted(set(problems))


def _unlisted(file, listed_in):
    """The nearest README above that has a table must list the file, or its folder as `name/`."""
    folder = os.path.dirname(file)
    while folder and folder not in listed_in:
        folder = os.path.dirname(folder)
    if not folder:
        return [f"{os.path.dirname(file)}: neither it nor a folder above has a README.md with a files table"]
    inner = os.path.relpath(file, folder)
    parts = inner.split("/")
    ways = {inner} | {"/".join(parts[:i]) + "/" for i in range(1, len(parts))}
    return [] if ways & listed_in[folder] else [f"{folder}: README.md lists no {inner}"]


def broken_promises(tree):
    """tests/README.md names every folder of tests, and a test for each of the twelve promises that is really there."""
    readme = "tests/README.md"
    if readme not in tree.files:
        return []
    text, problems = tree.text(readme), []
    folders = {f.split("/")[1] for f in tree.files if f.startswith("tests/") and f.count("/") > 1}
    problems += [f"{readme}: does not name {folder}/" for folder in sorted(folders) if f"`{folder}/`" not in text]
    rows = [line.split("|")[1:4] for line in text.splitlines() if re.match(r"\|\s*\d+\s*\|", line)]
    held = {int(number) for number, _, tests in rows if "`" in tests}
    problems += [f"{readme}: no test for promise {n}" for n in range(1, 13) if n not in held]
    known = test_names(tree)
    for number, _, tests in rows:
        for name in re.findall(r"`([^`]+)`", tests):
            if not os.path.exists(os.path.join(tree.root, name)) and not _is_test(name, known):
                problems.append(f"{readme}: promise {int(number)} names {name}, which is not there")
    named = set(re.findall(r"`([^`]+)`", text))
    problems += [f"{readme}: names no {test}" for test in sorted(known) if test.startswith("E2e.") and "$" not in test
                 and "Demo" not in test and test not in named]
    return problems


def test_names(tree):
    """Names of tests as ctest has them, "Suite.Test"; parts that CMake fills in are as they stand there."""
    names = set()
    for file in tree.having("_test.cc"):
        for suite, test in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", tree.text(file), re.MULTILINE):
            names.add(f"{suite}.{test}")
    for file in tree.having("CMakeLists.txt"):
        text = _uncommented(tree.text(file))
        names |= set(re.findall(r"add_test\(NAME ([\w.${}]+)", text))
        names |= {"E2e." + name for name in re.findall(r"freshet_e2e\((\w+) \w+\.py", text)}
    return names


def _is_test(name, known):
    return name in known or (name.endswith(".*") and any(test.startswith(name[:-1]) for test in known))


# Budgets and manners ------------------------------------------------------------------------------------------------


def long_files(tree):
    counted = ((file, tree.text(file).count("\n")) for file in tree.having(*COUNTED))
    return [f"{file}: {lines} lines, at most {MOST_LINES}" for file, lines in counted if lines > MOST_LINES]


def long_functions(tree):
    """Functions of a namespace or a class, told by clang-format's indentation."""
    problems = []
    for file in tree.having(".cc", ".h"):
        starts = {}
        for number, line in enumerate(tree.text(file).splitlines(), 1):
            indent = len(line) - len(line.lstrip())
            rest = line[indent:]
            if indent > 2 or not rest or rest[0] == "#" or rest.startswith("//"):
                continue
            lines = number - starts.get(indent, number)
            if rest == "}" and lines > MOST_FUNCTION_LINES:
                problems.append(f"{file}:{starts[indent]}: a function of {lines} lines, at most {MOST_FUNCTION_LINES}")
            if rest[0] not in "})":
                starts[indent] = number
    return problems


def unfinished_work(tree):
    return _lines_with(tree, UNFINISHED, "says that it is not finished")


def machine_paths(tree):
    return _lines_with(tree, MACHINE_PATH, "names a path of one machine")


def _lines_with(tree, pattern, what):
    problems = []
    for file in tree.files:
        with open(os.path.join(tree.root, file), "rb") as stream:
            content = stream.read()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
            if pattern.search(line):
                problems.append(f"{file}:{number}: {what}")
    return problems


# Rooms --------------------------------------------------------------------------------------------------------------


def wrong_includes(tree):
    """Dependencies point down: services and connectors, schemas, common; stages of the pipeline know no other's code."""
    problems = []
    for file in tree.having(*CODE):
        for included in re.findall(r'^#include "([^"]+)"', tree.text(file), re.MULTILINE):
            if not _may_include(file, included):
                problems.append(f"{file}: may not include {included}")
    return problems


def _may_include(file, included):
    room, other = file.split("/"), included.split("/")
    for_tests = file.endswith("_test.cc") or "testing" in room
    if for_tests and other[0] == "tests":
        return True
    if room[0] == "common":
        return other[0] == "common"
    if room[0] == "schemas":
        return other[0] not in ("services", "connectors", "tests")
    if room[0] == "connectors":
        return other[0] not in ("services",)
    if room[0] == "services" and len(room) > 2 and room[1] in PIPELINE and not for_tests:
        return other[0] != "services" or other[1] == room[1]
    return True
