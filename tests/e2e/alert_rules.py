"""The alerts' own expressions, where they begin by comparing one metric with one number, held against what /metrics says; what
follows it there (an `unless`) is not asked.

  is_true("FreshetIngestionLag", site.request("GET", "/metrics", token=None)[1])
"""
import operator, re

COMPARE = {">": operator.gt, "<": operator.lt, "==": operator.eq}


def expression(alert):
    """(metric, comparison, number)"""
    with open("alerts/rules.yaml", encoding="utf-8") as file:
        rule = re.search(rf"- alert: {alert}\n\s+expr: \|\n\s+(\w+) (>|<|==) ([0-9.]+)\n", file.read())
    assert rule, f"{alert} compares no one metric with one number"
    return rule.group(1), COMPARE[rule.group(2)], float(rule.group(3))


def is_true(alert, metrics):
    metric, compare, limit = expression(alert)
    values = [float(value) for value in re.findall(rf"^{metric}(?:\{{.*\}})? (\S+)$", metrics, re.M)]
    assert values, f"nobody says {metric}"
    return any(compare(value, limit) for value in values)
