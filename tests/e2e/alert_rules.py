"""The alerts' own expressions, where they begin by comparing one metric, or one by another, with one number, held against what
/metrics says; what follows it there (an `unless`) is not asked.

  is_true("FreshetIngestionLag", site.request("GET", "/metrics", token=None)[1])
"""
import operator, re

COMPARE = {">": operator.gt, "<": operator.lt, "==": operator.eq}


def expression(alert):
    """(metric, what it is divided by or empty, comparison, number)"""
    with open("alerts/rules.yaml", encoding="utf-8") as file:
        rule = re.search(rf"- alert: {alert}\n\s+expr: \|\n\s+(\w+)(?: / (\w+))? (>|<|==) ([0-9.]+)\n", file.read())
    assert rule, f"{alert} compares no one metric with one number"
    return rule.group(1), rule.group(2), COMPARE[rule.group(3)], float(rule.group(4))


def values_of(metric, metrics):
    values = dict(re.findall(rf"^{metric}(\{{.*\}})? (\S+)$", metrics, re.M))
    assert values, f"nobody says {metric}"
    return {labels: float(value) for labels, value in values.items()}


def is_true(alert, metrics):
    metric, by, compare, limit = expression(alert)
    values = values_of(metric, metrics)
    shares = values_of(by, metrics) if by else dict.fromkeys(values, 1.0)
    return any(compare(value / shares[labels], limit) for labels, value in values.items())
