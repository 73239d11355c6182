"""What starting to pay did: effects by cohort, what the estimate is held against, and who is compared."""

from textwrap import wrap

import numpy as np
import pandas as pd

from analysis.effect.inference import Estimate
from analysis.effect.roll_out import MEASURES
from analysis.studies import FEW_CONTROLS, Study
from analysis.views import heat
from analysis.views.look import Look, View
from analysis.views.reading import dots, minus, p_value
from data.grade import Grade

__all__ = ["MEASURES", "contrasts", "groups", "kept", "left_out", "pretrend", "shown", "verdicts"]
SIGNIFICANT = 0.05
MANY_GROUPS = 26
"""Rows from which the heat table of groups is drawn narrow."""
LOGS = ("log_share", "log_volume")
UNITS = {
    "log_share": "effect.percent_unit",
    "share": "effect.points_unit",
    "log_volume": "effect.percent_unit",
    "answer": "effect.fen_unit",
}
RANGES = ("estimate", "low", "high")
REACH = 5
"""An axis shows no more than so many times the largest estimate: a few cities make intervals without meaning."""
LARGEST = 1000
"""Ends of intervals beyond it are said as beyond it."""
LABEL_WIDTH = {"en": 30, "zh": 15}
"""Characters of a row label on one line."""


def shown(values: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Effects as a reader takes them: per cent for logarithms, points for shares, fen for what rivals pay."""
    return np.expm1(values) * 100 if measure in LOGS else values * 100


def sign_of(row: pd.Series) -> str:
    """Whether the interval lies above zero or below it; unclear where it spans zero or is not known."""
    return "up" if row["low"] > 0 else "down" if row["high"] < 0 else "unclear"


def ends(row: pd.Series, digits: int = 1) -> list[str]:
    """Estimate, low and high in words; a fall is turned round, since its sentence says that it is one."""
    turned = row[["estimate", "high", "low"]] * -1 if sign_of(row) == "down" else row[list(RANGES)]
    return [_end(float(value), digits) for value in turned]


def _end(value: float, digits: int) -> str:
    if np.isnan(value):
        return "–"
    return minus(value, digits) if abs(value) < LARGEST else ("> " if value > 0 else "< −") + f"{LARGEST:,}"


def unit_of(study: Study, look: Look) -> str:
    return look.say(UNITS[study.roll_out.measure])


def _percent(estimate: Estimate, measure: str) -> pd.Series:
    row = pd.DataFrame([{name: getattr(estimate, name) for name in RANGES}])
    return shown(row, measure).iloc[0]


def pretrend(study: Study, look: Look) -> str:
    """Whether paying cities moved like the others before they paid."""
    test = study.fit.pretest
    if test.p_value is None:
        return look.say("effect.pretrend_few" if test.reason == "few_units" else "effect.pretrend_none")
    key = "effect.pretrend_fails" if test.p_value < SIGNIFICANT else "effect.pretrend_holds"
    return look.say(key, p=p_value(test.p_value), n=test.df)


def groups(study: Study, look: Look, *, caption: str, grade: Grade) -> View:
    """Group-time effects: rows are months of first payment, columns months since."""
    measure = study.roll_out.measure
    cells = study.fit.att_gt.reset_index()
    apart = cells["time"].dt.to_period("M").astype("int64") - cells["cohort"].dt.to_period("M").astype("int64")
    near = cells.assign(event=apart)[apart.between(*study.roll_out.window)]
    wide = shown(near.pivot(index="cohort", columns="event", values="estimate"), measure)
    drawn = wide.set_axis([look.month(c) for c in wide.index])
    row = 12 if len(drawn) > MANY_GROUPS else 20
    unit = unit_of(study, look)
    hover = look.say("effect.cohort_hover", cohort="%{y}", event="%{x}", value="%{z:.1f}" + unit)
    limit = float(np.nanquantile(np.abs(wide.to_numpy()), 0.95))
    figure = heat.table(drawn, look, hover=hover, limit=limit, both_ways=True, row=row)
    figure.update_xaxes(type="linear", dtick=3, side="bottom", title={"text": look.say("effect.months_since")})
    figure.update_xaxes(title_font={"size": 12}, tickfont={"color": look.theme.muted})
    figure.update_yaxes(nticks=14, tickfont={"size": 11})
    figure.add_vline(x=-0.5, line={"color": look.theme.text, "width": 1, "dash": "dot"})
    figure.update_layout(height=max(220, figure.layout.height + 16))
    title = _groups_finding(study, look)
    table = drawn.round(1).rename_axis(look.say("effect.cohort"))
    table.columns = [f"{c:+d}" for c in wide.columns]
    return View(figure, table, title, caption, look.say("alt.groups", title=title), grade)


def _groups_finding(study: Study, look: Look) -> str:
    """How many groups have an interval on one side of zero; a group of one city has none."""
    found = study.fit.by_cohort
    known = found[["low", "high"]].notna().all(axis=1)
    lone = int((~known).sum())
    key = "single" if not known.any() else "lone" if lone else "all"
    return look.say(
        f"finding.groups_{key}",
        name=look.name(study.roll_out.platform),
        up=int((found["low"] > 0).sum()),
        down=int((found["high"] < 0).sum()),
        total=int(known.sum()),
        lone=lone,
    )


def _rows(study: Study, implied: Estimate | None, look: Look) -> list[tuple[str, pd.Series, str]]:
    measure = study.roll_out.measure
    rows = [("overall", _percent(study.fit.overall, measure))]
    rows += [] if implied is None else [("implied", _percent(implied, measure))]
    rows += [("twfe", _percent(study.twfe, measure))]
    moved = shown(study.placebo[list(RANGES)], measure)
    rows += [(f"placebo_{shift}", moved.loc[shift]) for shift in moved.dropna().index]
    rows += [] if study.spill_over is None else [("spill_over", _percent(study.spill_over, measure))]
    return [(code, row, look.say(f"effect.row_{code}", km=f"{study.radius_km:.0f}")) for code, row in rows]


def contrasts(study: Study, implied: Estimate | None, look: Look, *, caption: str, grade: Grade) -> View:
    """Overall effect beside what the share model implies, two-way fixed effects, placebo dates and the ring."""
    rows = _rows(study, implied, look)
    values = pd.DataFrame([row for _code, row, _name in rows]).reset_index(drop=True)
    labels = [name for _code, _row, name in rows]
    wrapped = ["<br>".join(wrap(label, LABEL_WIDTH[look.lang])) for label in labels]
    figure = dots(values, wrapped, look, colour=look.theme.muted, columns=RANGES)
    figure.update_layout(height=figure.layout.height + 8 * len(labels))
    main = look.theme.colour(study.roll_out.platform)
    colours = [main if code == "overall" else look.theme.muted for code, _row, _name in rows]
    figure.update_traces(marker={"color": colours, "size": 11}, selector={"type": "scatter"})
    limit = REACH * float(values["estimate"].abs().max())
    span = max(float(values["low"].min()), -limit), min(float(values["high"].max()), limit)
    pad = 0.05 * (span[1] - span[0])
    caption += look.say("effect.cut_caption") if float(values.abs().max(axis=None)) > limit else ""
    figure.update_xaxes(ticksuffix=unit_of(study, look), range=[min(span[0], 0) - pad, max(span[1], 0) + pad])
    names = ("model.estimate", "model.low_95", "model.high_95")
    table = values.round(2).set_axis([look.say(name) for name in names], axis=1).set_axis(labels)
    overall = values.iloc[0]
    sign = sign_of(overall)
    title = look.say(
        f"finding.overall_{study.roll_out.measure}_{sign}",
        **dict(zip(("value", "low", "high"), ends(overall), strict=True)),
        months=study.roll_out.window[1],
        **_per_fen(study, sign),
    )
    items = look.join(f"{label} {minus(value, 1)}" for label, value in zip(labels, values["estimate"], strict=True))
    return View(figure, table, title, caption, look.say("alt.contrasts", items=items), grade)


def _per_fen(study: Study, sign: str) -> dict[str, str]:
    """Effect per fen with its interval, for a sentence that says a fall as a fall."""
    row = _percent(study.per_fen, study.roll_out.measure)
    said = row[["estimate", "high", "low"]] * -1 if sign == "down" else row
    return {name: _end(float(value), 2) for name, value in zip(("fen", "fen_low", "fen_high"), said, strict=True)}


def verdicts(study: Study, look: Look) -> list[str]:
    """What the checks say, in sentences."""
    measure = study.roll_out.measure
    said = [_randomised(study, look)] if study.fit.few_treated else []
    said.append(pretrend(study, look))
    contrast = float(_percent(study.twfe, measure)["estimate"])
    said.append(
        look.say(
            "effect.twfe_why",
            value=minus(contrast, 1),
            unit=unit_of(study, look),
            part=f"{study.already * 100:.0f}",
        )
    )
    moved = study.placebo.dropna()
    clear = moved[(moved["low"] > 0) | (moved["high"] < 0)]
    if len(moved):
        key = "effect.placebo_fails" if len(clear) else "effect.placebo_holds"
        said.append(look.say(key, months=look.join(str(m) for m in (clear if len(clear) else moved).index)))
    if study.fit.controls < FEW_CONTROLS:
        said.append(look.say("effect.few_controls", n=study.fit.controls))
    if study.fit.unmatched:
        said.append(look.say("effect.unmatched", n=study.fit.unmatched))
    if study.radius_km:
        key = "effect.ring_none" if study.spill_over is None else "effect.ring"
        said.append(look.say(key, n=len(study.near), km=f"{study.radius_km:.0f}"))
    return said


def _randomised(study: Study, look: Look) -> str:
    found = study.randomisation
    if found is None:
        return look.say("effect.not_randomised", n=study.fit.treated)
    key = "effect.randomised_tier" if found.within else "effect.randomised"
    return look.say(key, n=study.fit.treated, p=p_value(found.p_value), draws=len(found.draws))


def kept(study: Study, look: Look, *, until: pd.Timestamp | None = None) -> str:
    """Which cities and months the estimate rests on, and why it ends before the month asked for."""
    first, last = (look.month(month) for month in study.roll_out.months)
    skipped = study.roll_out.skipped
    gap = look.say("effect.skipped", n=skipped) if skipped else ""
    cut = until is not None and study.roll_out.months[1] < until and not skipped
    why = look.say("effect.ends", last=last, n=study.roll_out.window[1]) if cut else ""
    said = look.say(
        "effect.kept",
        name=look.name(study.roll_out.platform),
        treated=study.fit.treated,
        controls=study.fit.controls,
        first=first,
        last=last,
        left=len(study.roll_out.dropped) + len(study.near),
    )
    return gap + said + why


def left_out(study: Study, look: Look) -> pd.DataFrame:
    """Cities left out, counted by reason."""
    counts = study.roll_out.dropped.value_counts().to_dict() | ({"near": len(study.near)} if study.near else {})
    return pd.DataFrame(
        {
            look.say("effect.reason"): [look.say(f"effect.left_{code}") for code in counts],
            look.say("effect.cities"): list(counts.values()),
        }
    )
