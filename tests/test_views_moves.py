"""Who lost what to whom, and the published couriers: pictures hold their numbers, in both languages and themes."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis import couriers as model
from analysis import flows
from analysis.market import hhi
from analysis.views import couriers, mix, moves
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.cities import TIERS
from data.grade import Grade
from data.text import LANGUAGES

EXACT = 1e-9
"""Sums of a few hundred floats."""
DRAWN = 0.06
"""Percentages of two decimals, half a dozen of them to a year."""
NETWORKS = ("cainiao", "duoduo", "hivebox", "home")
SAID = {"caption": "c", "grade": Grade.MODELLED}


@pytest.fixture
def moved():
    """One cell: Duoduo wins 60 from Cainiao and 20 from lockers while the market doubles."""
    before = pd.DataFrame([[100, 60, 40]], ["a"], ["cainiao", "duoduo", "hivebox"])
    after = pd.DataFrame([[140, 200, 60]], ["a"], ["cainiao", "duoduo", "hivebox"])
    return flows.source_of_volume(before, after)


def test_switching_names_winner_and_source(moved, look):
    view = moves.switching(moved, look, per="month", **SAID)
    assert look.name("duoduo") in view.title
    assert look.name("cainiao") in view.title
    assert "60" in view.title
    assert "80" in view.title
    link = view.figure.data[0].link
    assert sum(link.value) == pytest.approx(80)
    assert view.table.loc[look.say("moves.won"), look.say("moves.lost")] == 80


def test_links_join_losers_on_the_left_to_winners_on_the_right():
    rng = np.random.default_rng(4)
    before, after = (pd.DataFrame(rng.integers(50, 900, (40, 4)), columns=list(NETWORKS)) for _ in "ab")
    found = flows.source_of_volume(before, after)
    view = moves.switching(found, Look("en", Theme("light")), per="month", **SAID)
    link, labels = view.figure.data[0].link, view.figure.data[0].node.label
    for source, target, value in zip(link.source, link.target, link.value, strict=True):
        names = [
            next(p for p in NETWORKS if labels[i].startswith(Look("en", Theme("light")).name(p)))
            for i in (source, target)
        ]
        assert value == pytest.approx(found.matrix.loc[names[0], names[1]], abs=0.51)
        assert source < len(found.matrix) <= len(labels)


def test_growth_and_switching_add_to_the_change(moved, look):
    view = moves.growth_or_switching(moved, look, per="month", **SAID)
    drawn = sum(np.asarray(trace.x, float) for trace in view.figure.data)
    change = (moved.after - moved.before).sort_values(ascending=False)
    np.testing.assert_allclose(drawn, change, atol=EXACT)
    assert (view.table.iloc[:, :4].sum(axis=1) == view.table.iloc[:, 4]).all()
    assert "+100.0%" in view.title


def test_shown_steps_add_exactly():
    """Each step rounded on its own is off by a parcel for some of these networks."""
    rng = np.random.default_rng(7)
    before, after = (pd.DataFrame(rng.uniform(50, 900, (40, 4)), columns=list(NETWORKS)) for _ in "ab")
    found = flows.source_of_volume(before, after)
    look = Look("en", Theme("light"))
    table = moves.bridge_table(found, look)
    assert (table.iloc[:, :4].sum(axis=1) == table.iloc[:, 4]).all()
    np.testing.assert_allclose(table.iloc[:, 1], found.growth, atol=2.5)
    np.testing.assert_array_equal(table.iloc[:, 4], found.after.round())
    for network in NETWORKS:
        steps = moves.bridge(found, network, look, **SAID).table.iloc[:, 1]
        assert steps.iloc[:-1].sum() == steps.iloc[-1] == round(found.after[network])


def test_shown_parts_of_a_change_of_share_add_exactly():
    rng = np.random.default_rng(8)
    before, after = (pd.DataFrame(rng.integers(50, 900, (6, 4)), list(TIERS), list(NETWORKS)) for _ in "ab")
    parts = flows.decompose(before, after)
    table = mix.within_and_mix(parts, Look("en", Theme("light")), group="tier", **SAID).table
    np.testing.assert_allclose(table.iloc[:, 0] + table.iloc[:, 1], table.iloc[:, 2], atol=1e-12)
    order = parts["total"].sort_values(ascending=False).index
    np.testing.assert_allclose(table, parts.loc[order] * 100, atol=0.0151)


@pytest.mark.parametrize("network", ["cainiao", "duoduo", "hivebox"])
def test_bridge_leads_from_before_to_after(moved, look, network):
    rows = moves.steps(moved, network, look)
    assert rows["value"].iloc[:-1].sum() == pytest.approx(rows["value"].iloc[-1])
    view = moves.bridge(moved, network, look, **SAID)
    bar = view.figure.data[0]
    tops = np.asarray(bar.base, float) + np.asarray(bar.y, float)
    assert tops[-1] == pytest.approx(moved.after[network])
    assert tops[-2] == pytest.approx(moved.after[network])
    assert look.name(network) in view.title


def test_within_and_mix_add_up(look):
    rng = np.random.default_rng(5)
    before, after = (pd.DataFrame(rng.integers(50, 900, (6, 4)), list(TIERS), list(NETWORKS)) for _ in "ab")
    parts = flows.decompose(before, after)
    view = mix.within_and_mix(parts, look, group="tier", **SAID)
    drawn = sum(np.asarray(trace.x, float) for trace in view.figure.data)
    np.testing.assert_allclose(drawn, parts["total"].sort_values(ascending=False) * 100, atol=EXACT)
    assert drawn.sum() == pytest.approx(0, abs=EXACT)


def test_nothing_moved_is_said(look):
    same = pd.DataFrame([[5, 5]], ["a"], ["cainiao", "duoduo"])
    found = flows.source_of_volume(same, same)
    assert moves.switching(found, look, per="month", **SAID).title == look.say("finding.no_switching")
    for view in (
        moves.growth_or_switching(found, look, per="month", **SAID),
        moves.bridge(found, "duoduo", look, **SAID),
    ):
        assert view.title


@pytest.mark.parametrize(
    ("parcels", "said"), [(1.24e9, "1.2 bn"), (621.1e6, "621 m"), (-62.11e6, "-62.1 m"), (45.0, "45")]
)
def test_counts_have_about_three_figures(parcels, said):
    assert moves.brief(Look("en", Theme("light")), parcels) == said


def courier_view(look):
    annual, restated, figures = model.annual(), model.annual(restated=True), model.figures()
    steps = {"changes": model.changes(), "growth": model.growth()}
    return couriers.shares(annual, restated, figures, look, caption="c", **steps), annual, restated


def test_courier_lines_stop_at_the_break(look):
    view, annual, restated = courier_view(look)
    drawn = pd.concat([pd.Series(t.y, list(t.x), dtype=float) for t in view.figure.data], axis=1)
    for trace in view.figure.data:
        years = list(trace.x)
        assert years[-1] < model.BREAK or years[0] >= model.BREAK - 1
    printed, again = drawn.loc[: model.BREAK - 2].sum(axis=1), drawn.loc[model.BREAK :].sum(axis=1)
    np.testing.assert_allclose([*printed, *again], 100, atol=DRAWN)
    assert drawn.loc[model.BREAK - 1].sum() == pytest.approx(200, abs=DRAWN)  # once on each definition
    first = restated.drop(columns=model.REST).iloc[-1].idxmax()
    change = (restated[first].iloc[-1] - restated[first].iloc[0]) * 100
    assert f"{abs(change):.1f}" in view.title
    assert str(annual.index[-1]) in view.title


def test_every_courier_figure_has_its_source(look):
    table = courier_view(look)[0].table
    assert len(table) == len(model.figures())
    assert table[look.say("record.link")].str.startswith("http").all()
    assert table[look.say("couriers.share")].between(1, 40).all()


def test_changes_of_couriers_stand_beside_their_figures(look):
    table = courier_view(look)[0].table.set_index([look.say("couriers.year"), look.say("couriers.company")])
    step = table[look.say("couriers.change")]
    assert step["2023", look.name("ZTO")] == pytest.approx(0.8)  # 22.9 after 22.1
    assert step.loc[["2020", "2021", "2022"], look.name("STO"), :].isna().all()
    assert table.loc[("2023", look.name("ZTO")), look.say("couriers.growth")] == pytest.approx(23.8)


def test_largest_courier_is_not_named_on_a_single_month():
    """The latest year alone has one month of a company that looks largest: it is passed over."""
    figures = model.figures()
    figures.loc[(2025, "YTO"), ["share", "months"]] = [0.9, 1]
    annual = model.annual()
    annual.loc[2025, "YTO"] = 0.9
    look = Look("en", Theme("light"))
    steps = {"changes": model.changes(), "growth": model.growth()}
    view = couriers.shares(annual, model.annual(restated=True), figures, look, caption="c", **steps)
    assert view.title.startswith("ZTO")


def test_companies_left_to_the_rest_are_named(look):
    annual, figures = model.annual(), model.figures()
    moved = couriers.by_owner(model.source_of_volume(2021, 2022), couriers.owners(figures))
    said = couriers.in_the_rest(moved, annual, figures, look, (2021, 2022))
    assert all(look.name(name) in said for name in ("YTO", "STO", "Yunda"))
    assert look.name("ZTO") not in said
    moved = couriers.by_owner(model.source_of_volume(2023, 2024), couriers.owners(figures))
    assert couriers.in_the_rest(moved, annual, figures, look, (2023, 2024)) == ""


def test_courier_concentration_draws_both_bounds(look):
    found = model.concentration()
    view = couriers.concentration(found, look, caption="c")
    bar = view.figure.data[0]
    low, width = np.asarray(bar.base, float), np.asarray(bar.x, float)
    np.testing.assert_allclose(low, found["hhi_low"])
    np.testing.assert_allclose(low + width, found["hhi_high"])
    known = model.annual().drop(columns=model.REST).iloc[-1].dropna()
    assert found["hhi_low"].iloc[-1] == pytest.approx(hhi(known / known.sum()) * known.sum() ** 2)
    assert view.grade is Grade.ASSUMED


def test_courier_flows_keep_their_sums_under_owners_names():
    found = model.source_of_volume(2024, 2025)
    named = couriers.by_owner(found, couriers.owners(model.figures()))
    assert "J&T" not in found.matrix
    assert set(named.matrix) <= {"ZTO", "YTO", "STO", "Yunda", "J&T", "SF", "rest"}
    np.testing.assert_allclose(named.matrix.to_numpy(), found.matrix.to_numpy())
    np.testing.assert_allclose(named.after - named.before - named.growth, named.net, rtol=1e-6)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_view_is_whole(lang, mode, moved):
    look = Look(lang, Theme(mode))
    views = (
        moves.switching(moved, look, per="year", **SAID),
        moves.growth_or_switching(moved, look, per="year", **SAID),
        moves.bridge(moved, "duoduo", look, **SAID),
        courier_view(look)[0],
        couriers.concentration(model.concentration(), look, caption="c"),
    )
    for view in views:
        assert view.title
        assert len(view.alt) > 20
        assert len(view.table) > 0
        assert isinstance(view.grade, Grade)
        assert json.loads(view.figure.to_json())["data"]


def test_switching_is_about_the_network_followed(moved, look):
    title = moves.switching(moved, look, per="month", **SAID, network="cainiao").title
    values = {"name": look.name("cainiao"), "per": look.say("unit.per_month"), "parcels": "60", "most": "60"}
    assert title == look.say("finding.switching_lost", **values, rival=look.name("duoduo"))


def test_a_loser_that_publishes_nothing_is_unknown(look):
    before = pd.DataFrame([[40, 60]], columns=["ZTO", model.REST])
    after = pd.DataFrame([[60, 40]], columns=["ZTO", model.REST])
    title = moves.switching(flows.source_of_volume(before, after), look, per="year", **SAID).title
    assert title == look.say(
        "finding.unknown", name=look.name("ZTO"), per=look.say("unit.per_year"), parcels="20", most="20", rival=""
    )


def test_a_share_of_part_of_a_year_says_so(look):
    assert couriers.year_of(2025, 9, look) in courier_view(look)[0].title
    moved = couriers.by_owner(model.source_of_volume(2024, 2025), couriers.owners(model.figures()))
    assert look.name("ZTO") in couriers.in_part(moved, model.figures(), look, (2024, 2025))
