"""One village point: its profit by the people it serves, and how many people it needs, by couriers that share it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.space import rural_living
from analysis.space.rural_living import Village
from analysis.views import plain
from analysis.views.base import spread
from analysis.views.heat import FALL
from analysis.views.look import Look, View, percent
from data.grade import Grade

SHOWN = (1, 3, 6, 0)
"""Lines: one courier, the largest three, six, all."""
STEPS = 81
LEAST_PEOPLE = 3000.0
MOST_PEOPLE = 20_000.0
GAP = 0.075


def profit(village: Village, look: Look, *, who: str, grade: Grade) -> View:
    """Profit a month against people served, one line for each number of couriers that share the point."""
    parts = rural_living.sharing()
    shown = [n for n in SHOWN if n in parts.index]
    need = rural_living.needed_people(village, part=parts.to_numpy())
    finite = need[np.isfinite(need)]
    far = float(np.clip(1.3 * finite.min() if len(finite) else LEAST_PEOPLE, LEAST_PEOPLE, MOST_PEOPLE))
    far = max(far, 1.2 * village.people)
    people = np.linspace(0.0, far, STEPS)
    shades = look.theme.sequential[-len(shown) :]
    traces, ends = [], {}
    for n, shade in zip(shown, shades, strict=True):
        money = rural_living.profit_cny_per_month(village, people, part=float(parts[n]))
        hover = f"{sharers(n, look)}<br>%{{x:,.0f}}: <b>¥%{{y:,.0f}}</b>"
        traces.append({**plain.line([], money, shade, hover=hover), "x": plain.numbers(people)})
        ends[str(n)] = float(money[-1])
    traces.append(_breaks(village, shown, shades, far))
    tall = np.ptp([*ends.values(), rural_living.profit_cny_per_month(village, 0.0)]) or 1.0
    notes = [
        plain.note(
            look,
            f'<span style="color:{shades[shown.index(int(n))]}">●</span> {sharers(int(n), look)}',
            y=y,
            x=1,
            xref="paper",
            xanchor="left",
            xshift=6,
        )
        for n, y in spread(ends, GAP * float(tall)).items()
    ]
    here = {"x": village.people, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "left"}
    notes.append(plain.note(look, look.say("rural.village_of", n=f"{village.people:,.0f}"), **here))
    rules = [plain.rule(look, y=0.0), plain.rule(look, x=village.people, dash="dash")]
    figure = plain.figure(
        traces,
        look,
        height=360,
        right=110,
        shapes=rules,
        annotations=notes,
        x={"range": [0, far], "tickformat": ",.0f", "title": {"text": look.say("rural.people_served"), "standoff": 6}},
        y={"tickprefix": "¥", "tickformat": ",.0f"},
    )
    figure["layout"]["margin"] = {"l": 4, "r": 110, "t": 24, "b": 4}
    title = finding(village, look, who=who)
    caption = look.say("rural.profit_caption")
    table = sharing_table(village, look)
    alt = look.say("rural.rows_alt", title=title, items=_needs(village, look))
    return View(figure, table, title, caption, alt, grade)


def _breaks(village: Village, shown: Sequence[int], shades: Sequence[str], far: float) -> plain.Trace:
    """Where each line leaves the losses for good."""
    parts = rural_living.sharing()
    need = rural_living.needed_people(village, part=parts[list(shown)].to_numpy())
    inside = need <= far
    return {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(need[inside]),
        "y": [0.0] * int(inside.sum()),
        "marker": {"size": 10, "color": [s for s, there in zip(shades, inside, strict=True) if there]},
        "hovertemplate": "<b>%{x:,.0f}</b><extra></extra>",
    }


def needed(village: Village, look: Look, *, grade: Grade) -> View:
    """People that the point needs by couriers sharing it, in mean villages."""
    rows = rural_living.table(village)
    reachable = rows[np.isfinite(rows["needed_people"])]
    labels = [
        f"{sharers(int(n), look)} ({percent(p, 0)})"
        for n, p in zip(reachable["couriers"], reachable["part"], strict=True)
    ]
    lives = reachable["needed_people"] <= village.people
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": plain.numbers(reachable["needed_people"]),
        "y": labels,
        "marker": {"color": [look.theme.accent if ok else FALL[look.theme.mode][1] for ok in lives]},
        "text": [f"{n:,.0f}" for n in reachable["needed_people"]],
        "textposition": "auto",
        "hovertemplate": "%{y} <b>%{x:,.0f}</b><extra></extra>",
    }
    ink = {"layer": "above", "line": {"color": look.theme.text, "width": 2, "dash": "dash"}}
    rules = [plain.rule(look, x=village.people) | ink]
    figure = plain.figure(
        [bar], look, height=330, right=12, shapes=rules, x={"tickformat": ",.0f"}, y=plain.rows_axis()
    )
    title = needed_finding(village, look)
    caption = look.say("rural.needed_caption", n=f"{village.people:,.0f}")
    alt = look.say("rural.rows_alt", title=title, items=_needs(village, look))
    return View(figure, sharing_table(village, look), title, caption, alt, grade)


def sharers(n: int, look: Look) -> str:
    """How many couriers share the point; 0 for all."""
    return (
        look.say("rural.sharers_all") if n == 0 else look.say("rural.sharers_one" if n == 1 else "rural.sharers", n=n)
    )


def _needs(village: Village, look: Look) -> str:
    rows = rural_living.table(village)
    return look.join(
        f"{sharers(int(n), look)} {people:,.0f}" if np.isfinite(people) else f"{sharers(int(n), look)} ∞"
        for n, people in zip(rows["couriers"], rows["needed_people"], strict=True)
    )


def finding(village: Village, look: Look, *, who: str) -> str:
    """What the point earns or loses with all couriers, and from how many people it lives."""
    money = float(rural_living.profit_cny_per_month(village))
    need = float(rural_living.needed_people(village))
    values = {"who": who, "n": f"{village.people:,.0f}", "amount": look.money(abs(money))}
    if not np.isfinite(need):
        return look.say("rural.never", **values)
    key = "rural.earns" if money >= 0 else "rural.loses"
    return look.say(key, need=f"{need:,.0f}", **values)


def needed_finding(village: Village, look: Look) -> str:
    """From how many couriers on the village carries the point."""
    rows = rural_living.table(village)
    enough = rows[rows["needed_people"] <= village.people]
    if len(enough):
        return look.say("rural.enough", who=sharers(int(enough["couriers"].iloc[0]), look))
    best = float(rows["needed_people"].iloc[-1])
    if not np.isfinite(best):
        return look.say("rural.never_enough")
    alone = float(rows["needed_people"].iloc[0])
    villages = best / rural_living.people_per_village()
    return look.say("rural.not_enough", villages=f"{villages:.1f}", times=f"{alone / best:.1f}")


def sharing_table(village: Village, look: Look) -> pd.DataFrame:
    """One row for each number of couriers that share the point."""
    rows = rural_living.table(village)
    return pd.DataFrame(
        {
            look.say("rural.sharing"): [sharers(int(n), look) for n in rows["couriers"]],
            look.say("rural.part_of_parcels"): (rows["part"] * 100).round(1),
            look.say("rural.parcels_day"): rows["parcels_per_day"].round(1),
            look.say("rural.profit_month"): rows["profit_cny_per_month"].round(0),
            look.say("rural.needed_people"): rows["needed_people"].replace(np.inf, np.nan).round(0),
            look.say("rural.needed_villages"): rows["needed_villages"].replace(np.inf, np.nan).round(2),
        }
    )


def couriers_finding(look: Look) -> str:
    """What the couriers with a published share bring together, and of which periods these shares are."""
    rows = rural_living.couriers()
    periods = look.join(sorted(rows["period"].unique()))
    part = f"{rows['together'].iloc[-1] * 100:.1f}"
    return look.say("rural.couriers_title", n=len(rows), part=part, periods=periods)


def couriers_table(look: Look) -> pd.DataFrame:
    """The couriers behind the lines with the source of each share."""
    rows = rural_living.couriers()
    return pd.DataFrame(
        {
            look.say("rural.courier"): [look.term("subject", c) for c in rows["company"]],
            look.say("rural.part_of_parcels"): (rows["share"] * 100).round(1),
            look.say("rural.together"): (rows["together"] * 100).round(1),
            look.say("market.period"): rows["period"],
            look.say("record.grade"): [look.term("grade", g) for g in rows["grade"]],
            look.say("record.source"): rows["source_title"],
        }
    )
