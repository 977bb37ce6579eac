"""Numbers for people: quantiles of few samples, ratios, three digits.

    quantile([3, 1, 2], 0.5)    # 2      the sample that so many are at or below (nearest rank), never one in between
    ratio(10, 4)                # "2.5x"
    short(0.01234)              # "0.0123"
"""
import math


def quantile(samples, share):
    """The smallest sample that at least this share of all samples does not exceed; None of none."""
    if not samples:
        return None
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(samples):
    return quantile(samples, 0.5)


def short(number):
    """Three digits, thousands apart: 16,400, 1,230, 45.6, 0.00123. "-" where nothing was measured."""
    if number is None:
        return "-"
    if number == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{round(number, digits):,.{digits}f}" if abs(number) < 1000 else f"{number:,.0f}"


def ratio(ours, other):
    """How many times the other ours is; "-" where one was not measured."""
    if ours is None or not other:
        return "-"
    return short(ours / other) + "x"


def quantiles(samples):
    """p50 / p95 / p99 in one cell."""
    return " / ".join(short(quantile(samples, share)) for share in (0.5, 0.95, 0.99)) if samples else "-"


def held(number, most=None, least=None):
    """What a goal came to: "yes", "no", or "-" where nothing was measured."""
    if number is None:
        return "-"
    return "yes" if (most is None or number <= most) and (least is None or number >= least) else "no"
