"""Sets of lockers needed against those that stand, in one unit: by tier, or of one city."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.space.lockers_need import JUDGED, Service
from analysis.views import plain
from analysis.views.lockers import HEIGHT, TOP, WHOLE, level, many
from analysis.views.look import Look, View
from data.cities import TIERS
from data.grade import Grade

THOUSAND = 1e3


def standing(rows: pd.DataFrame) -> pd.Series:
    """Sets there, counted by what they take, in the unit of the sets needed; 0 where no such set is ever enough.

    `rows` is `lockers_need.needed` (missing below 0: to spare) or `lockers_need.summed` (with a column spare).
    """
    spare = rows.get("spare", 0.0)
    finite = rows[["needed", "missing"]].replace(np.inf, np.nan)
    return (finite["needed"] - finite["missing"] + spare).fillna(0.0).clip(lower=0.0)


def by_tier(tiers: pd.DataFrame, look: Look, *, service: Service, caption: str, grade: Grade) -> View:
    """Sets needed against sets there by tier; `tiers` is `lockers_need.summed`."""
    rows = tiers.loc[[tier for tier in TIERS if tier in tiers.index]]
    labels = [look.term("tier", tier) for tier in rows.index]
    return _view(rows, labels, look, title=_tiers_title(rows, look, service), caption=caption, grade=grade)


def of_city(city: pd.DataFrame, look: Look, *, service: Service, caption: str, grade: Grade) -> View:
    """The same of one city; `city` is `lockers_need.summed` by name, one row."""
    name = str(city.index[0])
    return _view(city, [name], look, title=_city_title(city, look, service, name), caption=caption, grade=grade)


def _view(rows: pd.DataFrame, labels: Sequence[str], look: Look, *, title: str, caption: str, grade: Grade) -> View:
    """Bars of sets there and sets needed, with the numbers behind them."""
    there = standing(rows)
    drawn = (("there", there, look.theme.colour("")), ("needed", rows["needed"], look.theme.accent))
    traces = [
        {
            "type": "bar",
            "x": list(labels),
            "y": plain.numbers(values.replace(np.inf, np.nan)),
            "name": look.say(f"lockmap.{key}"),
            "marker": {"color": colour},
            "hovertemplate": f"%{{x}} · {look.say(f'lockmap.{key}')} <b>%{{y:,.0f}}</b><extra></extra>",
        }
        for key, values, colour in drawn
    ]
    high = pd.concat([there, rows["needed"]], axis=1).replace(np.inf, np.nan).max(axis=1).fillna(0.0)
    lacks = rows["missing"].replace(np.inf, 0.0)
    words = [
        many(n, look) if float(high.max()) < WHOLE else look.count(n, 1 if look.lang == "zh" else 0) for n in lacks
    ]
    notes = [
        plain.note(look, look.say("lockmap.short", n=n), x=label, y=top, yanchor="bottom", yshift=2)
        for label, n, lack, top in zip(labels, words, lacks, high, strict=True)
        if lack > 0
    ]
    legend = {**TOP, "y": 1.04, "font": {"size": 12, "color": look.theme.text}}
    top = float(high.max()) * 1.12 or 1.0
    steps = np.linspace(0, top, 5)[:-1].tolist()
    axis = {"range": [0, top], "tickvals": _round(steps), "ticktext": [look.short(v) for v in _round(steps)]}
    figure = plain.figure(traces, look, height=HEIGHT, y=axis, annotations=notes, showlegend=True, legend=legend)
    figure["layout"] |= {"bargap": 0.35 if len(rows) > 1 else 0.6, "barmode": "group"}
    items = look.join(f"{t} {n:,.0f} / {s:,.0f}" for t, n, s in zip(labels, rows["needed"], there, strict=True))
    alt = look.say("lockmap.tiers_alt", items=items)
    return View(figure, _table(rows, labels, look), title, caption, alt, grade)


def _round(values: list[float]) -> list[float]:
    """Ticks with two leading digits."""
    step = values[1] if len(values) > 1 and values[1] > 0 else 1.0
    unit = 10 ** np.floor(np.log10(step))
    step = float(np.floor(step / unit * 2) / 2 * unit) or step
    return [i * step for i in range(len(values) + 1)]


def _sums(rows: pd.DataFrame, look: Look) -> dict[str, str]:
    """Needed, there, missing and to spare in words that add up as printed: needed - there = missing - spare."""
    needed, missing, there = (float(x) for x in (rows["needed"].sum(), rows["missing"].sum(), standing(rows).sum()))
    if not np.isfinite(needed):
        return dict.fromkeys(("needed", "there", "missing", "spare"), "")
    unit = THOUSAND if max(needed, there) >= WHOLE else 1.0
    whole = {"needed": round(needed / unit), "there": round(there / unit), "missing": round(missing / unit)}
    whole["spare"] = max(whole["missing"] - whole["needed"] + whole["there"], 0)
    whole["missing"] = whole["needed"] - whole["there"] + whole["spare"]
    if unit == 1:
        return {key: f"{value:,}" for key, value in whole.items()}
    return {key: f"{value / 10:,.1f}万" if look.lang == "zh" else f"{value:,} k" for key, value in whole.items()}


def _tiers_title(rows: pd.DataFrame, look: Look, service: Service) -> str:
    whole = rows.sum()
    said = {"level": level(service), "when": look.say(f"lockmap.when_{service.judged}"), **_sums(rows, look)}
    said |= {"n": f"{int(whole['lacking'])}", "total": f"{int(whole['cities'])}"}
    if not np.isfinite(whole["needed"]):
        return look.say("lockmap.tiers_never", **said)
    return look.say("lockmap.tiers_short" if whole["lacking"] else "lockmap.tiers_enough", **said)


def _city_title(city: pd.DataFrame, look: Look, service: Service, name: str) -> str:
    row = city.iloc[0]
    said = {"level": level(service), "when": look.say(f"lockmap.when_{service.judged}"), **_sums(city, look)}
    if not np.isfinite(row["needed"]):
        return look.say("lockmap.tiers_never", **said)
    return look.say("lockmap.city_short" if row["missing"] > 0 else "lockmap.city_enough", where=name, **said)


def _table(rows: pd.DataFrame, labels: Sequence[str], look: Look) -> pd.DataFrame:
    """Everything about the lockers of a tier or a city, one row each; needed - there = missing - spare."""
    columns = {
        look.say("lockmap.row"): list(labels),
        look.say("lockmap.offered"): rows["parcels_per_day"].round(0).to_numpy(),
        look.say("lockmap.needed"): rows["needed"].round(0).to_numpy(),
        look.say("lockmap.there"): standing(rows).round(0).to_numpy(),
        look.say("lockmap.missing"): rows["missing"].round(0).to_numpy(),
        look.say("lockmap.spare"): rows["spare"].round(0).to_numpy(),
        look.say("lockmap.sets"): rows["sets"].to_numpy(),
        look.say("lockmap.lacking"): rows["lacking"].astype(int).to_numpy(),
        look.say("lockmap.cities"): rows["cities"].astype(int).to_numpy(),
    }
    for judged in JUDGED:
        name = look.say("lockmap.overflow_when", when=look.say(f"lockmap.when_{judged}"))
        columns[name] = (rows[f"overflow_{judged}"] * 100).round(2).to_numpy()
    return pd.DataFrame(columns)
