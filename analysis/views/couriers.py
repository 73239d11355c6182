"""Courier companies on their published figures: shares by year with the break of 2024, and bounds of concentration."""

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go

from analysis.couriers import BREAK, REST, fair
from analysis.flows import Flows
from analysis.views.base import LABEL_GAP, annotate, quiet, spread
from analysis.views.concentration import band, bands
from analysis.views.look import Look, View, percent
from data.grade import Grade, weakest
from data.platforms import PLATFORMS

FULL_YEAR = 12
HEIGHT = 330


def owners(figures: pd.DataFrame) -> dict[str, str]:
    """Owner of each company's network, so that it has its colour and name; companies without one keep their own."""
    rows = figures.reset_index().drop_duplicates("company").set_index("company")["network"]
    return {str(company): PLATFORMS[key].owner if key in PLATFORMS else str(company) for company, key in rows.items()}


def by_owner(flows: Flows, names: Mapping[str, str]) -> Flows:
    """The same flows under the names that `owners` gives."""
    series = {part: getattr(flows, part).rename(index=names) for part in ("growth", "before", "after", "net")}
    return replace(flows, matrix=flows.matrix.rename(index=names, columns=names), **series)


def _colour(look: Look, company: str) -> str:
    """Ink-like grey for a company that runs none of our networks, lighter for the unknown rest."""
    known = any(p.owner == company for p in PLATFORMS.values())
    return look.theme.colour(company) if known or company == REST else look.theme.muted


def in_the_rest(flows: Flows, annual: pd.DataFrame, figures: pd.DataFrame, look: Look, years: tuple[int, int]) -> str:
    """Which companies with a figure in one of the years the flows count with the rest; empty without any.

    `flows` by owner (`by_owner`), `annual` and `figures` as in `shares`.
    """
    known = annual.loc[list(years)].dropna(axis=1, how="all").rename(columns=owners(figures))
    names = [look.name(str(key)) for key in known if key not in flows.before.index]
    return look.say("couriers.in_the_rest", names=look.few(names)) if names else ""


def in_part(flows: Flows, figures: pd.DataFrame, look: Look, years: tuple[int, int]) -> str:
    """Which companies of the flows stand on a share of part of one of the years; empty without any."""
    names = owners(figures)
    rows = figures.loc[list(years), "months"]
    rows = rows[rows < FULL_YEAR]
    items = [
        f"{look.name(names[company])} {year_of(year, int(months), look)}"
        for (year, company), months in rows.items()
        if names[company] in flows.before.index
    ]
    return look.say("couriers.part_year", items=look.join(items)) if items else ""


def shares(
    annual: pd.DataFrame,
    restated: pd.DataFrame,
    figures: pd.DataFrame,
    look: Look,
    *,
    changes: pd.DataFrame,
    growth: pd.DataFrame,
    caption: str,
) -> View:
    """Lines of share by year, broken where the definition widened; diamonds restate the year before the break.

    `annual` and `restated` are years x companies and "rest" (fractions, rows add to 1), `figures` what stands behind
    each share and `growth` how its parcels grew, index (year, company); `changes` years x companies (fractions).
    """
    names = owners(figures)
    months = figures["months"].unstack().rename(columns=names)
    old, new = annual.rename(columns=names).loc[: BREAK - 1], restated.rename(columns=names)
    figure = go.Figure()
    ends: dict[str, float] = {}
    names_at: dict[str, str] = {}
    for key in annual.rename(columns=names):
        _line(figure, old.get(key), months.get(key), look, key)
        _line(figure, new.get(key), months.get(key), look, key)
        known = annual.rename(columns=names)[key].dropna()
        ends[key] = float(known.iloc[-1]) * 100
        names_at[key] = (
            look.name(key)
            if known.index[-1] == annual.index[-1]
            else look.say("couriers.until", name=look.name(key), year=known.index[-1])
        )
    top = float(annual.max().max()) * 100
    quiet(figure, look, height=HEIGHT, right=128)
    last = int(annual.index[-1])
    _break_line(figure, look)
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4}
    texts = {
        key: f'<span style="color:{_colour(look, key)}">●</span> <b>{end:.0f}%</b> {names_at[key]}'
        for key, end in ends.items()
    }
    annotate(figure, look, ({**at, "y": y, "text": texts[key]} for key, y in spread(ends, top * LABEL_GAP).items()))
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    figure.update_xaxes(tickvals=list(annual.index), range=[int(annual.index[0]) - 0.2, last + 0.2])
    title, alt = _finding(annual, restated, figures, look)
    grade = weakest(*(Grade(g) for g in figures["grade"]))
    return View(figure, sources(figures, changes, growth, look), title, caption, alt, grade)


def _line(figure: go.Figure, shares: pd.Series | None, months: pd.Series | None, look: Look, key: str) -> None:
    """One side of the break of one company; open marks: part of a year, diamonds: restated."""
    if shares is None or shares.dropna().empty:
        return
    restated = (shares.index == BREAK - 1) & (shares.index[-1] >= BREAK)
    part = pd.Series(FULL_YEAR, shares.index) if months is None else months.reindex(shares.index)
    symbols = [
        "diamond-open" if again else "circle-open" if n < FULL_YEAR else "circle"
        for again, n in zip(restated, part, strict=True)
    ]
    colour = _colour(look, key)
    figure.add_scatter(
        x=list(shares.index),
        y=(shares * 100).round(2).tolist(),
        mode="lines+markers" if key != REST else "lines",
        name=look.name(key),
        line={"color": colour, "width": 2, "dash": "dot" if key == REST else "solid"},
        marker={"symbol": symbols, "size": 8, "color": colour, "line": {"width": 1.6, "color": colour}},
        hovertemplate=f"%{{x}} {look.name(key)} <b>%{{y:.1f}}%</b><extra></extra>",
    )


def _break_line(figure: go.Figure, look: Look) -> None:
    at = BREAK - 0.5
    figure.add_vline(x=at, line={"color": look.theme.muted, "width": 1, "dash": "dot"})
    place = {"x": at, "y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top", "xshift": -4, "align": "right"}
    annotate(
        figure, look, [{**place, "text": look.say("couriers.break"), "font": {"size": 11, "color": look.theme.muted}}]
    )


def _finding(annual: pd.DataFrame, restated: pd.DataFrame, figures: pd.DataFrame, look: Look) -> tuple[str, str]:
    """Who is largest, and its change on one definition since the year before the break; fair figures alone."""
    names, counted = owners(figures), fair(figures)
    annual, restated = (frame.drop(columns=REST).where(counted).dropna(how="all") for frame in (annual, restated))
    now, year = annual.iloc[-1].dropna(), annual.index[-1]
    first = str(now.idxmax())
    items = look.join(f"{look.name(names[str(key)])} {percent(value)}" for key, value in now.items())
    alt = look.say("alt.couriers", year=year, items=items)
    change = float(restated[first].iloc[-1] - restated[first].iloc[0]) * 100
    months = int(figures.loc[(year, first), "months"])
    values = {"name": look.name(names[first]), "year": year_of(year, months, look), "share": percent(float(now[first]))}
    if not math.isfinite(change):
        return look.say("finding.couriers_alone", **values), alt
    key = f"finding.couriers_{'up' if change >= 0 else 'down'}"
    return look.say(key, **values, change=f"{abs(change):.1f}", since=restated.index[0]), alt


def year_of(year: int, months: int, look: Look) -> str:
    """A year, with the number of its months that a figure covers where these are not all."""
    key = "couriers.year_of" if months >= FULL_YEAR else "couriers.months_of"
    values = {} if months >= FULL_YEAR else {"n": months}
    return look.say(key, year=year, **values)


def sources(figures: pd.DataFrame, changes: pd.DataFrame, growth: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every figure behind the lines with its change, months covered, evidence and source, latest first."""
    names = owners(figures)
    rows = figures.assign(change=changes.stack()).join(growth[["growth", "national"]]).reset_index()
    rows = rows.sort_values(["year", "share"], ascending=False, kind="stable")
    return pd.DataFrame(
        {
            look.say("couriers.year"): rows["year"].astype(str),
            look.say("couriers.company"): [look.name(names[company]) for company in rows["company"]],
            look.say("couriers.share"): (rows["share"] * 100).round(1),
            look.say("couriers.change"): (rows["change"] * 100).round(1),
            look.say("couriers.growth"): (rows["growth"] * 100).round(1),
            look.say("couriers.national"): (rows["national"] * 100).round(1),
            look.say("couriers.months"): rows["months"],
            look.say("couriers.periods"): rows["periods"],
            look.say("grade.heading"): [look.say(f"grade.{grade}") for grade in rows["grade"]],
            look.say("record.source"): rows["source_title"],
            look.say("record.link"): rows["source_url"],
        }
    ).reset_index(drop=True)


def concentration(found: pd.DataFrame, look: Look, *, caption: str) -> View:
    """HHI by year as a bar from its lowest to its highest: who holds the rest is not published.

    `found` has index year and columns hhi_low, hhi_high (points), cr, cr_high, known (fractions), companies.
    """
    labels = [str(year) for year in found.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=found["hhi_high"] - found["hhi_low"],
            base=found["hhi_low"],
            orientation="h",
            marker={"color": look.theme.accent},
            text=[f"{low:,.0f} – {high:,.0f}" for low, high in zip(found["hhi_low"], found["hhi_high"], strict=True)],
            textposition="outside",
            textfont={"color": look.theme.text, "size": 12},
            hovertemplate="%{y} <b>%{text}</b><extra></extra>",
        )
    )
    quiet(figure, look, height=HEIGHT)
    low = float(found["hhi_low"].min())
    bands(figure, look, 2200.0, start=min(600.0, low * 0.9))
    figure.update_layout(margin={"t": 48}, bargap=0.35)
    figure.update_xaxes(visible=False, range=[min(600.0, low * 0.9), 2200])
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1, type="category")
    figure.add_hline(
        y=labels.index(str(BREAK)) - 0.5 if str(BREAK) in labels else -0.5,
        line={"color": look.theme.muted, "width": 1, "dash": "dot"},
    )
    last = found.iloc[-1]
    title = look.say(
        "finding.courier_hhi",
        year=labels[-1],
        low=f"{last['hhi_low']:,.0f}",
        high=f"{last['hhi_high']:,.0f}",
        band=_both_bands(last, look),
    )
    items = look.join(f"{year} {text}" for year, text in zip(labels, figure.data[0].text, strict=True))
    return View(
        figure, _hhi_table(found, look), title, caption, look.say("alt.courier_hhi", items=items), Grade.ASSUMED
    )


def _both_bands(row: pd.Series, look: Look) -> str:
    low, high = band(float(row["hhi_low"]), look), band(float(row["hhi_high"]), look)
    return low if low == high else look.say("couriers.or", first=low, second=high)


def _hhi_table(found: pd.DataFrame, look: Look) -> pd.DataFrame:
    return (
        pd.DataFrame(
            {
                look.say("couriers.hhi_low"): found["hhi_low"].round(0),
                look.say("couriers.hhi_high"): found["hhi_high"].round(0),
                look.say("couriers.cr_low"): (found["cr"] * 100).round(1),
                look.say("couriers.cr_high"): (found["cr_high"] * 100).round(1),
                look.say("couriers.known"): (found["known"] * 100).round(1),
                look.say("couriers.companies"): found["companies"],
            }
        )
        .set_axis(found.index.astype(str))
        .rename_axis(look.say("couriers.year"))
    )
