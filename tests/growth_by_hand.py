"""A back-test of one monthly series in plain loops, one number at a time, from what the documentation says.

Nothing of `analysis` is used: naive, seasonal naive and log-linear growth with calendar regressors, their bands, the
widening of those, every score, the rule that chooses and what choosing costs.
"""

import csv
import math
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

SEASON = 12
LEVELS = (80, 95)
FILE = Path(__file__).parents[1] / "data" / "files" / "lunar_new_year.csv"
LAGS = {"naive": 1, "seasonal naive": SEASON}


@cache
def t_of(level, df):
    return float(stats.t.ppf(0.5 + level / 200, df))


def mean(values):
    return sum(values) / len(values) if values else math.nan


def known(value):
    return not math.isnan(value)


def walk(train, lag, steps, multiply):
    """Random walk at a lag; a missing value is stood in for by the one a lag earlier, and its error is larger."""
    values = [math.log(v) if multiply and known(v) else v for v in train]

    def earlier(t):
        age = 1
        while t - age * lag >= 0:
            if t - age * lag < len(values) and known(values[t - age * lag]):
                return values[t - age * lag], age
            age += 1
        return math.nan, age

    squares = []
    for t, value in enumerate(values):
        before, age = earlier(t)
        if known(value) and known(before):
            squares.append((value - before) ** 2 / age)
    sigma = math.sqrt(mean(squares))
    ahead = [earlier(len(values) - 1 + h) for h in range(1, steps + 1)]
    median = [math.exp(v) if multiply else v for v, _ in ahead]
    return median, [sigma * math.sqrt(age) for _, age in ahead], len(squares)


def regressors(months, names):
    """Calendar columns: the new year's window of 21 days, campaigns by month, a break."""
    with FILE.open() as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        days = [date.fromisoformat(row["date"]) + timedelta(days=k) for row in rows for k in range(-10, 11)]
    shares = {}
    for day in days:
        shares[day.year, day.month] = shares.get((day.year, day.month), 0) + 1 / 21
    columns = {
        "lunar_new_year": [shares.get((m.year, m.month), 0.0) - 1 / 12 for m in months],
        "campaign_618": [(m.month == 6) - 1 / 12 for m in months],
        "double_11": [(m.month == 11) - 1 / 12 for m in months],
        "definition_2024": [-1.0 if m.year < 2024 else 0.0 for m in months],
    }
    return [columns[name] for name in names]


def log_linear(train, columns, steps):
    """Ordinary least squares on logs; a column that does not vary over what is known is left out."""
    n = len(train)
    at = [t for t in range(n) if known(train[t])]
    used = [c for c in columns if len({c[t] for t in at}) > 1]
    x = np.array([[1.0, t - n, *(c[t] for c in used)] for t in at])
    y = np.array([math.log(train[t]) for t in at])
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    df = len(at) - x.shape[1]
    sigma2 = float(((y - x @ beta) ** 2).sum()) / df
    inverse = np.linalg.inv(x.T @ x)
    median, spread = [], []
    for t in range(n, n + steps):
        row = np.array([1.0, t - n, *(c[t] for c in used)])
        median.append(math.exp(float(row @ beta)))
        spread.append(math.sqrt(sigma2 * (1 + float(row @ inverse @ row))))
    return median, spread, df


def ends(median, half, multiply, floor):
    if multiply:
        return median * math.exp(-half), median * math.exp(half)
    return max(median - half, floor), median + half


def in_spreads(actual, median, spread, multiply):
    """Error ahead in nominal spreads, at most 20."""
    if not known(actual):
        return math.nan
    error = math.log(actual / median) if multiply else actual - median
    return max(-20.0, min(20.0, error / spread))


def independent(count, h):
    """Independent errors that those of consecutive origins are worth h steps ahead."""
    pairs = sum(max(0.0, 1 - abs(i - j) / h) ** 2 for i in range(count) for j in range(count))
    return count**2 / pairs if count else 0.0


def widths(errors, level):
    """Half widths in spreads at each step, from errors[origin][step]."""
    result, scale2 = [], 1.0
    for h in range(1, len(errors[0]) + 1):
        column = [row[h - 1] for row in errors]
        there = [u for u in column if known(u)]
        count = len(there)
        worth = independent(count, h)
        square = mean([u * u for u in there]) if count else 0.0
        scale2 = (3 * scale2 + worth * square) / (3 + worth)
        beside = [(a, b) for a, b in pairwise(column) if known(a) and known(b)]
        around = sum((a * a + b * b) / 2 for a, b in beside)
        r = max(0.0, sum(a * b for a, b in beside) / around) if around else 0.0
        told = min(worth, max(count * (1 - r * r) / (1 + r * r), min(count, 1)))
        result.append(t_of(level, max(3.0, told + 8 / max(1.0, scale2))) * math.sqrt(scale2))
    return result


def factors(errors, spread, df, level):
    """Multiples of the nominal half widths: never narrower, never shrinking with the horizon."""
    found, widest = [], 0.0
    for wide, s in zip(widths(errors, level), spread, strict=False):
        widest = max(widest, max(wide / t_of(level, df), 1.0) * s)
        found.append(widest / s)
    return found


def known_at(errors, place):
    """Errors that were known at one origin: h steps ahead, of origins at least h before."""
    gone = [place - i for i in range(len(errors))]
    return [[u if d >= h else math.nan for h, u in enumerate(row, 1)] for d, row in zip(gone, errors, strict=True)]


def plan(n, horizon, origins):
    """Steps tested and the number of labels known at each origin."""
    for tested in range(horizon, 0, -1):
        cuts = [c for c in range(2 * SEASON, n) if c + tested <= n]
        if len(cuts) >= 5 or tested == 1:
            return tested, cuts[-origins:]
    raise AssertionError


def tried(curve, values, cuts, columns, horizon, multiply):
    """Median, spread and degrees of freedom at each cut."""
    if curve == "log-linear":
        return [log_linear(values[:c], [x[: c + horizon] for x in columns], horizon) for c in cuts]
    return [walk(values[:c], LAGS[curve], horizon, multiply) for c in cuts]


def table(curve, values, tested, cuts, columns, horizon, multiply, floor):
    """Trials by (cut, step), forecasts ahead by step, and factors by step of one curve."""
    found = tried(curve, values, [*cuts, len(values)], columns, horizon, multiply)
    errors = [
        [in_spreads(values[c + i], median[i], spread[i], multiply) for i in range(tested)]
        for c, (median, spread, _) in zip(cuts, found[:-1], strict=True)
    ]
    last = {level: factors(errors, found[-1][1], found[-1][2], level) for level in LEVELS}
    rows = []
    for place, (median, spread, df) in enumerate(found):
        wide = {level: factors(known_at(errors, place), spread, df, level) for level in LEVELS}
        wide = last if place == len(cuts) else wide
        steps = []
        for i in range(horizon):
            row = {"median": median[i]}
            for prefix in ("", "wide_"):
                for level in LEVELS:
                    half = t_of(level, df) * spread[i] * (wide[level][min(i, tested - 1)] if prefix else 1.0)
                    low, high = ends(median[i], half, multiply, floor)
                    row |= {f"{prefix}low_{level}": low, f"{prefix}high_{level}": high}
            steps.append(row)
        rows.append(steps)
    trials = [[{"actual": values[c + i], **rows[j][i]} for i in range(tested)] for j, c in enumerate(cuts)]
    for c, steps in zip(cuts, trials, strict=True):
        changes = [values[t] - values[t - SEASON] for t in range(SEASON, c)]
        changes = [change for change in changes if known(change)]
        for row in steps:
            row |= {"scale": mean([abs(x) for x in changes]), "scale2": mean([x * x for x in changes])}
    return trials, rows[-1], last


def score(trials, benchmark):
    """Scores of trials[origin][step] against those of seasonal naive."""
    rows = [row for steps in trials for row in steps if known(row["actual"])]
    result = {name: [] for name in ("mase", "smape", "rmsse", "msis", "bias")}
    hits = {f"{name}_{level}": [] for name in ("coverage", "held") for level in LEVELS}
    for row in rows:
        actual, median, scale = row["actual"], row["median"], row["scale"]
        low, high = row["wide_low_95"], row["wide_high_95"]
        missed = low - actual if actual < low else actual - high if actual > high else 0.0
        result["mase"].append(abs(actual - median) / scale)
        result["smape"].append(200 * abs(actual - median) / (abs(actual) + abs(median)))
        result["rmsse"].append((actual - median) ** 2 / row["scale2"])
        result["msis"].append((high - low + 2 / 0.05 * missed) / scale)
        result["bias"].append((median - actual) / scale)
        for name, prefix in (("coverage", ""), ("held", "wide_")):
            for level in LEVELS:
                inside = row[f"{prefix}low_{level}"] <= actual <= row[f"{prefix}high_{level}"]
                hits[f"{name}_{level}"].append(float(inside))
    wins = []
    for mine, other in zip(trials, benchmark, strict=True):
        both = [[abs(r["actual"] - r["median"]) for r in steps if known(r["actual"])] for steps in (mine, other)]
        wins += [float(mean(both[0]) < mean(both[1]))] if both[0] else []
    found = {name: mean(values) for name, values in (result | hits).items()}
    return found | {"rmsse": math.sqrt(found["rmsse"]) if rows else math.nan, "wins": mean(wins), "n": len(rows)}


def choose(scores, origins):
    """The rule: believable bands no worse than those of seasonal naive, lowest MASE below that of seasonal naive."""
    if origins < 5:
        return "seasonal naive", "too_short"
    bar, best = scores["seasonal naive"], None
    for curve, one in scores.items():
        if one["held_95"] >= 0.85 and one["msis"] <= bar["msis"] and one["mase"] < bar["mase"]:
            best = curve if best is None or one["mase"] < scores[best]["mase"] else best
    return (best, "beats") if best else ("seasonal naive", "nothing_beats")


def doubt(chosen, scores, tables, horizon, errors):
    """Factor of the bands of the chosen curve at each step ahead, for having been chosen."""
    rivals = [k for k, one in scores.items() if one["mase"] <= scores["seasonal naive"]["mase"] or k == chosen]
    size = {}
    for key in rivals:
        rows = [row for steps in tables[key][0] for row in steps if known(row["actual"])]
        size[key] = math.sqrt(mean([(row["median"] - row["actual"]) ** 2 for row in rows]))
    weight = {key: (size[chosen] / size[key]) ** errors for key in rivals}
    found, largest = [], 1.0
    for i in range(horizon):
        mine, square = tables[chosen][1][i], 0.0
        half = (mine["wide_high_95"] - mine["wide_low_95"]) / 2
        for key in rivals:
            off = min(2.0, 2 * abs(tables[key][1][i]["median"] - mine["median"]) / half)
            square += weight[key] / sum(weight.values()) * (min(2.0, size[key] / size[chosen]) ** 2 + off**2)
        largest = min(2.0, max(largest, math.sqrt(square)))
        found.append(largest)
    return found


def backtest(series, curves, horizon, origins, calendar=()):
    """Trials, scores, scores by step, factors and forecasts ahead as frames, the choice and its reason."""
    ordered = series.dropna().sort_index()
    months = pd.period_range(ordered.index[0], ordered.index[-1] + horizon, freq="M")
    n = len(months) - horizon
    values = ordered.reindex(months[:n]).tolist()
    lowest, (tested, cuts) = min(v for v in values if known(v)), plan(n, horizon, origins)
    multiply = {key: key == "log-linear" or lowest > 0 for key in curves}
    floor = 0.0 if lowest >= 0 else -math.inf
    columns = regressors(months, calendar)
    tables = {key: table(key, values, tested, cuts, columns, horizon, multiply[key], floor) for key in curves}
    base = tables["seasonal naive"][0]
    scores = {key: score(one[0], base) for key, one in tables.items()}
    by_step = {
        (key, h): score([[steps[h - 1]] for steps in one[0]], [[steps[h - 1]] for steps in base])
        for key, one in tables.items()
        for h in range(1, tested + 1)
    }
    chosen, reason = choose(scores, len(cuts))
    errors = mean([independent(len(cuts), h) for h in range(1, tested + 1)])
    more = doubt(chosen, scores, tables, horizon, errors)
    for row, factor in zip(tables[chosen][1], more, strict=True):
        for level in LEVELS:
            high, median = row[f"wide_high_{level}"], row["median"]
            half = math.log(high / median) if multiply[chosen] else high - median
            low, high = ends(median, half * factor, multiply[chosen], floor)
            row |= {f"wide_low_{level}": low, f"wide_high_{level}": high}
    trials = {
        (key, months[c - 1], i + 1): {"target": months[c + i], **row}
        for key, one in tables.items()
        for c, steps in zip(cuts, one[0], strict=True)
        for i, row in enumerate(steps)
    }
    widened = {
        (key, i + 1): {level: one[2][level][i] * (more[i] if key == chosen else 1.0) for level in LEVELS}
        for key, one in tables.items()
        for i in range(tested)
    }
    ahead = {(key, months[n + i]): row for key, one in tables.items() for i, row in enumerate(one[1])}
    frames = {"trials": trials, "scores": scores, "by_step": by_step, "factors": widened, "ahead": ahead}
    made = {name: pd.DataFrame.from_dict(rows, orient="index") for name, rows in frames.items()}
    return {**made, "chosen": chosen, "reason": reason}
