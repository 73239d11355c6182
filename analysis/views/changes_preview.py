"""What a version would change before it is saved: rows, totals by month and shares."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.views import amounts, plain
from analysis.views.look import Look, View, percent
from data.cities import cities
from data.grade import Grade
from data.places import called
from data.schema import DATASETS

if TYPE_CHECKING:
    from data.workspace.versions import Preview

ROWS = ("before", "added", "changed", "gone", "same", "after", "conflicts")
HEIGHT = 220
ROW_PIXELS = 30
_MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?")
DASH = {"before": "dot", "after": "solid"}


def preview(found: "Preview", look: Look) -> View:
    """Lines of the parcels of each month before and after."""
    totals = found.totals.sort_values("month")
    months = pd.DatetimeIndex(totals["month"])
    inks = {"before": look.theme.muted, "after": look.theme.accent}
    hover = "%{x|%Y-%m} <b>%{y:,.0f}</b>"
    lines = [
        plain.line(plain.dates(months), totals[side], inks[side], hover=f"{look.say(f'change.column_{side}')} {hover}")
        | {"mode": "lines+markers" if len(months) < 3 else "lines"}
        for side in ("before", "after")
    ]
    lines[0]["line"]["dash"] = DASH["before"]
    figure = plain.figure(lines, look, height=HEIGHT, x=plain.months_axis(len(months)), y=_counts(totals, look))
    table = pd.DataFrame(
        {
            look.say("market.month"): [look.month(month) for month in months],
            **{look.say(f"change.column_{side}"): totals[side].to_numpy() for side in ("before", "after")},
        }
    )
    title = _totals(totals, look)
    alt = look.say("change.alt_totals", title=title, n=len(months))
    return View(figure, table, title, look.say("change.caption_totals"), alt, Grade.REPORTED)


def _counts(totals: pd.DataFrame, look: Look) -> dict[str, object]:
    """Axis from zero with round ticks in the words of the language."""
    top = float(np.nanmax(totals[["before", "after"]].to_numpy(np.float64), initial=0.0)) * 1.05 or 1.0
    return {"range": [0, top], **amounts.ticks(0.0, top, look)}


def _totals(totals: pd.DataFrame, look: Look) -> str:
    """How many months come, change and go."""
    before, after = totals["before"], totals["after"]
    both = before.notna() & after.notna()
    counts = {
        "added": int((before.isna() & after.notna()).sum()),
        "changed": int((both & (before != after)).sum()),
        "gone": int((before.notna() & after.isna()).sum()),
    }
    items = [look.say(f"change.months_{kind}", n=n) for kind, n in counts.items() if n]
    return look.say("change.months", items=look.join(items)) if items else look.say("change.months_same")


def preview_shares(found: "Preview", look: Look) -> View:
    """Share of each network before and after, in the latest month that either version holds for it."""
    shares = found.shares
    ends = {side: shares.loc[shares[side].notna(), "month"].max() for side in ("before", "after")}
    sides = {
        side: shares[shares["month"] == end].set_index("platform")[side].rename(side) for side, end in ends.items()
    }
    both = pd.concat(sides.values(), axis=1).sort_values("after", ascending=False, kind="stable")
    names = [look.name(str(name)) for name in both.index]
    traces = [
        plain.interval(100 * both["before"].fillna(both["after"]), 100 * both["after"], names, look.theme.grid, 6.0),
        *(_dots(both[side], names, side, look) for side in sides),
    ]
    figure = plain.figure(
        traces,
        look,
        height=60 + ROW_PIXELS * len(both),
        x={"ticksuffix": "%"},
        y=plain.rows_axis(),
        hovermode="closest",
    )
    heads = {side: _head(side, end, look) for side, end in ends.items()}
    table = pd.DataFrame(
        {look.say("market.network"): names, **{heads[side]: (100 * both[side]).round(2).to_numpy() for side in sides}}
    )
    change = (both["after"] - both["before"]).dropna()
    title = _shares(change, ends, look)
    items = look.join(f"{name} {percent(share)}" for name, share in zip(names, both["after"].fillna(0.0), strict=True))
    caption = look.say("change.caption_shares", before=heads["before"], after=heads["after"])
    return View(figure, table, title, caption, look.say("change.alt_shares", items=items), Grade.REPORTED)


def _head(side: str, month: pd.Timestamp, look: Look) -> str:
    said = look.say(f"change.column_{side}")
    return (
        said
        if pd.isna(month)
        else f"{said}, {look.month(month)}"
        if look.lang == "en"
        else f"{said}（{look.month(month)}）"
    )


def _dots(share: pd.Series, names: list[str], side: str, look: Look) -> dict[str, object]:
    colours = [look.theme.colour(str(name)) for name in share.index]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(100 * share),
        "y": names,
        "marker": {"size": 10, "color": colours, "symbol": "circle" if side == "after" else "circle-open"},
        "hovertemplate": f"{look.say(f'change.column_{side}')} %{{y}} <b>%{{x:.2f}}%</b><extra></extra>",
    }


def _shares(change: pd.Series, ends: dict[str, pd.Timestamp], look: Look) -> str:
    """Which network's share moves most, and between which months where they differ."""
    if change.empty or 100 * change.abs().max() < 0.005:
        return look.say("change.shares_same")
    most = str(change.abs().idxmax())
    said = {"name": look.name(most), "change": f"{100 * change[most]:+.2f}".replace("-", "−")}
    if ends["before"] == ends["after"]:
        return look.say("change.shares", **said)
    months = {"since": look.month(ends["before"]), "month": look.month(ends["after"])}
    return look.say("change.shares_between", **months, **said)


def preview_rows(found: "Preview", look: Look) -> pd.DataFrame:
    """Rows by dataset: before, added, changed, gone, as they were, after, in conflict."""
    rows = found.rows
    return pd.DataFrame(
        {
            look.say("data.dataset"): [look.say(f"dataset.{name}") for name in rows["dataset"]],
            **{look.say(f"change.rows_head_{kind}"): rows[kind].to_numpy() for kind in ROWS},
        }
    )


def preview_sentences(found: "Preview", look: Look, *, on_conflict: str = "error") -> tuple[str, ...]:
    """One sentence a dataset, and one for each whose keys stand in both with other values.

    Parameters
    ----------
    found : Preview
    on_conflict : str
        What becomes of such keys: "error" asks for a choice; "new" and "old" say which rows stay.
    """
    said = []
    for row in found.rows.to_dict("records"):
        dataset = look.say(f"dataset.{row['dataset']}")
        kinds = [kind for kind in ("added", "changed", "gone") if row[kind]]
        items = [look.say(f"change.n_{kind}", n=f"{row[kind]:,}") for kind in kinds]
        key = "change.preview_dataset" if items else "change.preview_same"
        said.append(look.say(key, dataset=dataset, items=look.join(items), n=f"{row['after']:,}"))
        if row["conflicts"]:
            example = key_words(found.examples.get(row["dataset"], ()), look, dataset=row["dataset"])
            values = {"dataset": dataset, "n": f"{row['conflicts']:,}", "example": example}
            said.append(look.say("change.conflicts" + ("" if on_conflict == "error" else f"_{on_conflict}"), **values))
    return tuple(said)


def key_words(example: Sequence[str] | str, look: Look, *, dataset: str = "") -> str:
    """Key of a row in the reader's language: 2025年6月 · 杭州 · 菜鸟驿站.

    Parameters
    ----------
    example : sequence of str, or str
        Parts of the key as `Preview.examples` holds them, or the `example` of a `WorkspaceError` ("conflict"), which
        has " + " between them. Parts that are blank are left out.
    dataset : str
        Key of DATASETS; "" is the one whose key has as many parts.
    """
    parts = re.split(r" *\+ +", f"{example} ") if isinstance(example, str) else list(example)
    parts = [part.strip() for part in parts]
    found = dataset or next((name for name, one in DATASETS.items() if len(one.key) == len(parts)), "volumes")
    columns = DATASETS[found].columns
    words = [_key_word(columns[name].type, part, look) for name, part in zip(DATASETS[found].key, parts, strict=False)]
    return " · ".join(filter(None, words))


def _key_word(type: str, text: str, look: Look) -> str:
    if type == "city" and text in cities().index:
        return called(text, look.lang)
    if type == "month" and _MONTH.fullmatch(text):
        return look.month(pd.Period(text[:7], "M"))
    return look.name(text) if type in ("platform", "origin") else text
