"""Tables about a fitted curve: comparison, parameters, calendar effects, residuals in words, growth by year."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.growth import CURVES, GrowthFit
from analysis.growth.axis import axis
from analysis.growth.curves import Method
from analysis.growth.diagnostics import SIGNIFICANCE
from analysis.views.growth_style import curve_name, dashed, signed_percent, when
from analysis.views.look import SHORTEST, Look
from analysis.views.reading import minus, p_value

if TYPE_CHECKING:
    from analysis.growth.diagnostics import Diagnosis

FAR = 3.5
"""Standard deviations from which a residual is worth a look."""


def scoreboard(fits: Mapping[str, GrowthFit], look: Look) -> pd.DataFrame:
    """One row a curve: ceiling with its 95 % interval or "not identified", growth a year, errors, AIC.

    Methods come last, without an AIC: their one-step errors do not compare with those of a curve.
    """
    best = np.nanmin([fit.aic for fit in fits.values()] or [np.nan]) if _any_aic(fits) else np.nan
    rows = [
        {
            look.say("growth.curve"): curve_name(name, look),
            look.say("growth.delta_aic"): round(fit.aic - best, 1),
            look.say("growth.ceiling"): _ceiling(fit, look),
            look.say("growth.time_to_90"): when(fit.time_to(0.9), look, fit.fitted.index),
            look.say("growth.cagr"): _cagr(fit, look),
            look.say("growth.rmse"): _rmse(fit, look),
            look.say("growth.missing"): fit.missing,
        }
        for name, fit in fits.items()
    ]
    return dashed(pd.DataFrame(rows).sort_values(look.say("growth.delta_aic"), ignore_index=True), look)


def _any_aic(fits: Mapping[str, GrowthFit]) -> bool:
    return any(np.isfinite(fit.aic) for fit in fits.values())


def _rmse(fit: GrowthFit, look: Look) -> str:
    """Error of the fitted curve; that of a method is of one step ahead, and said to be."""
    said = look.short(fit.rmse)
    return look.say("growth.rmse_step", value=said) if isinstance(CURVES[fit.curve], Method) else said


def _ceiling(fit: GrowthFit, look: Look) -> str:
    if CURVES[fit.curve].ceiling is None:
        return look.say("growth.no_ceiling")
    if fit.ceiling is None:
        return look.say("growth.not_identified")
    value, low, high = fit.ceiling
    return f"{look.short(value)} ({look.short(low)} – {look.short(high)})"


def _cagr(fit: GrowthFit, look: Look) -> str:
    return look.say("unit.none") if fit.cagr is None else look.say("growth.rate_cell", **_rates_of(fit))


def _rates_of(fit: GrowthFit) -> dict[str, str]:
    """Growth a year of the fitted curve and its interval; nothing where it has none."""
    if fit.cagr is None:
        return {}
    return dict(zip(("rate", "low", "high"), map(signed_percent, fit.cagr), strict=True))


def parameters(fit: GrowthFit, look: Look) -> pd.DataFrame:
    """Estimates, standard errors and 95 % intervals of the chosen curve."""
    bounds = fit.conf_int(0.95)
    table = pd.DataFrame(
        {
            look.say("model.estimate"): fit.params,
            look.say("model.std_error"): fit.std_errors,
            look.say("model.low_95"): bounds["low"],
            look.say("model.high_95"): bounds["high"],
        }
    )
    written = table.map(lambda v: f"{v:,.4g}" if abs(v) < SHORTEST else f"{v:.4g}")
    return written.rename_axis(look.say("growth.parameter"))


def effects(fit: GrowthFit, look: Look, *, offered: Sequence[str] = (), absorbed: Sequence[str] = ()) -> pd.DataFrame:
    """Calendar effects of the chosen curve in per cent, with 95 % intervals; what is off or in the season, and why.

    `offered` are all regressors that apply to the series, `absorbed` those that its season already holds.
    """
    columns = [
        look.say(f"growth.{key}") for key in ("effect_of", "effect", "effect_low", "effect_high", "effect_state")
    ]
    keys = dict.fromkeys((*fit.calendar, *offered))
    rows = [(look.term("calendar", key), *_effect(fit, key, absorbed, look)) for key in keys]
    return dashed(pd.DataFrame(rows, columns=columns), look)


def _effect(fit: GrowthFit, key: str, absorbed: Sequence[str], look: Look) -> tuple[float, float, float, str]:
    none = (np.nan, np.nan, np.nan)
    if key in absorbed:
        return *none, look.say("growth.effect_absorbed")
    if key not in fit.effects.index:
        return *none, look.say("growth.effect_off")
    value, low, high = (
        round(100 * float(np.expm1(fit.effects.at[key, column])), 1) for column in ("estimate", "low", "high")
    )
    clear = low > 0 or high < 0
    return value, low, high, look.say("growth.effect_clear" if clear else "growth.effect_unclear")


def diagnostics(diagnosis: "Diagnosis", fit: GrowthFit, look: Look) -> pd.DataFrame:
    """What the residuals say, one row a check: its figure, and what it means for the reader."""
    rows = [
        _tested("rhythm", diagnosis.ljung_box, look, lags=diagnosis.lags),
        ("durbin", _figure(diagnosis.durbin_watson), look.say("growth.check_durbin_note")),
        _errors(fit, look),
        _tested("variance", diagnosis.breusch_pagan, look),
        _tested("normal", diagnosis.jarque_bera, look),
        _outlier(diagnosis, fit, look),
        (
            "missing",
            str(fit.missing),
            look.say("growth.check_missing_none" if not fit.missing else "growth.check_missing_some"),
        ),
    ]
    said = [(look.say(f"growth.check_{key}"), figure, reading) for key, figure, reading in rows]
    return pd.DataFrame(said, columns=[look.say(f"growth.{key}") for key in ("check", "check_figure", "check_reading")])


def _figure(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _tested(key: str, p: float, look: Look, **values: object) -> tuple[str, str, str]:
    """A test with its p-value, and whether it rejects at 5 %."""
    if not np.isfinite(p):
        return key, look.say("unit.none"), look.say("growth.check_few")
    reading = look.say(f"growth.check_{key}_{'bad' if p < SIGNIFICANCE else 'good'}", **values)
    return key, f"p {p_value(p)}", reading


def _errors(fit: GrowthFit, look: Look) -> tuple[str, str, str]:
    """Which standard errors the intervals of the parameters rest on."""
    if fit.maxlags is None:
        return "errors", look.say("growth.check_classical"), look.say("growth.check_errors_classical")
    return "errors", "HAC", look.say("growth.check_errors_hac", lags=fit.maxlags)


def _outlier(diagnosis: "Diagnosis", fit: GrowthFit, look: Look) -> tuple[str, str, str]:
    size = diagnosis.outlier
    if not np.isfinite(size) or diagnosis.outlier_at is None:
        return "outlier", look.say("unit.none"), look.say("growth.check_few")
    key = "growth.check_outlier_far" if abs(size) > FAR else "growth.check_outlier_near"
    return "outlier", minus(size, 1), look.say(key, when=when(diagnosis.outlier_at, look, fit.fitted.index))


def rates(table: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Growth on the year and growth a year since what was observed, one row a year ahead, in per cent.

    `table` is that of `analysis.growth.reach.growth_rate`.
    """
    kinds = {"yoy": table["yoy"], "pace": table["cagr"]}
    shown = table.index[_yearly(table.index)]
    rows: dict[str, list[object]] = {look.say("market.period"): [when(label, look, table.index) for label in shown]}
    for kind, part in kinds.items():
        for column, end in (("median", ""), ("low_95", "_low"), ("high_95", "_high")):
            rows[look.say(f"growth.{kind}{end}")] = (100 * part.loc[shown, column]).round(1).tolist()
    return dashed(pd.DataFrame(rows), look)


def _yearly(index: pd.Index) -> list[int]:
    """Places of the labels whole years ahead, and of the last."""
    period = axis(index).period if len(index) > 1 else 1
    return sorted({*range(period - 1, len(index), period), len(index) - 1})
