"""What changed with a new version: one waterfall a headline number, and a table of all."""

from itertools import accumulate

import numpy as np
import pandas as pd

from analysis.changes import PARTS, Changes
from analysis.changes_figures import Key
from analysis.views import amounts, plain
from analysis.views.changes_preview import preview, preview_rows, preview_sentences, preview_shares
from analysis.views.changes_words import POINTS, cause, finding, label, move, parts, sentences, title, value
from analysis.views.look import Look, View

__all__ = [
    "figures",
    "finding",
    "label",
    "preview",
    "preview_rows",
    "preview_sentences",
    "preview_shares",
    "sentences",
    "table",
    "waterfall",
]

PAD = 0.18
"""Room above and below the bars, as a part of their height."""
CUT = 2
"""The axis leaves zero out when the lowest bar is that many times as high as the moves."""


def figures(changes: Changes, *, at: str = "latest") -> list[Key]:
    """Headline numbers that can be drawn, those that moved first."""
    found = changes.at(at)
    still = [not cause(row) and not row["state"] for _, row in found.iterrows()]
    return [key for wanted in (False, True) for key, rests in zip(found.index, still, strict=True) if rests is wanted]


def waterfall(changes: Changes, figure: Key, look: Look, *, at: str = "latest") -> View:
    """Bars from the earlier version over restated data, new data and the model to the later version.

    Parameters
    ----------
    changes : Changes
    figure : tuple of str
        A label of its tables.
    at : str
        "latest" compares the latest month of each version, "same" one month that both hold.

    Notes
    -----
    Where the move cannot be split, the bars of the two versions stand alone.
    """
    row = changes.at(at).loc[figure]
    factor = 100.0 if figure[0] in POINTS else 1.0
    known = bool(row[list(PARTS)].notna().all())
    steps = [row["before"], *(row[list(PARTS)] if known else ()), row["after"]]
    names = _names(changes, look, known, at)
    texts = [
        value(figure, row["before"], look),
        *([move(figure, row[part], look) for part in PARTS] if known else ()),
        value(figure, row["after"], look),
    ]
    low, high = (end * factor for end in _span(row, known))
    suffix = "%" if figure[0] in POINTS else ""
    bars = {
        "type": "waterfall",
        "x": names,
        "y": plain.numbers(np.array(steps, dtype=np.float64) * factor),
        "measure": ["absolute", *["relative"] * (len(steps) - 2), "total" if known else "absolute"],
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "textfont": {"color": look.theme.text, "size": 12},
        "connector": {"line": {"color": look.theme.muted, "width": 1}, "visible": known},
        "increasing": {"marker": {"color": look.theme.accent}},
        "decreasing": {"marker": {"color": look.theme.muted}},
        "totals": {"marker": {"color": look.theme.colour("")}},
        "hovertemplate": "%{x} <b>%{text}</b><extra></extra>",
    }
    drawn = plain.figure(
        [bars],
        look,
        height=320,
        x={"type": "category", "tickangle": 0},
        y={"range": [low, high], **amounts.ticks(low, high, look, suffix=suffix)},
    )
    items = look.join(look.pair(name.replace("<br>", " "), text) for name, text in zip(names, texts, strict=True))
    said = title(row, changes, look, at=at)
    caption = _caption(figure, changes, look, known=known, cut=bool(low > 0), at=at)
    return View(drawn, _steps(row, changes, look, at), said, caption, look.say("change.alt", items=items), row["grade"])


def table(changes: Changes, look: Look, *, at: str = "latest") -> pd.DataFrame:
    """One row a headline number: both versions, the parts of the move, grade, and why where it cannot be split."""
    rows = [_row(row, look) for _, row in changes.at(at).iterrows()]
    names = ["figure", "before", *PARTS, "after", "grade", "note"]
    return pd.DataFrame(rows, columns=[look.say(f"change.column_{name}") for name in names])


def _row(row: pd.Series, look: Look) -> tuple[str, ...]:
    key: Key = row.name
    ends = {end: value(key, row[end], look) for end in ("low", "high")}
    interval = "" if pd.isna(row["low"]) else look.say("change.interval", **ends)
    note = look.say(f"change.note_{row['state']}") if row["state"] else interval
    return (
        label(key, look),
        value(key, row["before"], look),
        *(move(key, row[part], look) for part in PARTS),
        value(key, row["after"], look),
        look.say(f"grade.{row['grade']}"),
        note,
    )


def _names(changes: Changes, look: Look, known: bool, at: str) -> list[str]:
    """Names of the bars; the first and the last with their month."""
    ends = (changes.month_same,) * 2 if at == "same" else (changes.month_before, changes.month_after)
    first, last = (
        look.say(f"change.column_{key}") + ("" if month is None else f"<br>{look.month(month)}")
        for key, month in zip(("before", "after"), ends, strict=True)
    )
    return [first, *(look.say(f"change.column_{part}") for part in PARTS if known), last]


def _steps(row: pd.Series, changes: Changes, look: Look, at: str) -> pd.DataFrame:
    """The bars as rows: what each adds, what they add up to and why."""
    key: Key = row.name
    why = parts(row, changes, look)
    sums = [*accumulate(row[list(PARTS)], initial=row["before"])]
    names = [name.replace("<br>", " ") for name in _names(changes, look, True, at)]
    return pd.DataFrame(
        {
            look.say("change.column_step"): names,
            look.say("change.column_part"): ["", *(move(key, row[part], look) for part in PARTS), ""],
            look.say("change.column_sum"): [value(key, number, look) for number in (*sums, row["after"])],
            look.say("change.column_why"): ["", *why.values(), ""],
        }
    )


def _span(row: pd.Series, known: bool) -> tuple[float, float]:
    """Ends of the axis: around the bars' tops, from zero when they are near it."""
    tops = [*accumulate(row[list(PARTS)], initial=row["before"])] if known else [row["before"], row["after"]]
    found = np.array(tops, dtype=np.float64)
    found = found[np.isfinite(found)] if np.isfinite(found).any() else np.zeros(1)
    low, high = float(found.min()), float(found.max())
    pad = PAD * (high - low or abs(high) or 1.0)
    if known and low > CUT * (high - low) > 0:
        return low - pad, high + pad
    low, high = min(low, 0.0), max(high, 0.0)
    pad = PAD * (high - low or 1.0)
    return (low - pad if low < 0 else 0.0), high + pad


def _caption(figure: Key, changes: Changes, look: Look, *, known: bool, cut: bool, at: str) -> str:
    unit = look.say(f"change.unit_{figure[0]}")
    said = [look.say(f"change.caption_{at}", unit=unit)]
    said += [look.say("change.order")] if known else []
    said += [look.say("explain.axis_cut")] if cut else []
    return look.text(said)
