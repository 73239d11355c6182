"""Who lost what to whom between two months: switching, and the growth of the market."""

from collections.abc import Hashable, Mapping

import pandas as pd
import plotly.graph_objects as go

from analysis.couriers import REST
from analysis.flows import Flows
from analysis.summary import contested
from analysis.views.base import annotate, quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade
from data.grade import Grade

LEAST_LINK = 0.012
"""Links below this part of all switching are left out of the picture; the table has them."""
HEIGHT = 330
GROWTH = 1
"""Place of the market's growth among the steps of a bridge."""
RIVALS = 4
"""Rivals named in a bridge; the rest are one bar."""


def switching(flows: Flows, look: Look, *, per: str, caption: str, grade: Grade, network: str = "") -> View:
    """Parcels a month or year (`per`) that went from one network (left) to another (right), thickness by number.

    The title is about `network`, or about the one that won most on balance.
    """
    matrix = flows.matrix
    total = float(matrix.to_numpy().sum())
    links = matrix.stack()
    every = links[links > 0]
    links = every[every >= LEAST_LINK * total]
    if len(links) < len(every):
        caption = look.say("view.sentences", first=caption, second=look.say("moves.smallest"))
    lost, won = links.groupby(level=0, sort=False).sum(), links.groupby(level=1, sort=False).sum()
    lost, won = lost.sort_values(ascending=False), won.sort_values(ascending=False)
    sides = [*((key, matrix.loc[key].sum()) for key in lost.index), *((key, matrix[key].sum()) for key in won.index)]
    at_left = {key: i for i, key in enumerate(lost.index)}
    at_right = {key: len(lost) + i for i, key in enumerate(won.index)}
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [f"{look.name(str(key))} {brief(look, value)}" for key, value in sides],
                "color": [look.theme.colour(str(key)) for key, _ in sides],
                "pad": 12,
                "thickness": 12,
                "line": {"width": 0},
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": [at_left[source] for source, _ in links.index],
                "target": [at_right[target] for _, target in links.index],
                "value": links.round(0).tolist(),
                "color": [fade(look.theme.colour(str(target)), 0.42) for _, target in links.index],
                "customdata": [
                    f"{look.name(str(a))} → {look.name(str(b))} <b>{brief(look, v)}</b>" for (a, b), v in links.items()
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            textfont={"color": look.theme.text, "size": 12},
        )
    )
    quiet(figure, look, height=HEIGHT)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 8, "b": 12})
    title = switching_finding(flows, look, per, network)
    items = look.join(
        f"{look.name(str(a))} → {look.name(str(b))} {brief(look, v)}" for (a, b), v in links.nlargest(6).items()
    )
    return View(figure, matrix_table(flows, look, per), title, caption, look.say("alt.switching", items=items), grade)


def switching_finding(flows: Flows, look: Look, per: str, network: str = "") -> str:
    """What `network` won or lost on balance and with whom most; without one, the network that won most."""
    if not flows.matrix.to_numpy().sum():
        return look.say("finding.no_switching")
    players = contested(flows.matrix).columns.drop(REST, errors="ignore")
    name = network or str(flows.net[players].idxmax())
    net = float(flows.net[name])
    balance = (flows.matrix[name] - flows.matrix.loc[name]).drop(name) * (1 if net >= 0 else -1)
    rival = str(balance.idxmax())
    kind = "unknown" if rival == REST else "switching"
    return look.say(
        f"finding.{kind}{'' if net >= 0 else '_lost'}",
        name=look.name(name),
        per=look.say(f"unit.per_{per}"),
        parcels=brief(look, abs(net)),
        rival=look.name(rival),
        most=brief(look, float(balance[rival])),
    )


def matrix_table(flows: Flows, look: Look, per: str) -> pd.DataFrame:
    """Parcels from each network (rows) to each other (columns), with totals."""
    named = flows.matrix.rename(index=look.name, columns=look.name).round(0).astype("int64")
    named[look.say("moves.lost")] = named.sum(axis=1)
    named.loc[look.say("moves.won")] = named.sum()
    named.columns.name = None
    return named.rename_axis(look.say("moves.from_to", per=look.say(f"unit.per_{per}")))


def growth_or_switching(flows: Flows, look: Look, *, per: str, caption: str, grade: Grade) -> View:
    """What each network gained with the market at its old share, and what it won from or lost to others on balance."""
    rows = pd.DataFrame({"growth": flows.growth, "net": flows.net})
    rows = rows.loc[rows.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    labels = [look.name(str(key)) for key in rows.index]
    figure = go.Figure()
    for part, colours in (
        ("growth", look.theme.colour("")),
        ("net", [look.theme.colour(str(key)) for key in rows.index]),
    ):
        figure.add_bar(
            y=labels,
            x=rows[part],
            orientation="h",
            marker={"color": colours},
            customdata=[brief(look, v) for v in rows[part]],
            hovertemplate=f"%{{y}} · {look.say(f'moves.{part}')} <b>%{{customdata}}</b><extra></extra>",
        )
    quiet(figure, look, height=HEIGHT, right=64)
    figure.update_layout(barmode="relative", bargap=0.35)
    zero_line(figure, look)
    at_right(figure, look, {label: signed(look, value) for label, value in zip(labels, rows.sum(axis=1), strict=True)})
    return View(
        figure, bridge_table(flows, look), _growth_finding(flows, look, per), caption, _net_alt(rows, look), grade
    )


def brief(look: Look, parcels: float) -> str:
    """Count in three figures or so: 1.2 bn, 621 m, 7,479万."""
    text = look.count(parcels)
    return text if len(text.partition(".")[0].lstrip("-")) < 3 else look.count(parcels, 0)


def signed(look: Look, parcels: float) -> str:
    """The same with its sign: +1.2 bn."""
    return f"{'-' if parcels < 0 else '+'}{brief(look, abs(parcels))}"


def zero_line(figure: go.Figure, look: Look) -> None:
    """A line at zero between bars to the left and to the right."""
    figure.add_vline(x=0, line={"color": look.theme.muted, "width": 1})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1)


def at_right(figure: go.Figure, look: Look, texts: Mapping[str, str]) -> None:
    """A column of words right of the rows."""
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4}
    annotate(figure, look, ({**at, "y": label, "text": text} for label, text in texts.items()))


def _growth_finding(flows: Flows, look: Look, per: str) -> str:
    grown = float(flows.after.sum() - flows.before.sum())
    switched = float(flows.matrix.to_numpy().sum())
    return look.say(
        "finding.growth_or_switching",
        per=look.say(f"unit.per_{per}"),
        grown=signed(look, grown),
        rate=f"{grown / float(flows.before.sum()) * 100:+.1f}%",
        switched=brief(look, switched),
        part=percent(switched / float(flows.after.sum())),
    )


def _net_alt(rows: pd.DataFrame, look: Look) -> str:
    items = (
        f"{look.name(str(key))} {signed(look, row['growth'])} / {signed(look, row['net'])}"
        for key, row in rows.iterrows()
    )
    return look.say("alt.growth_or_switching", items=look.join(items))


def bridge_table(flows: Flows, look: Look) -> pd.DataFrame:
    """Before, growth, won, lost, after: parcels a month by network; each row adds up."""
    steps = {"before": flows.before, "growth": flows.growth, "won": flows.gained, "lost": -flows.lost}
    table = pd.DataFrame([_whole(row, at="growth") for _, row in pd.DataFrame(steps).iterrows()], flows.before.index)
    table["after"] = table.sum(axis=1)
    table.columns = [look.say(f"moves.{key}") for key in table]
    return table.rename(index=look.name).rename_axis(look.say("market.network"))


def _whole(values: pd.Series, *, at: Hashable) -> pd.Series:
    """Whole parcels that add to the rounded sum of `values`; what rounding leaves over goes to the entry `at`."""
    whole = values.round(0).astype("int64")
    whole[at] += round(float(values.sum())) - int(whole.sum())
    return whole


def steps(flows: Flows, network: str, look: Look) -> pd.DataFrame:
    """Steps from before to after for one network: columns label, value, key (whose colour), kind (total or step)."""
    won, lost = flows.matrix[network], flows.matrix.loc[network]
    balance = (won - lost).drop(network)
    named = balance.loc[balance.abs().sort_values(ascending=False, kind="stable").index]
    first, others = named.iloc[:RIVALS], named.iloc[RIVALS:]
    rows: list[tuple[str, float, str, str]] = [
        (look.say("moves.before"), float(flows.before[network]), network, "total"),
        (look.say("moves.growth"), float(flows.growth[network]), "", "step"),
        *((look.name(str(key)), float(value), str(key), "step") for key, value in first.items()),
        *([(look.say("moves.others"), float(others.sum()), "", "step")] if len(others) else []),
        (look.say("moves.after"), float(flows.after[network]), network, "total"),
    ]
    return pd.DataFrame(rows, columns=["label", "value", "key", "kind"])


def bridge(flows: Flows, network: str, look: Look, *, caption: str, grade: Grade) -> View:
    """Waterfall of one network: before, the market's growth, the balance with each rival, after. The axis is cut."""
    rows = steps(flows, network, look)
    step = rows["kind"] == "step"
    reached = rows["value"].where(step, 0.0).cumsum() + float(flows.before[network])
    start = (reached - rows["value"]).where(step, 0.0)
    ends = pd.concat([reached[step], rows.loc[~step, "value"], start[step]])
    room = max(float(ends.max() - ends.min()), float(ends.max()) * 0.02)
    floor = max(0.0, float(ends.min()) - room * 0.35)
    figure = go.Figure(
        go.Bar(
            x=list(range(len(rows))),
            y=rows["value"].where(step, rows["value"] - floor),
            base=start.where(step, floor),
            marker={"color": [look.theme.colour(key) for key in rows["key"]]},
            text=[signed(look, v) if s else brief(look, v) for v, s in zip(rows["value"], step, strict=True)],
            textposition="outside",
            cliponaxis=False,
            textfont={"color": look.theme.text, "size": 12},
            customdata=rows["label"],
            hovertemplate="%{customdata} <b>%{text}</b><extra></extra>",
        )
    )
    quiet(figure, look, height=300)
    figure.update_layout(margin={"t": 14}, bargap=0.3)
    figure.update_xaxes(
        tickvals=list(range(len(rows))), ticktext=[_wrapped(label) for label in rows["label"]], tickangle=0
    )
    figure.update_yaxes(visible=False, range=[floor, float(ends.max()) + room * 0.16])
    title = _bridge_finding(flows, network, look)
    items = look.join(f"{row.label} {brief(look, row.value)}" for row in rows.itertuples())
    whole = _whole(rows["value"].iloc[:-1], at=GROWTH)
    table = pd.DataFrame(
        {look.say("moves.step"): rows["label"], look.say("market.parcels_month"): [*whole, int(whole.sum())]}
    )
    return View(figure, table, title, caption, look.say("alt.bridge", items=items), grade)


def _wrapped(label: str) -> str:
    return label.replace(" ", "<br>", 1)


def _bridge_finding(flows: Flows, network: str, look: Look) -> str:
    net = float(flows.net[network])
    return look.say(
        "finding.bridge" if net >= 0 else "finding.bridge_lost",
        name=look.name(network),
        change=signed(look, float(flows.after[network] - flows.before[network])),
        growth=signed(look, float(flows.growth[network])),
        net=brief(look, abs(net)),
    )
