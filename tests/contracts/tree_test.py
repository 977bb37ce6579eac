#!/usr/bin/env python3
"""The tree is as its rules say; and each rule notices, in a small tree of its own, what breaks it.

    tests/contracts/tree_test.py [--build build/dev]        from the project's root
"""
import argparse
import json
import os
import sys
import tempfile
import unittest

import tree

BUILD = None


class RealTree(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tree = tree.Tree(os.getcwd())

    def holds(self, problems):
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_finds_the_tree(self):
        self.assertIn("common/base/code.h", self.tree.files)

    def test_every_test_is_known_to_ctest(self):
        self.holds(tree.forgotten_tests(self.tree))

    def test_every_test_is_built(self):
        if BUILD is None:
            self.skipTest("no --build given")
        with open(os.path.join(BUILD, "compile_commands.json")) as stream:
            self.holds(tree.unbuilt_tests(self.tree, json.load(stream)))

    def test_every_readme_lists_what_is_there(self):
        self.holds(tree.wrong_maps(self.tree))

    def test_every_promise_has_its_tests(self):
        self.holds(tree.broken_promises(self.tree))

    def test_files_are_short(self):
        self.holds(tree.long_files(self.tree))

    def test_functions_are_short(self):
        self.holds(tree.long_functions(self.tree))

    def test_nothing_says_that_it_is_unfinished(self):
        self.holds(tree.unfinished_work(self.tree))

    def test_no_path_of_one_machine(self):
        self.holds(tree.machine_paths(self.tree))

    def test_dependencies_point_down(self):
        self.holds(tree.wrong_includes(self.tree))


class PlantedFaults(unittest.TestCase):
    def small(self, **files):
        """A tree of these files; `__` in a name stands for '/', `_DOT_` for '.'."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = os.path.join(folder.name, name.replace("__", "/").replace("_DOT_", "."))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as stream:
                stream.write(text)
        return tree.Tree(folder.name)

    def test_a_test_in_no_cmake_file(self):
        files = {"common__a__a_test_DOT_cc": "", "CMakeLists_DOT_txt": "add_subdirectory(common/a)"}
        forgotten = tree.forgotten_tests(self.small(**files))
        self.assertEqual(1, len(forgotten), forgotten)
        for known in ("freshet_library(x)", "freshet_test(x SOURCES a_test.cc)",
                      "add_executable(x y.cc a_test.cc)\nadd_test(NAME x.1 COMMAND x)"):
            files["common__a__CMakeLists_DOT_txt"] = known
            self.assertEqual([], tree.forgotten_tests(self.small(**files)))
        for unknown in ("freshet_test(x SOURCES b_test.cc)", "# freshet_library(x)",
                        "add_executable(x a_test.cc)\nadd_test(NAME y COMMAND xy)"):
            files["common__a__CMakeLists_DOT_txt"] = unknown
            self.assertEqual(1, len(tree.forgotten_tests(self.small(**files))))

    def test_a_folder_that_no_cmake_file_adds(self):
        files = {"common__a__a_test_DOT_cc": "", "common__a__CMakeLists_DOT_txt": "freshet_library(a)",
                 "CMakeLists_DOT_txt": "# add_subdirectory(common/a)\nadd_subdirectory(common/ab)"}
        self.assertEqual(["common/a: no CMakeLists.txt above adds it"], tree.forgotten_tests(self.small(**files)))
        files["CMakeLists_DOT_txt"] = ("file(GLOB lists RELATIVE ${here} ${here}/*/CMakeLists.txt)\n"
                                       "foreach(list ${lists})\n  add_subdirectory(${list})\nendforeach()")
        self.assertEqual([], tree.forgotten_tests(self.small(**files)))

    def test_a_test_that_the_build_does_not_compile(self):
        small = self.small(common__a__a_test_DOT_cc="", common__a__b_test_DOT_cc="")
        compiled = [{"directory": small.root, "file": "common/a/a_test.cc"}]
        self.assertEqual(["common/a/b_test.cc: the build does not compile it"], tree.unbuilt_tests(small, compiled))

    def test_a_readme_that_is_not_true(self):
        readme = "| file | what |\n|---|---|\n| `a.h`, `a.cc` | x |\n| `gone.h` | x |\n| `inner/` | x |\n"
        small = self.small(common__README_DOT_md=readme, common__a_DOT_h="", common__a_DOT_cc="", common__b_DOT_h="",
                           common__b_test_DOT_cc="", common__inner__c_DOT_h="", common__other__d_DOT_h="")
        self.assertEqual(["common/README.md: lists gone.h, which is not there", "common: README.md lists no b.h",
                          "common: README.md lists no other/d.h"], tree.wrong_maps(small))

    def test_code_without_a_readme(self):
        small = self.small(common__a_DOT_h="", common__README_DOT_md="No table.\n| option | default |\n| `a.h` | |\n")
        self.assertEqual(["common: neither it nor a folder above has a README.md with a files table"],
                         tree.wrong_maps(small))

    def test_a_promise_without_its_test(self):
        rows = "".join(f"| {n} | what | `a.cc` |\n" for n in range(2, 12))
        rows += "| 12 | what | nothing |\n| 1 | what | `Suite.*`, `Suite.Kept`, `Gone.*`, `Suite.Lost`, `b.cc` |\n"
        small = self.small(tests__README_DOT_md="`e2e/`\n" + rows, a_DOT_cc="", tests__e2e__x_DOT_py="",
                           tests__other__y_DOT_py="", tests__e2e__CMakeLists_DOT_txt="freshet_e2e(Kill kill.py)",
                           common__s_test_DOT_cc="TEST_F(Suite, Kept) {\n")
        self.assertEqual(["tests/README.md: does not name other/", "tests/README.md: no test for promise 12",
                          "tests/README.md: promise 1 names Gone.*, which is not there",
                          "tests/README.md: promise 1 names Suite.Lost, which is not there",
                          "tests/README.md: promise 1 names b.cc, which is not there",
                          "tests/README.md: names no E2e.Kill"], tree.broken_promises(small))

    def test_a_file_that_is_too_long(self):
        small = self.small(a_DOT_cc="x\n" * 401, b_DOT_cc="x\n" * 400, c_DOT_md="x\n" * 500)
        self.assertEqual(["a.cc: 401 lines, at most 400"], tree.long_files(small))

    def test_a_function_that_is_too_long(self):
        def function(lines):
            return "int F(int a,\n      int b) {\n" + "  a();\n" * (lines - 2) + "}\n"

        method = "class A {\n  void G() {\n" + "    a();\n" * 61 + "  }\n};\n"
        small = self.small(a_DOT_cc="namespace a {\n" + function(61) + "}  // namespace a\n", b_DOT_cc=function(60),
                           c_DOT_h=method)
        self.assertEqual(["a.cc:2: a function of 61 lines, at most 60",
                          "c.h:2: a function of 62 lines, at most 60"], tree.long_functions(small))

    def test_what_is_said_to_be_unfinished(self):
        small = self.small(a_DOT_cc="// TO" + "DO: later\n", b_DOT_md="Method or TODOS\n")
        self.assertEqual(["a.cc:1: says that it is not finished"], tree.unfinished_work(small))

    def test_a_path_of_one_machine(self):
        small = self.small(a_DOT_md="x\nsee /wo" + "rk/main\n", b_DOT_md="./wo" + "rk/x network/x\n")
        self.assertEqual(["a.md:2: names a path of one machine"], tree.machine_paths(small))

    def test_an_include_that_points_up(self):
        include = '#include "%s"\n'
        small = self.small(common__a_DOT_h=include % "schemas/b.h", schemas__b_DOT_h=include % "services/deid/c.h",
                           connectors__d_DOT_h=include % "services/deid/c.h",
                           services__deid__c_DOT_h=include % "services/index/e.h",
                           services__index__e_DOT_h=include % "services/index/f.h",
                           services__freshet__g_DOT_h=include % "services/index/e.h",
                           common__a_test_DOT_cc=include % "tests/support/h.h",
                           common__testing__a_DOT_h=include % "tests/support/h.h")
        self.assertEqual(["common/a.h: may not include schemas/b.h",
                          "connectors/d.h: may not include services/deid/c.h",
                          "schemas/b.h: may not include services/deid/c.h",
                          "services/deid/c.h: may not include services/index/e.h"], tree.wrong_includes(small))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build")
    options, rest = parser.parse_known_args()
    BUILD = options.build
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
