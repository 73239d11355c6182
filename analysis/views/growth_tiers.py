"""Totals and shares forecast together: the nation, and one panel a tier."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.views import amounts, plain
from analysis.views.growth_style import dashed, places, rounded, signed, signed_percent, when
from analysis.views.growth_words import base, pace, wide
from analysis.views.look import Look, View
from data.grade import Grade, weakest

if TYPE_CHECKING:
    from analysis.growth.coherent import Coherent

COLUMNS = 2
PANEL = 252
"""Pixels of a row of panels."""
GAP = 0.14
"""Horizontal gap of two panels, as a part of the width."""
HEAD = 0.29
"""Part of a panel's height left for its words."""
OPACITY = {95: 0.14, 80: 0.24}
HIGHEST = 2.0
"""A band may lengthen a panel's axis to this many times what its lines need."""
NEAR = 0.05
"""Growth rates a year that lie no further apart are about alike."""
SURE = 0.975
"""Share of the draws in which one has to be above another to be called so."""
POINT = "median"
BANDS = (POINT, "low_80", "high_80", "low_95", "high_95")


def tiers(
    coherent: "Coherent",
    look: Look,
    *,
    network: str | None = None,
    share: bool = False,
    grade: Grade,
    caption: str = "",
) -> View:
    """One panel a tier: history, forecast and bands of all networks or of one, in parcels a month or as a share.

    The share is that of the tier in the nation, or of the network in the tier. Parcels have a scale of their own in
    each panel, shares one for all.
    """
    panels = {tier: _panel(coherent, tier, network, share=share) for tier in _tiers(coherent, network)}
    colour = look.theme.accent if network is None else look.theme.colour(network)
    tops = {tier: _top(*panel) for tier, panel in panels.items()}
    tops = dict.fromkeys(tops, max(tops.values())) if share else tops
    layout: dict[str, Any] = {}
    traces, notes = [], []
    for i, (tier, (past, ahead)) in enumerate(panels.items()):
        axis = "" if i == 0 else str(i + 1)
        layout |= _axes(i, len(panels), axis, look, tops[tier], past.index, ahead.index, share=share)
        traces += [
            {**trace, "xaxis": f"x{axis}", "yaxis": f"y{axis}"} for trace in _lines(past, ahead, look, colour, share)
        ]
        notes.append(_head(tier, past, ahead, axis, look, share=share))
    figure = plain.figure(traces, look, height=PANEL * -(-len(panels) // COLUMNS) + 20, annotations=notes)
    figure["layout"] |= layout
    title = _tiers_finding(coherent, panels, look, network, share=share)
    said = caption or _caption(coherent, look, network, share=share)
    alt = look.say(
        "tiers_ahead.alt", title=title, items=look.join(_plain_head(t, *p, look, share) for t, p in panels.items())
    )
    return View(figure, _table(panels, look, share=share), title, said, alt, weakest(grade, coherent.grade))


def nation(coherent: "Coherent", look: Look, *, grade: Grade, caption: str = "") -> View:
    """All tiers together: history, forecast and bands."""
    past, ahead = coherent.history.sum(axis=1, min_count=1), coherent.nation
    top = _top(past, ahead)
    figure = plain.figure(
        _lines(past, ahead, look, look.theme.accent, False),
        look,
        height=300,
        right=12,
        x={"type": "date", "tickformat": "%Y", "nticks": 10},
        y={"range": [0, top], **amounts.ticks(0, top, look)},
        uirevision="nation",
    )
    row, label = ahead.iloc[-1], ahead.index[-1]
    ends = {key: rounded(float(row[key]), look) for key in (POINT, "low_95", "high_95")}
    found = pace(past, ahead)
    title = look.say(
        f"tiers_ahead.{'nation_open' if wide(past, ahead) else 'nation'}",
        value=ends[POINT],
        low=ends["low_95"],
        high=ends["high_95"],
        when=when(label, look),
        rate=signed_percent(found[0] if found else float("nan")),
    )
    alt = look.say("tiers_ahead.alt_nation", title=title, n=len(ahead))
    said = caption or look.say("tiers_ahead.caption_nation", when=when(past.index[-1], look))
    return View(
        figure,
        _table({None: (past, ahead)}, look, share=False),
        title,
        said,
        alt,
        weakest(grade, coherent.choice.grade),
    )


def held(coherent: "Coherent", look: Look) -> list[str]:
    """Which networks (or whole tiers) keep their last share, and why; one sentence a reason."""
    found: dict[str, list[str]] = {}
    for row in coherent.held.itertuples():
        tier = look.term("tier", row.tier)
        cell = look.say("tiers_ahead.cell", network=look.name(row.network), tier=tier) if row.network else tier
        found.setdefault(str(row.reason), []).append(cell)
    return [look.say(f"tiers_ahead.held_{reason}", cells=look.join(cells)) for reason, cells in found.items()]


def _tiers(coherent: "Coherent", network: str | None) -> list[str]:
    """Tiers in their order; those alone that a network is in."""
    columns = coherent.history.columns
    return [
        tier for tier in dict.fromkeys(columns.get_level_values(0)) if network is None or (tier, network) in columns
    ]


def _panel(coherent: "Coherent", tier: str, network: str | None, *, share: bool) -> tuple[pd.Series, pd.DataFrame]:
    """History and forecast of a panel: parcels, or shares in per cent."""
    history = coherent.history
    within = history[tier].sum(axis=1, min_count=1)
    ahead = (coherent.tiers if network is None else coherent.cells.xs(network, level="network")).xs(tier, level="tier")
    past = within if network is None else history[(tier, network)]
    past = past[past.gt(0).cummax()]
    if not share:
        return past, ahead[list(BANDS)]
    whole = history.sum(axis=1, min_count=1) if network is None else within
    columns = {f"share_{key}" if key != POINT else "share": key for key in BANDS}
    return 100 * past / whole, 100 * ahead[list(columns)].rename(columns=columns)


def _top(past: pd.Series, ahead: pd.DataFrame) -> float:
    needed = max(float(past.max()), float(ahead[POINT].max()))
    return 1.05 * min(max(needed, float(ahead["high_95"].max())), HIGHEST * needed)


def _lines(past: pd.Series, ahead: pd.DataFrame, look: Look, colour: str, share: bool) -> list[plain.Trace]:
    """History thin in ink, forecast strong in colour over its bands."""
    x, number = places(ahead.index), "%{y:.1f}%" if share else "%{y:,.4s}"
    bands = [plain.band(x, ahead[f"low_{p}"], ahead[f"high_{p}"], colour, part) for p, part in OPACITY.items()]
    observed, said = look.say("growth.observed"), look.say("trial.said")
    return [
        *bands,
        plain.line(
            places(past.index), past, look.theme.text, hover=f"%{{x|%Y-%m}} {observed} <b>{number}</b>", width=1.3
        ),
        plain.line(x, ahead[POINT], colour, hover=f"%{{x|%Y-%m}} {said} <b>{number}</b>", width=2.2),
    ]


def _axes(
    i: int, count: int, axis: str, look: Look, top: float, past: pd.Index, ahead: pd.Index, *, share: bool
) -> dict[str, Any]:
    """Where panel `i` lies, with round ticks and few years."""
    columns, rows = min(COLUMNS, count), -(-count // COLUMNS)
    row, column = divmod(i, columns)
    width = (1 - GAP * (columns - 1)) / columns
    x = [column * (width + GAP), column * (width + GAP) + width]
    y = [1 - (row + 1) / rows + 0.1 / rows, 1 - (row + HEAD) / rows]
    span = [places(past)[0], places(ahead)[-1]]
    across = {
        "type": "date",
        "domain": x,
        "anchor": f"y{axis}",
        "range": span,
        "tickformat": "%Y",
        "nticks": 4,
        "tickangle": 0,
    }
    up = {"domain": y, "anchor": f"x{axis}", "range": [0, top], "gridcolor": look.theme.grid}
    ticks = amounts.ticks(0, top, look, suffix="%" if share else "")
    return {
        f"xaxis{axis}": {**plain.axis(look), "showgrid": False, **across},
        f"yaxis{axis}": {**plain.axis(look), **up, **ticks},
    }


def _head(tier: str, past: pd.Series, ahead: pd.DataFrame, axis: str, look: Look, *, share: bool) -> dict[str, Any]:
    """Tier, value now and value at the last step, above its panel."""
    at = {"x": 0, "y": 1, "xref": f"x{axis} domain", "yref": f"y{axis} domain", "xanchor": "left", "yanchor": "bottom"}
    text = "<br>".join([f"<b>{look.term('tier', tier)}</b>", *_moved(past, ahead, look, share)])
    words = plain.note(look, text, yshift=3, align="left", **at)
    return {**words, "font": {"color": look.theme.text, "size": 11.5}}


def _plain_head(tier: str, past: pd.Series, ahead: pd.DataFrame, look: Look, share: bool) -> str:
    return " ".join([look.term("tier", tier), *_moved(past, ahead, look, share)])


def _moved(past: pd.Series, ahead: pd.DataFrame, look: Look, share: bool) -> list[str]:
    """From the figure that growth is counted from to the last step, and by how much, with the 95 % interval."""
    row = ahead.iloc[-1]
    if share:
        first = float(past.dropna().iloc[-1])
        low, high = (f"{row[key]:.1f}" for key in ("low_95", "high_95"))
        return [f"{first:.1f}% → {row[POINT]:.1f}%", look.say("tiers_ahead.between", low=low, high=f"{high}%")]
    found = pace(past, ahead)
    if found is None:
        return [f"{rounded(float(past.dropna().iloc[-1]), look)} → {rounded(float(row[POINT]), look)}"]
    first = float(past[base(past, ahead, found[0])])
    low, high = (signed_percent(value, 0) for value in found[1:])
    return [
        f"{rounded(first, look)} → {rounded(float(row[POINT]), look)}",
        look.say("tiers_ahead.pace", rate=signed_percent(found[0])),
        look.say("tiers_ahead.between", low=low, high=high),
    ]


Panels = dict[Any, tuple[pd.Series, pd.DataFrame]]


def _tiers_finding(coherent: "Coherent", panels: Panels, look: Look, network: str | None, *, share: bool) -> str:
    """Where growth or gains of share are larger, as far as the bands tell."""
    name = look.say("market.total") if network is None else look.name(network)
    label = when(next(iter(panels.values()))[1].index[-1], look)
    if share:
        return _gain(panels, look, network, name=name, when=label)
    found = {tier: pace(past, ahead) for tier, (past, ahead) in panels.items()}
    rates = {tier: rate[0] for tier, rate in found.items() if rate is not None}
    if not rates:
        return look.say("tiers_ahead.no_rate", name=name, when=label)
    fast, slow = max(rates, key=rates.__getitem__), min(rates, key=rates.__getitem__)
    values = {"most": signed_percent(rates[fast]), "least": signed_percent(rates[slow]), "when": label, "name": name}
    who = "all" if network is None else "one"
    if fast == slow:
        return look.say("tiers_ahead.single", fast=look.term("tier", fast), **values)
    if not _faster(coherent, panels, fast, slow, network):
        kind = "alike" if rates[fast] - rates[slow] < NEAR else "unclear"
        return look.say(f"tiers_ahead.{kind}_{who}", **values)
    return look.say(f"tiers_ahead.{who}", fast=look.term("tier", fast), slow=look.term("tier", slow), **values)


def _faster(coherent: "Coherent", panels: Panels, fast: str, slow: str, network: str | None) -> bool:
    """Whether one tier ends at more of what its growth is counted from than another in enough of the draws."""
    ratios = []
    for tier in (fast, slow):
        past, ahead = panels[tier]
        found = pace(past, ahead)
        first = float(past[base(past, ahead, found[0] if found else 0.0)])
        keys = coherent.history.columns
        cells = [key[0] == tier and (network is None or key[1] == network) for key in keys]
        ratios.append(coherent.draws[:, -1, cells].sum(axis=-1) / first)
    return float((ratios[0] > ratios[1]).mean()) >= SURE


def _gain(panels: Panels, look: Look, network: str | None, **said: str) -> str:
    """The largest gain or loss of share that its 95 % interval tells from none."""
    gains = {
        tier: [float(ahead[key].iloc[-1] - past.dropna().iloc[-1]) for key in (POINT, "low_95", "high_95")]
        for tier, (past, ahead) in panels.items()
    }
    clear = {tier: gain for tier, gain in gains.items() if round(gain[1], 1) > 0 or round(gain[2], 1) < 0}
    among = clear or gains
    most = max(among, key=lambda tier: abs(among[tier][0]))
    value, low, high = among[most]
    sign = "unclear" if not clear else "up" if value > 0 else "down"
    ends = {"low": signed(low), "high": signed(high)}
    points = signed(value) if sign == "unclear" else f"{abs(value):.1f}"
    key = f"tiers_ahead.{'share' if network is None else 'network'}_{sign}"
    return look.say(key, tier=look.term("tier", most), points=points, **ends, **said)


def _caption(coherent: "Coherent", look: Look, network: str | None, *, share: bool) -> str:
    kind = "share" if share else "parcels"
    who = "all" if network is None else "one"
    name = "" if network is None else look.name(network)
    return look.say(f"tiers_ahead.caption_{kind}_{who}", name=name, when=look.month(coherent.history.index[-1]))


def _table(panels: Panels, look: Look, *, share: bool) -> pd.DataFrame:
    """One row a panel and month ahead."""
    tables = []
    for tier, (_, ahead) in panels.items():
        table = ahead[list(BANDS)].round(2) if share else ahead[list(BANDS)].map(lambda v: float(f"{v:.5g}"))
        table.columns = pd.Index(
            [look.say("trial.said"), *(look.say(f"model.{e}_{p}") for p in (80, 95) for e in ("low", "high"))]
        )
        table.insert(0, look.say("market.month"), [str(month) for month in table.index])
        if tier is not None:
            table.insert(0, look.say("tier.heading"), look.term("tier", tier))
        tables.append(table)
    return dashed(pd.concat(tables, ignore_index=True), look)
