"""Tiers that add up on screen: panels, growth, shares and the nation, in both languages."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.growth.coherent import coherent
from analysis.views import growth_style, growth_tiers
from data.grade import Grade
from tests.made_growth import DRAWN, clean

QUICK = ("naive", "log-linear")
MOST = 1e-6  # sums of a handful of floats in parcels


@pytest.fixture(scope="module")
def added():
    """Two tiers of three networks; one has just come to a tier, one has left the other."""
    rng = np.random.default_rng(1)
    months, t = pd.period_range("2022-01", periods=40, freq="M"), np.arange(40)
    sizes = {
        ("Tier 1", "cainiao"): (1.0, 0.005),
        ("Tier 1", "duoduo"): (0.5, 0.005),
        ("Tier 5", "cainiao"): (2.0, 0.02),
    }
    volumes = pd.DataFrame(
        {key: 1e6 * size * np.exp(rate * t + 0.02 * rng.standard_normal(40)) for key, (size, rate) in sizes.items()},
        index=months,
    )
    volumes[("Tier 1", "jd")] = np.where(t < 30, 1e5, 0.0)
    volumes[("Tier 5", "jd")] = np.where(t > 30, 1e5, 0.0)
    return coherent(volumes, horizon=14, draws=60, curves=QUICK, origins=5)


def test_each_tier_has_a_panel_with_its_forecast(added, look):
    view = clean(growth_tiers.tiers(added, look, grade=Grade.REPORTED))
    layout = view.figure["layout"]
    assert {key for key in layout if key.startswith("xaxis")} == {"xaxis", "xaxis2"}
    for axis, tier in (("y", "Tier 1"), ("y2", "Tier 5")):
        outer, inner, history, ahead = [one for one in view.figure["data"] if one["yaxis"] == axis]
        found = added.tiers.loc[tier]
        np.testing.assert_allclose(ahead["y"], found["median"], rtol=MOST)
        np.testing.assert_allclose(outer["y"][:14], found["high_95"], rtol=MOST)
        np.testing.assert_allclose(inner["y"][:14], found["high_80"], rtol=MOST)
        np.testing.assert_allclose(history["y"], added.history[tier].sum(axis=1), rtol=MOST)
    assert len(view.table) == 2 * 14
    assert view.grade == Grade.MODELLED
    assert all(look.term("tier", tier) in view.alt for tier in ("Tier 1", "Tier 5"))


def split(added, gap):
    """The same forecast, one tier ahead of the other by a factor in every draw, bands narrow around the median."""
    draws, tiers = np.ones_like(added.draws), added.tiers.copy()
    five = added.history.columns.get_level_values(0) == "Tier 5"
    draws[:, -1] *= added.history.iloc[-3].to_numpy() * np.where(five, gap, 1.0)
    for tier, factor in (("Tier 1", 1.0), ("Tier 5", gap)):
        base = added.history[tier].sum(axis=1).iloc[-11]
        tiers.loc[tier, "median"] = base * factor
    return replace(added, draws=draws, tiers=tiers)


def test_tiers_are_ranked_where_the_draws_tell_them_apart(added, look):
    last = look.month(added.nation.index[-1])
    title = growth_tiers.tiers(split(added, 2.0), look, grade=Grade.REPORTED).title
    values = {"fast": look.term("tier", "Tier 5"), "slow": look.term("tier", "Tier 1"), "when": last}
    rates = {"most": growth_style.signed_percent(2**0.5 - 1), "least": growth_style.signed_percent(0.0)}
    assert title == look.say("tiers_ahead.all", **values, **rates)
    even = replace(split(added, 1.05), draws=np.ones_like(added.draws))
    near = {"least": growth_style.signed_percent(0.0), "most": growth_style.signed_percent(1.05**0.5 - 1), "when": last}
    said = growth_tiers.tiers(even, look, grade=Grade.REPORTED).title
    assert said == look.say("tiers_ahead.alike_all", **near)


def test_growth_of_a_tier_is_that_of_the_figures_beside_it(added, look):
    figure = growth_tiers.tiers(added, look, grade=Grade.REPORTED).figure
    first = added.history["Tier 5"].sum(axis=1).iloc[-11]
    row = added.tiers.loc["Tier 5"].iloc[-1]
    (note,) = [n["text"] for n in figure["layout"]["annotations"] if look.term("tier", "Tier 5") in n["text"]]
    moved = f"{growth_style.rounded(first, look)} → {growth_style.rounded(row['median'], look)}"
    rate = growth_style.signed_percent((row["median"] / first) ** (1 / 2) - 1)
    low, high = (growth_style.signed_percent((row[key] / first) ** (1 / 2) - 1, 0) for key in ("low_95", "high_95"))
    assert note.split("<br>")[1:] == [
        moved,
        look.say("tiers_ahead.pace", rate=rate),
        look.say("tiers_ahead.between", low=low, high=high),
    ]


def test_panels_stand_in_two_columns(added, look):
    layout = growth_tiers.tiers(added, look, grade=Grade.REPORTED).figure["layout"]
    (left, right), (start, end) = layout["xaxis"]["domain"], layout["xaxis2"]["domain"]
    assert left == 0
    assert end == pytest.approx(1.0)
    assert right < start


@pytest.mark.parametrize(("ends", "sign"), [((1.0, 3.0), "up"), ((-3.0, -1.0), "down"), ((-1.0, 2.0), "unclear")])
def test_a_gain_of_share_is_named_where_its_interval_tells_it(added, look, ends, sign):
    cells = added.cells.copy()
    for tier in ("Tier 1", "Tier 5"):
        now = added.history[(tier, "cainiao")].iloc[-1] / added.history[tier].iloc[-1].sum()
        shift = np.array([np.mean(ends), *ends]) / (100 if tier == "Tier 5" else 1e6)
        cells.loc[(tier, "cainiao"), ["share", "share_low_95", "share_high_95"]] = now + shift
    view = growth_tiers.tiers(replace(added, cells=cells), look, network="cainiao", share=True, grade=Grade.REPORTED)
    signed = growth_style.signed
    tier = look.term("tier", "Tier 5")
    points = signed(np.mean(ends)) if sign == "unclear" else f"{abs(np.mean(ends)):.1f}"
    values = {"low": signed(ends[0]), "high": signed(ends[1]), "points": points, "tier": tier}
    when = look.month(added.nation.index[-1])
    assert view.title == look.say(f"tiers_ahead.network_{sign}", name=look.name("cainiao"), when=when, **values)


def test_shares_of_a_network_have_one_scale(added, look):
    view = clean(growth_tiers.tiers(added, look, network="cainiao", share=True, grade=Grade.REPORTED))
    layout = view.figure["layout"]
    assert layout["yaxis"]["range"] == layout["yaxis2"]["range"]
    ahead = [one for one in view.figure["data"] if one["yaxis"] == "y2"][3]
    share = 100 * added.cells.xs("cainiao", level="network").loc["Tier 5", "share"]
    np.testing.assert_allclose(ahead["y"], share, atol=DRAWN)
    history = [one for one in view.figure["data"] if one["yaxis"] == "y"][2]
    tier = added.history["Tier 1"]
    np.testing.assert_allclose(history["y"], 100 * tier["cainiao"] / tier.sum(axis=1), atol=DRAWN)
    assert look.name("cainiao") in view.title


def test_a_network_is_shown_where_it_is(added, look):
    view = clean(growth_tiers.tiers(added, look, network="jd", grade=Grade.REPORTED))
    history = [one for one in view.figure["data"] if one["yaxis"] == "y2"][2]
    assert len(history["x"]) == 9
    alone = growth_tiers.tiers(added, look, network="duoduo", grade=Grade.REPORTED)
    assert "xaxis2" not in alone.figure["layout"]


def test_parts_of_the_nation_add_to_a_hundred(added, look):
    view = clean(growth_tiers.tiers(added, look, share=True, grade=Grade.REPORTED))
    said = view.table[look.say("trial.said")].to_numpy().reshape(2, 14)
    np.testing.assert_allclose(said.sum(axis=0), 100, atol=0.011)


def test_the_nation_is_its_forecast(added, look):
    narrow = added.nation.assign(low_95=added.nation["median"] * 0.9, high_95=added.nation["median"] * 1.1)
    view = clean(growth_tiers.nation(replace(added, nation=narrow), look, grade=Grade.REPORTED))
    np.testing.assert_allclose(view.figure["data"][3]["y"], added.nation["median"], rtol=MOST)
    last = narrow.iloc[-1]
    assert all(growth_style.rounded(last[key], look) in view.title for key in ("median", "low_95", "high_95"))
    open_ = replace(added, nation=narrow.assign(low_95=0.0))
    assert (
        growth_style.rounded(last["median"], look) not in growth_tiers.nation(open_, look, grade=Grade.REPORTED).title
    )


def test_held_cells_are_said_with_the_reason(added, look):
    said = growth_tiers.held(added, look)
    cells = {
        reason: look.say("tiers_ahead.cell", network=look.name("jd"), tier=look.term("tier", tier))
        for reason, tier in (("zero", "Tier 1"), ("short", "Tier 5"))
    }
    assert set(said) == {look.say(f"tiers_ahead.held_{reason}", cells=cell) for reason, cell in cells.items()}
