"""Subsidies of a network as a roll-out: which cities are kept, and the effect in the illustrative market."""

import numpy as np
import pandas as pd
import pytest

from analysis.effect import EffectError, att, placebo, twfe
from analysis.effect.implied import implied
from analysis.effect.roll_out import frame
from data import demo

EXACT = 1e-12
MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")
ERRORS = 2.5  # standard errors between an estimate and the truth


def cell(city: str, month: pd.Timestamp, platform: str, parcels: float, subsidy: float) -> dict[str, object]:
    return {
        "city": city,
        "month": month,
        "platform": platform,
        "open_parcels": parcels,
        "subsidy_cny_per_parcel": subsidy,
        "tier": "Tier 3" if city < "m" else "Tier 4",
    }


def small() -> pd.DataFrame:
    """Cities by the months (from, first subsidy) of network jd; home delivery everywhere with 300 parcels."""
    plan = {
        "paid_a": (0, 10),
        "paid_b": (0, 12),
        "never_a": (0, None),
        "never_b": (0, None),
        "early": (0, 3),
        "first": (2, 2),
        "late": (5, None),
        "absent": (None, None),
        "gap": (0, None),
        "zero": (0, None),
    }
    rows = []
    for city, (entry, start) in plan.items():
        for n, month in enumerate(MONTHS):
            rows.append(cell(city, month, "home", 300.0, 0.0))
            if entry is None or n < entry or (city == "gap" and n == 4):
                continue
            pays = 0.08 if start is not None and start <= n < start + 4 else 0.0
            parcels = 0.0 if city == "zero" and n == 7 else 100.0 * np.exp(5 * pays)
            rows.append(cell(city, month, "jd", parcels, pays))
    return pd.DataFrame(rows)


def test_cities_are_kept_or_left_out_with_a_reason():
    found = frame(small(), "jd")
    assert found.kept.dropna().to_dict() == {"paid_a": MONTHS[10], "paid_b": MONTHS[12]}
    assert found.kept.index[found.kept.isna()].to_list() == ["never_a", "never_b"]
    assert found.dropped.to_dict() == {
        "early": "early",
        "first": "no_before",
        "late": "late",
        "absent": "absent",
        "gap": "gap",
        "zero": "no_volume",
    }
    assert found.starts.to_dict() == {
        "early": MONTHS[3],
        "first": MONTHS[2],
        "paid_a": MONTHS[10],
        "paid_b": MONTHS[12],
    }
    assert "zero" in frame(small(), "jd", measure="share").kept


def test_the_frame_is_balanced_and_read_in_its_window():
    found = frame(small(), "jd", window=(-6, 5))
    assert found.months == (MONTHS[0], MONTHS[17])
    assert found.frame.groupby("city", observed=True).size().eq(18).all()
    assert found.paid.index.to_list() == list(range(-6, 6))
    assert found.paid["subsidy"].to_list() == pytest.approx([0.0] * 6 + [0.08] * 4 + [0.0] * 2)
    assert found.paid["paying"].to_list() == [0.0] * 6 + [1.0] * 4 + [0.0] * 2
    fit = found.att()
    assert fit.event.index.to_list() == list(range(-6, 6))
    assert fit.overall.estimate == pytest.approx((np.log(100 * np.exp(0.4) / (100 * np.exp(0.4) + 300) * 4)) * 4 / 6)


def test_the_model_implies_the_effect_that_it_made():
    slopes = pd.Series({"Tier 3": 5.0, "Tier 4": 5.0})
    for measure in ("log_share", "share"):
        found = frame(small(), "jd", measure=measure)
        fit, model = found.att(), implied(found, slopes)
        assert model.overall.estimate == pytest.approx(fit.overall.estimate, abs=EXACT)
        after = fit.event.loc[0:, "estimate"]
        assert model.event["estimate"].to_list() == pytest.approx(after.to_list(), abs=EXACT)
    # log volume of jd grows by the whole of b s: home delivery does not shrink in this panel
    assert frame(small(), "jd", measure="log_volume").att().event.loc[0, "estimate"] == pytest.approx(0.4)


def test_errors_of_the_implied_effect_follow_from_the_slopes():
    found = frame(small(), "jd")
    one = implied(found, pd.Series({"all": 5.0}), pd.DataFrame([[0.25]], ["all"], ["all"]))
    step = 1e-6
    more, less = (implied(found, pd.Series({"all": 5.0 + s})).overall.estimate for s in (step, -step))
    assert one.overall.std_error == pytest.approx(0.5 * (more - less) / (2 * step), rel=1e-6)
    assert one.overall.low < one.overall.estimate < one.overall.high
    with pytest.raises(ValueError, match="no slope for Tier"):
        implied(found, pd.Series({"Tier 1": 5.0}))
    with pytest.raises(ValueError, match="rivals"):
        implied(frame(small(), "jd", measure="answer"), pd.Series({"all": 5.0}))


def test_few_cities_behind_a_slope_widen_what_it_implies():
    found = frame(small(), "jd")
    slopes = pd.Series({"Tier 1": 2.0, "Tier 3": 5.0, "Tier 4": 5.0})
    spread = pd.DataFrame(np.diag([1.0, 0.25, 0.25]), slopes.index, slopes.index)
    wide = implied(found, slopes, spread, freedom=np.array([1.0, 2.0, 4.0])).overall
    # Student's t with 4 degrees of freedom, those of the only tier that the roll-out has: 2.776445
    assert (wide.high - wide.estimate) / wide.std_error == pytest.approx(2.776445, abs=1e-6)
    plain = implied(found, slopes, spread).overall
    assert (plain.high - plain.estimate) / plain.std_error == pytest.approx(1.959964, abs=1e-6)


def test_the_answer_of_rivals_is_what_the_others_pay():
    panel = small()
    answered = panel["city"].eq("paid_a") & panel["platform"].eq("home") & (panel["month"] >= MONTHS[12])
    panel["subsidy_cny_per_parcel"] = panel["subsidy_cny_per_parcel"].mask(answered, 0.05)
    found = frame(panel, "jd", measure="answer").att().event["estimate"]
    assert found.loc[-6:1].to_list() == pytest.approx([0.0] * 8, abs=EXACT)
    assert found.loc[2:11].to_list() == pytest.approx([0.025] * 10, abs=EXACT)


def test_months_missing_from_the_panel_cut_it_to_the_longest_run():
    panel = small()
    cut = panel[~panel["month"].isin(MONTHS[[2, 22]])]
    found = frame(cut, "jd", window=(-6, 3))
    assert (found.months, found.skipped) == ((MONTHS[3], MONTHS[15]), 3)
    whole = frame(panel, "jd", window=(-6, 3))
    assert whole.skipped == 0
    cells = found.att().att_gt.reset_index()
    apart = (cells["time"].dt.year - cells["cohort"].dt.year) * 12 + cells["time"].dt.month - cells["cohort"].dt.month
    months = found.frame["month"].drop_duplicates().sort_values().reset_index(drop=True)
    place = pd.Series(months.index, months)
    assert (cells["time"].map(place) - cells["cohort"].map(place)).eq(apart).all()
    assert found.att().overall.estimate == pytest.approx(whole.att().overall.estimate, abs=EXACT)
    with pytest.raises(EffectError) as caught:
        frame(panel[panel["month"].isin(MONTHS[::2])], "jd")
    assert caught.value.code == "one_period"


def test_a_city_that_paid_before_the_gap_is_not_newly_treated():
    panel = small()
    again = panel["city"].eq("early") & panel["platform"].eq("jd") & (panel["month"] >= MONTHS[16])
    panel["subsidy_cny_per_parcel"] = panel["subsidy_cny_per_parcel"].mask(again, 0.08)
    found = frame(panel[panel["month"] != MONTHS[5]], "jd")
    assert found.dropped["early"] in ("early", "no_before")
    assert found.skipped == 5


def test_a_city_month_without_any_parcels_is_left_out():
    panel = small()
    empty = panel["city"].eq("never_a") & panel["month"].eq(MONTHS[7])
    for measure in ("answer", "share", "log_share"):
        found = frame(panel.assign(open_parcels=panel["open_parcels"].mask(empty, 0.0)), "jd", measure=measure)
        assert found.dropped["never_a"] == "no_volume"
        assert np.isfinite(found.frame["outcome"]).all()


def test_what_cannot_be_framed_is_refused():
    with pytest.raises(EffectError) as caught:
        frame(small(), "sto")
    assert caught.value.code == "no_roll_out"
    with pytest.raises(EffectError, match="before it"):
        frame(small(), "jd", least_before=20)
    with pytest.raises(ValueError, match="choose from"):
        frame(small(), "jd", measure="profit")
    with pytest.raises(ValueError, match="no column tier"):
        frame(small().drop(columns="tier"), "jd")


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return demo.load().panel


@pytest.fixture(scope="module")
def rolled(panel):
    return frame(panel, "duoduo")


def test_every_city_of_the_illustrative_market_is_accounted_for(panel, rolled):
    assert len(rolled.kept) + len(rolled.dropped) == panel["city"].nunique()
    assert set(rolled.dropped) == {"absent", "no_before", "early", "late"}
    assert rolled.kept.notna().sum() >= 100
    assert rolled.kept.isna().sum() >= 60
    own = panel[panel["platform"] == "duoduo"].set_index(["city", "month"])["subsidy_cny_per_parcel"]
    held = rolled.frame.set_index(["city", "month"])
    assert own.reindex(held.index).eq(held["subsidy"]).all()
    assert (held["subsidy"] == 0)[held.index.get_level_values("month") < held["cohort"]].all()


def true_change(panel: pd.DataFrame, *, rivals: bool) -> pd.Series:
    """ln share less what it would have been had the network (and its rivals) paid nothing, from the true model."""
    slope = panel["tier"].astype(str).map(dict(demo.TRUE.subsidy))
    bare = panel["open_parcels"] * np.exp(-slope * panel["subsidy_cny_per_parcel"])
    own = panel["platform"] == "duoduo"
    without = bare if rivals else bare.where(own, panel["open_parcels"])
    table = pd.DataFrame({"with": panel["open_parcels"], "without": without})
    shares = table / table.groupby([panel["city"], panel["month"]], observed=True).transform("sum")
    logs = np.log(shares[own])
    return (logs["with"] - logs["without"]).set_axis(pd.MultiIndex.from_frame(panel.loc[own, ["city", "month"]]))


def test_the_effect_in_the_illustrative_market_is_the_true_one(panel, rolled):
    """Rivals answer Duoduo's subsidies, so the roll-out gains less than its own subsidies would alone."""
    found = rolled.att()
    place = pd.MultiIndex.from_frame(rolled.frame[["city", "month"]])
    net, own = (
        att(
            rolled.frame.assign(outcome=true_change(panel, rivals=rivals).reindex(place).to_numpy()),
            **rolled.columns,
            window=rolled.window,
        ).overall.estimate
        for rivals in (True, False)
    )
    assert abs(found.overall.estimate - net) < ERRORS * found.overall.std_error
    assert found.overall.low > 0.3
    assert net < own
    assert implied(rolled, pd.Series(dict(demo.TRUE.subsidy))).overall.estimate == pytest.approx(own, abs=1e-9)
    assert found.pretest.p_value > 0.05
    assert found.event.loc[1, "estimate"] > found.event.loc[12, "estimate"] > 0.2  # spells end


def test_rivals_answer_in_the_illustrative_market(panel):
    found = frame(panel, "duoduo", measure="answer").att()
    assert found.overall.low > 0.003
    assert found.event.loc[10, "estimate"] > 3 * found.event.loc[1, "estimate"]


def test_dates_moved_earlier_find_nothing_in_the_illustrative_market(rolled):
    found = placebo(rolled.frame, **rolled.columns)
    assert (found["low"] < 0).all()
    assert (found["high"] > 0).all()
    assert twfe(rolled.frame, **rolled.columns).estimate > 0
