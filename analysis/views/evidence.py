"""What the model rests on: the evidence ladder, the model card, and what the instruments say."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.evidence import RUNGS
from analysis.robust import STRONG, strength, strong, weak_proof
from analysis.share.card import Check, ModelCard
from analysis.share.result import ShareFit
from analysis.views.base import quiet
from analysis.views.look import Look, View
from analysis.views.reading import minus, p_value, tier_name
from analysis.views.theme import fade
from data.grade import Grade, weakest

SIGNIFICANT = 0.05
ENDS = ("value", "low", "high")


def ladder(rungs: pd.DataFrame, look: Look, *, scale: float, tier: str, driver: str, caption: str, data: Grade) -> View:
    """Evidence of one tier from the strongest rung down: interval as estimated (thick), widened (pale).

    Parameters
    ----------
    rungs : pandas.DataFrame
        Rows of `evidence.ladder` of the tier, index rung.
    scale : float
        Points of share per unit of the coefficient, for one more of the driver.
    """
    rows = rungs.loc[[rung for rung in reversed(RUNGS) if rung in rungs.index]]
    values = rows[["estimate", "low", "high", "raw_low", "raw_high"]].astype(np.float64) * scale
    labels = [look.say(f"evidence.{rung}") for rung in rows.index]
    figure = go.Figure()
    for low, high, width, opacity in (("low", "high", 9, 0.3), ("raw_low", "raw_high", 3, 1.0)):
        for label, start, end in zip(labels, values[low], values[high], strict=True):
            figure.add_scatter(
                x=[start, end],
                y=[label, label],
                mode="lines",
                line={"color": fade(look.theme.accent, opacity), "width": width},
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=values["estimate"],
        y=labels,
        mode="markers",
        marker={"size": 11, "color": look.theme.accent, "line": {"width": 1.5, "color": look.theme.surface}},
        customdata=values[["low", "high"]],
        hovertemplate="%{y} <b>%{x:.2f}</b> (%{customdata[0]:.2f} – %{customdata[1]:.2f})<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": look.theme.muted, "width": 1})
    quiet(figure, look, height=44 * len(labels) + 40, right=12)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", nticks=len(labels) + 1, showgrid=False)
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid, nticks=6)
    best = rows.index[0]
    title = look.say(
        "finding.ladder" if rows["factor"].iloc[0] > 1 else "finding.ladder_plain",
        driver=look.say(f"driver.{driver}"),
        tier=tier_name(tier, look),
        rung=look.say(f"evidence.{best}_long"),
        **{name: minus(values[column].iloc[0]) for name, column in zip(ENDS, values, strict=False)},
    )
    table = _ladder_table(rows, values, labels, look)
    items = look.join(f"{label} {value:.2f}" for label, value in zip(labels, values["estimate"], strict=True))
    grade = weakest(data, Grade(rows["grade"].iloc[0]))
    return View(figure, table, title, caption, look.say("alt.ladder", items=items), grade)


def rung_notes(rungs: pd.DataFrame, look: Look) -> list[str]:
    """What each rung at hand means, strongest first."""
    return [look.say(f"evidence.{rung}_means") for rung in reversed(RUNGS) if rung in rungs.index]


def _ladder_table(rows: pd.DataFrame, values: pd.DataFrame, labels: list[str], look: Look) -> pd.DataFrame:
    names = ("estimate", "low", "high", "raw_low", "raw_high")
    table = values[list(names)].round(3).set_axis([look.say(f"evidence.column_{name}") for name in names], axis=1)
    table[look.say("grade.heading")] = [look.say(f"grade.{grade}") for grade in rows["grade"]]
    return table.set_axis(pd.Index(labels, name=look.say("evidence.rung")))


def check_sentence(check: Check, look: Look, *, cities: dict[str, str]) -> str:
    """One check in words: what was found, what it means. `cities` names cities by code."""
    if check.passed is None:
        reason = str(check.values["reason"])
        return look.say("check.not_done", check=look.say(f"check.{check.code}_name"), reason=look.term("why", reason))
    said = {key: f"{value:.2f}" if isinstance(value, float) else value for key, value in check.values.items()}
    for key in ("group", "lowest", "highest"):
        said[key] = tier_name(said.get(key, ""), look)
    for key in ("first", "second"):
        said[key] = look.name(str(said.get(key, "")))
    city = str(said.get("city", ""))
    said |= {"city": cities.get(city, city), "driver": look.term("driver", said.get("driver", ""))}
    said |= {"value": _figure(check), "threshold": f"{check.threshold:g}"}
    return look.say(f"check.{check.code}_{'passed' if check.passed else 'failed'}", **said)


def _figure(check: Check) -> str:
    return f"{check.value:.0f}" if check.code == "few_clusters" else f"{check.value:.2f}"


def card_title(card: ModelCard, look: Look) -> str:
    """How many checks it passed, of those that apply."""
    done = len(card.passed) + len(card.failed)
    return look.say("finding.card", n=len(card.passed), total=done)


def card_table(card: ModelCard, look: Look, *, cities: dict[str, str]) -> pd.DataFrame:
    """Checks with their verdicts, figures and limits."""
    verdicts = {True: "check.passed", False: "check.failed", None: "check.none"}
    return pd.DataFrame(
        {
            look.say("check.check"): [look.say(f"check.{c.code}_name") for c in card.checks],
            look.say("check.verdict"): [look.say(verdicts[c.passed]) for c in card.checks],
            look.say("check.value"): [round(c.value, 4) for c in card.checks],
            look.say("check.limit"): [c.threshold for c in card.checks],
            look.say("reading.words"): [check_sentence(c, look, cities=cities) for c in card.checks],
        }
    )


def facts(card: ModelCard, look: Look, volume: str) -> str:
    """Formula and sizes in one paragraph."""
    return look.say(
        "check.facts",
        estimator=look.say(f"model.{card.estimator.replace('-', '_')}"),
        nobs=f"{card.nobs:,}",
        markets=f"{card.markets:,}",
        clusters=card.clusters if card.clusters is not None else 0,
        volume=look.say(f"model.{volume}"),
        version=card.data_version,
    )


def instruments_table(fit: ShareFit, driver: str, look: Look) -> pd.DataFrame:
    """First stage and Anderson-Rubin interval of each tier's instrumented coefficient."""
    found, estimates, f = fit.instrumented, fit.estimates(driver), strength(fit, driver)
    if found is None:
        raise ValueError("this fit has no instruments: give one made with instruments=")
    to_read = "conditional_f" if found.effective_f is None else "effective_f"
    proofs = weak_proof(fit, driver)
    return pd.DataFrame(
        {
            look.say("model.estimate"): estimates["estimate"].round(2).to_numpy(),
            look.say("model.low_95"): estimates["low"].round(2).to_numpy(),
            look.say("model.high_95"): estimates["high"].round(2).to_numpy(),
            look.say("instrument.f"): [_strength(v) for v in found.first_stage + 0 * f],
            look.say(f"instrument.{to_read}"): [_strength(v) for v in f],
            look.say("instrument.ar"): [
                look.term("why", piece) if isinstance(piece, str) else anderson_rubin(piece.parts, look)
                for piece in proofs
            ],
        },
        index=pd.Index([tier_name(group, look) for group in estimates.index], name=look.say("tier.heading")),
    )


def _strength(f: float) -> str:
    return f"{f:,.1f}" if np.isfinite(f) else "–"


def anderson_rubin(parts: tuple[tuple[float, float], ...], look: Look) -> str:
    """Set of values as text; open ends where it has none."""
    if not parts:
        return look.say("instrument.ar_empty")
    return " ∪ ".join(f"{_end(low, '−∞')} – {_end(high, '∞')}" for low, high in parts)


def _end(value: float, open_end: str) -> str:
    return f"{value:.2f}" if np.isfinite(value) else open_end


def instruments_title(fit: ShareFit, driver: str, look: Look) -> str:
    """In how many tiers the instruments are strong enough."""
    enough, limit = strong(fit, driver), f"{STRONG:.0f}"
    if fit.by is None:
        key = "finding.instruments_strong" if enough.all() else "finding.instruments_weak"
        return look.say(key, f=_strength(strength(fit, driver).iloc[0]), limit=limit)
    return look.say("finding.instruments", n=int(enough.sum()), total=len(enough), limit=limit)


def instruments_notes(fit: ShareFit, look: Look) -> list[str]:
    """What the tests of the instruments say."""
    found = fit.instrumented
    if found is None:
        return []
    said = []
    if found.overid is None:
        said.append(look.say("instrument.overid_none"))
    else:
        key = "instrument.overid_fails" if found.overid.p_value < SIGNIFICANT else "instrument.overid_holds"
        said.append(look.say(key, p=p_value(found.overid.p_value), statistic=f"{found.overid.statistic:.1f}"))
    key = "instrument.endogenous" if found.endogeneity.p_value < SIGNIFICANT else "instrument.exogenous"
    return [*said, look.say(key, p=p_value(found.endogeneity.p_value))]
