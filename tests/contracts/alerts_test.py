#!/usr/bin/env python3
"""Alerts, runbooks and dashboards against the tree: everything has its page, every page its reason, every metric exists.

promtool checks the rules and runs their own tests (alerts/rules_test.yaml); without it those two are skipped, aloud.
"""
import json
import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECTIONS = ["What it means", "How to confirm", "What to do", "What not to do", "How to know it is over"]
PROMTOOL = shutil.which("promtool")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as file:
        return file.read()


def pages(kind):
    return {name[:-3]: read("runbooks", kind, name) for name in os.listdir(os.path.join(ROOT, "runbooks", kind))
            if name.endswith(".md")}


def alerts():
    return re.findall(r"- alert: (\w+)", read("alerts", "rules.yaml"))


def codes():
    return [name for name in re.findall(r'X\(k\w+, "(\w+)",', read("common", "base", "code.h")) if name != "ok"]


def metrics():
    """name: (enumerator, type, labels) of the metric table."""
    table = re.sub(r"\\\n", " ", read("common", "telemetry", "metric_table.h"))
    rows = re.findall(r'X\((k\w+),\s*"([^"]+)",\s*k(\w+),\s*"([^"]*)"', table[table.index("FRESHET_METRICS(X)"):])
    return {name: (enumerator, kind, labels.split()) for enumerator, name, kind, labels in rows}


def metrics_in(text):
    """Metrics that a text names, without what Prometheus adds to a histogram's name."""
    names = set(re.findall(r"(?<![\w:])freshet_[a-z_0-9]*[a-z0-9](?![\w:*])", text))
    known = metrics()
    return {re.sub(r"_(bucket|sum|count)$", "", name) if name not in known else name for name in names}


def section(page, name):
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.S | re.M)
    return found.group(1).strip() if found else ""


def commands(page):
    return [line for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.strip().split("\n")]


class Runbooks(unittest.TestCase):
    def test_every_alert_and_code_has_its_page_and_no_page_is_about_nothing(self):
        self.assertEqual(sorted(pages("alerts")), sorted(alerts()))
        self.assertEqual(sorted(pages("codes")), sorted(codes()))

    def test_every_page_says_all_that_it_must(self):
        for kind in ("alerts", "codes"):
            for name, page in pages(kind).items():
                with self.subTest(page=name):
                    self.assertTrue(page.startswith(f"# {name}\n"))
                    self.assertEqual(re.findall(r"^## (.+)$", page, re.M), SECTIONS)
                    for title in SECTIONS:
                        self.assertGreater(len(section(page, title).split()), 4, title)
                    self.assertTrue(commands(page), "How to confirm has the very commands")
                    self.assertRegex(section(page, "What to do"), r"^1\. ")

    def test_no_page_is_a_copy_of_another(self):
        seen = {}
        for kind in ("alerts", "codes"):
            for name, page in pages(kind).items():
                for title in ("What it means", "What to do"):
                    for sentence in re.split(r"(?<=[.:]) ", " ".join(section(page, title).split())):
                        if len(sentence.split()) >= 12:
                            self.assertNotIn(sentence, seen, f"{name} says what {seen.get(sentence)} says")
                            seen[sentence] = name

    def test_commands_are_commands_of_ours(self):
        known = re.findall(r'X\(\w+, "([^"]+)"', read("services", "freshet", "command_table.cc"))
        for kind in ("alerts", "codes"):
            for name, page in pages(kind).items():
                for used in re.findall(r"(?:^|[`|] ?)freshet ([a-z-]+(?: [a-z]+)?)", page, re.M):
                    self.assertTrue(any(used == k or used.split()[0] == k or used.startswith(k + " ") for k in known),
                                    f"{name}: freshet {used}")

    def test_where_commands_tell_that_it_is_over_a_test_follows_them(self):
        followed = set()
        for test in ("runbook_test.py", "disk_test.py"):
            followed |= set(re.findall(r"(?:alerts|codes)/\w+", read("tests", "e2e", test)))
        followed |= {"alerts/" + name for name in re.findall(r'"(Freshet\w+)"', read("tests", "e2e", "prometheus_test.py"))}
        for kind in ("alerts", "codes"):
            for name, page in pages(kind).items():
                if "```sh" in section(page, "How to know it is over"):
                    self.assertIn(f"{kind}/{name}", followed)

    def test_links_lead_somewhere(self):
        for kind in ("alerts", "codes"):
            for name, page in pages(kind).items():
                for link in re.findall(r"\]\(([^)]+)\)", page):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, "runbooks", kind, link)), f"{name}: {link}")


class Metrics(unittest.TestCase):
    def test_what_is_asked_for_exists_and_is_filled(self):
        known = metrics()
        code = "\n".join(read(os.path.relpath(os.path.join(folder, file), ROOT))
                         for top in ("connectors", "services", "common") for folder, _, files in os.walk(os.path.join(ROOT, top))
                         for file in files if file.endswith((".cc", ".h")) and not file.endswith("_test.cc"))
        filled = set(re.findall(r"Metric::(k\w+)", code))
        asked = {"rules.yaml": read("alerts", "rules.yaml"), "dashboard.json": read("alerts", "dashboard.json")}
        for kind in ("alerts", "codes"):
            asked.update(pages(kind))
        for where, text in asked.items():
            for name in metrics_in(text):
                self.assertIn(name, known, where)
                self.assertIn(known[name][0], filled, f"{where}: nothing counts {name}")


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.dashboard = json.loads(read("alerts", "dashboard.json"))

    def test_is_whole(self):
        panels = self.dashboard["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        for panel in panels:
            with self.subTest(panel=panel["title"]):
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24)
                self.assertTrue(panel["description"].endswith("."))
                self.assertTrue(panel["targets"])
                self.assertIn(panel["type"], ("timeseries", "stat", "table"))
                self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"})
        cells = [(x, y) for panel in panels for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
                 for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])]
        self.assertEqual(len(cells), len(set(cells)), "panels lie over each other")

    @unittest.skipUnless(PROMTOOL, "no promtool here")
    def test_its_queries_are_promql(self):
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{i}", "expr": target["expr"].replace("$__rate_interval", "5m").replace("$source", ".*")}
            for i, target in enumerate(t for panel in self.dashboard["panels"] for t in panel["targets"])]}]}
        done = subprocess.run([PROMTOOL, "check", "rules", "/dev/stdin"], input=json.dumps(rules), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@unittest.skipUnless(PROMTOOL, "no promtool here")
class Rules(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run([PROMTOOL, *arguments], cwd=os.path.join(ROOT, "alerts"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_right(self):
        self.promtool("check", "rules", "rules.yaml")

    def test_the_right_alert_fires_in_time_and_stops(self):
        self.promtool("test", "rules", "rules_test.yaml")

    def test_every_alert_is_tested_and_names_its_runbook(self):
        tested, rules = read("alerts", "rules_test.yaml"), read("alerts", "rules.yaml")
        for name in alerts():
            self.assertIn(f'alertname="{name}"', tested)
            self.assertIn(f"runbook: runbooks/alerts/{name}.md", rules)


if __name__ == "__main__":
    unittest.main()
