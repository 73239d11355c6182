"""Slope of a roll-out, net of what rivals answer; two-way fixed effects over the months of the chart."""

import numpy as np
import pandas as pd
import pytest

from analysis.effect import EffectError, twfe
from analysis.effect.roll_out import frame
from analysis.effect.slope import per_dose, slope
from analysis.studies import slopes
from data import demo

COLUMNS = ["city", "month", "platform", "open_parcels", "subsidy_cny_per_parcel", "tier"]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return demo.load().panel


def competed(*, slope_of: float, seed: int = 0) -> pd.DataFrame:
    """60 cities, 30 months, jd pays in half of them; cainiao answers five months later. Shares follow a logit."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(60):
        start = 10 + n % 6 if n < 30 else 99
        base = rng.normal(0, 0.5, 3)
        for t, month in enumerate(pd.date_range("2022-01-01", periods=30, freq="MS")):
            paid = {"jd": 0.08 * (t >= start), "cainiao": 0.06 * (t >= start + 5), "home": 0.0}
            for level, (name, subsidy) in zip(base, paid.items(), strict=True):
                rows.append((f"c{n:02d}", month, name, 1e4 * np.exp(level + slope_of * subsidy), subsidy, "Tier 3"))
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_slope_is_net_of_what_rivals_answer():
    """Exact without noise, whatever rivals pay; the effect over the subsidy alone falls short."""
    panel = competed(slope_of=9.0)
    rolled = frame(panel, "jd", measure="log_odds")
    assert slope(rolled, panel, control="never").estimate == pytest.approx(9.0, abs=1e-8)
    assert slope(rolled, panel).estimate == pytest.approx(9.0, abs=1e-8)
    outcome, paid = rolled.frame["outcome"].to_numpy(), rolled.frame["subsidy"].to_numpy()
    assert per_dose(rolled, outcome, paid, control="never").estimate < 8
    with pytest.raises(ValueError, match="log-odds"):
        slope(frame(panel, "jd"), panel)


def test_a_network_that_pays_less_than_its_rivals_has_no_slope():
    panel = competed(slope_of=0.0)
    rolled = frame(panel, "jd", measure="log_odds")
    more = panel.assign(subsidy_cny_per_parcel=panel["subsidy_cny_per_parcel"].mask(panel["platform"] != "jd", 0.2))
    starts = panel["city"].map(rolled.starts)
    answered = (panel["platform"] == "jd") | (panel["month"] >= starts)
    more["subsidy_cny_per_parcel"] = more["subsidy_cny_per_parcel"].where(answered, 0.0)
    with pytest.raises(EffectError) as caught:
        slope(rolled, more)
    assert caught.value.code == "no_dose"


def test_errors_of_a_ratio_hold_the_covariance():
    """A dose that is the effect itself up to a factor leaves no error, however noisy both are."""
    rng = np.random.default_rng(1)
    rolled = frame(competed(slope_of=5.0), "jd")
    dose = rolled.frame["subsidy"].to_numpy() + rng.normal(0, 0.01, len(rolled.frame))
    same = per_dose(rolled, 3 * dose, dose, control="never")
    assert (same.estimate, same.std_error) == pytest.approx((3, 0), abs=1e-9)
    noise = rng.normal(0, 0.1, len(dose))
    found = per_dose(rolled, 3 * dose + noise, dose, control="never")
    assert found.low < 3 < found.high


@pytest.mark.parametrize(("network", "tiers"), [("duoduo", 3), ("cainiao", 5)])
def test_slopes_of_the_illustrative_market_are_the_true_ones(panel, network, tiers):
    found = slopes(panel, network, by="tier")
    assert len(found) == tiers
    true = pd.Series(dict(demo.TRUE.subsidy)).reindex(found.index)
    assert (found["low"] < true).all()
    assert (true < found["high"]).all()
    assert (found["estimate"] / true).to_list() == pytest.approx([1.0] * tiers, abs=0.15)


def test_two_way_fixed_effects_compare_the_months_of_the_chart(panel):
    rolled = frame(panel, "cainiao")
    chart = rolled.att().overall
    same = twfe(rolled.frame, **rolled.columns, window=rolled.window).estimate
    assert abs(same - chart.estimate) < 0.03
    assert chart.estimate - twfe(rolled.frame, **rolled.columns).estimate > 0.15  # months long after, when few pay
