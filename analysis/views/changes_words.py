"""Headline numbers and what moved them, in words."""

import pandas as pd

from analysis.changes import PARTS, Changes
from analysis.changes_figures import Key
from analysis.views.look import Look, percent

POINTS = ("growth", "share")
"""Figures that are fractions: their moves are said in percentage points."""
DIGITS = {"subsidy": 4, "guarantee": 2}
"""Decimals of the figures in CNY."""
RESPONSE = "response"
SHOWN = 0.5
"""A move of less than half its last digit is none."""


def label(key: Key, look: Look) -> str:
    """Name of a headline number: Share of Cainiao."""
    figure, of = key
    name = look.name(of) if figure == "share" else look.term("tier", of)
    return look.say(f"change.figure_{figure}", name=name)


def value(key: Key, number: float, look: Look) -> str:
    """A headline number with its unit."""
    figure = key[0]
    if pd.isna(number):
        return look.say("unit.none")
    if figure in POINTS:
        return percent(number, 2).replace("-", "−")
    if figure == RESPONSE:
        return look.say("explain.points", value=f"{number:.2f}")
    if figure == "parcels":
        return look.count(number, 2)
    return look.money(number, DIGITS.get(figure, 0)) if figure in (*DIGITS, "bill") else f"{number:,.0f}"


def move(key: Key, number: float, look: Look) -> str:
    """Change of a headline number with its sign and unit; nothing has no sign."""
    figure = key[0]
    if pd.isna(number):
        return look.say("unit.none")
    if not moves(key, number):
        return "0"
    if figure in POINTS or figure == RESPONSE:
        said = look.say("unit.points_signed", value=f"{number * (1 if figure == RESPONSE else 100):+.2f}")
    elif figure in (*DIGITS, "bill"):
        said = look.money(number, DIGITS.get(figure, 0), signed=True)
    else:
        said = ("+" if number > 0 else "") + (look.count(number, 2) if figure == "parcels" else f"{number:,.0f}")
    return said.replace("-", "−")


def moves(key: Key, number: float) -> bool:
    """Whether a change is large enough to be seen in the words of `move`."""
    digits = DIGITS.get(key[0], 4 if key[0] in POINTS else 2 if key[0] == RESPONSE else 0)
    return abs(number) >= SHOWN * 10.0**-digits


def cause(row: pd.Series) -> str:
    """The part that moves a figure most; "" where nothing does or parts are not known."""
    key: Key = row.name
    sizes = row[list(PARTS)].astype("float64").abs()
    largest = "" if sizes.isna().any() else str(sizes.idxmax())
    return largest if largest and moves(key, float(sizes[largest])) else ""


def reason(part: str, changes: Changes, look: Look, *, at: str) -> str:
    """What a part is, as it stands inside a sentence: the new month Aug 2026."""
    if part == "new" and at == "latest" and changes.month_after in changes.came.months:
        assert changes.month_after is not None
        return look.say("change.from_month", month=look.month(changes.month_after))
    return look.say(f"change.from_{part}")


def title(row: pd.Series, changes: Changes, look: Look, *, at: str) -> str:
    """What moved a headline number, and how far."""
    key: Key = row.name
    said = {name: value(key, row[name], look) for name in ("before", "after")} | {"name": label(key, look)}
    if row["state"] in ("not_before", "not_after", "no_overlap"):
        return look.say(f"change.{row['state']}", **said)
    part = cause(row)
    if not part:
        return look.say("change.still", **said)
    total = float(row["after"] - row["before"])
    said |= {"reason": reason(part, changes, look, at=at), "part": move(key, row[part], look)}
    if not moves(key, total):
        return look.say("change.offset", **said)
    others = [moves(key, row[other]) for other in PARTS if other != part]
    return look.say("change.mostly" if any(others) else "change.wholly", change=move(key, total, look), **said)


def finding(changes: Changes, look: Look, *, at: str) -> str:
    """How many headline numbers moved, and mostly because of what."""
    table = changes.at(at)
    causes = [cause(row) for _, row in table.iterrows()]
    said = {part: reason(part, changes, look, at=at) for part in PARTS if part in causes}
    items = [look.say("change.some_from", n=causes.count(part), reason=words) for part, words in said.items()]
    unknown = sum(state != "" and not part for part, state in zip(causes, table["state"], strict=True))
    items += [look.say("change.some_unknown", n=unknown)] if unknown else []
    n = {"n": unknown + sum(map(bool, causes)), "total": len(table)}
    if not items:
        return look.say("change.none")
    if len(items) == len(said) == 1:
        return look.say("change.some_one", reason=next(iter(said.values())), **n)
    return look.say("change.some", items=look.join(items), **n)


def parts(row: pd.Series, changes: Changes, look: Look) -> dict[str, str]:
    """A sentence for each part of a figure's move."""
    key: Key = row.name
    said = {part: move(key, row[part], look) for part in PARTS}
    ends = {end: value(key, row[end], look) for end in ("low", "high")}
    return {
        "restated": look.say("change.restated_said", what=_restated(changes, look), part=said["restated"]),
        "new": look.say("change.new_said", what=_came(changes, look), part=said["new"]),
        "model": look.say(f"change.model_{_model(key, changes)}", part=said["model"], **ends),
    }


def _model(key: Key, changes: Changes) -> str:
    if key[0] != RESPONSE:
        return "none"
    return {None: "unknown", False: "same", True: "again"}[changes.refitted]


def _restated(changes: Changes, look: Look) -> str:
    """Which rows have other values or are gone, by dataset, and in which months of the volumes."""
    rows = changes.rows
    items = [
        look.say(f"change.rows_{kind}", dataset=look.say(f"dataset.{dataset}"), n=f"{counts[kind]:,}")
        for dataset, counts in rows.iterrows()
        for kind in ("changed", "gone")
        if counts[kind]
    ]
    touched = changes.months.index[(changes.months[["changed", "gone"]].sum(axis=1) > 0).to_numpy()]
    if not items:
        return look.say("change.nothing_restated")
    months = [look.month(month) for month in reversed(touched)]
    return look.join(items) + (look.say("change.in_months", months=look.few(months)) if months else "")


def _came(changes: Changes, look: Look) -> str:
    """Months, cities and networks that only the later version holds, and how many rows."""
    came = changes.came
    items = [look.few([look.month(month) for month in reversed(came.months)])] if came.months else []
    items += [look.say("change.cities", n=len(came.cities))] if came.cities else []
    items += [look.few([look.name(name) for name in came.networks])] if came.networks else []
    items += [
        look.say("change.rows_added", dataset=look.say(f"dataset.{dataset}"), n=f"{n:,}")
        for dataset, n in changes.rows["added"].items()
        if n
    ]
    return look.join(items) or look.say("change.nothing_new")


def sentences(changes: Changes, look: Look) -> tuple[str, ...]:
    """What came in, what was restated and what left, and whether the month that both hold moved at all."""
    said = [
        look.say("change.came_in", what=_came(changes, look)),
        look.say("change.was_restated", what=_restated(changes, look)),
    ]
    if changes.left:
        left = [look.few([look.month(month) for month in reversed(changes.left.months)])] if changes.left.months else []
        left += [look.say("change.cities", n=len(changes.left.cities))] if changes.left.cities else []
        left += [look.name(name) for name in changes.left.networks]
        said.append(look.say("change.went", what=look.join(left)))
    if changes.month_same is None:
        return (*said, look.say("change.no_month_in_common"))
    moved = sum(moves(key, row["restated"]) for key, row in changes.same.iterrows())
    month = look.month(changes.month_same)
    key = "change.same_month_moved" if moved else "change.same_month_still"
    return (*said, look.say(key, month=month, n=moved))
