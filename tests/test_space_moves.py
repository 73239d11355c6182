"""Openings and closings: what stood before, plus what opened, less what closed, is what stands after."""

import numpy as np
import pandas as pd
import pytest

from analysis.space.moves import BY, moves
from analysis.space.standing import active
from analysis.views import openings
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.cities import cities
from data.geo import PREFECTURES_URL
from data.grade import Grade

CODES = ("110000", "330100", "330200", "650100")
SINCE, UNTIL = pd.Timestamp("2024-03-31"), pd.Timestamp("2025-01-31")
WHOLE = ["before", "opened", "closed", "brief", "net", "after"]
COUNTS = ("before", "opened", "closed", "brief")
DARK = Look("zh", Theme("dark"))


@pytest.fixture(scope="module")
def stations():
    """Some never close, some close on the day they open or on an edge of the span, some have impossible days."""
    rng = np.random.default_rng(5)
    size = 600
    opened = pd.Timestamp("2023-06-01") + pd.to_timedelta(rng.integers(0, 900, size), unit="D")
    closed = pd.Series(opened + pd.to_timedelta(rng.integers(-20, 500, size), unit="D"))
    closed = closed.where(rng.random(size) < 0.6)
    edge = rng.choice([SINCE, UNTIL, SINCE + pd.Timedelta(days=1), UNTIL + pd.Timedelta(days=1)], size)
    table = pd.DataFrame(
        {
            "platform": rng.choice(["cainiao", "duoduo", "hivebox"], size),
            "city": pd.Categorical(rng.choice(CODES, size)),
            "opened": np.where(rng.random(size) < 0.2, edge, opened.to_numpy()),
            "closed": np.where(rng.random(size) < 0.2, edge, closed.to_numpy()),
        }
    ).astype({"opened": "datetime64[us]", "closed": "datetime64[us]"})
    return table.assign(format=np.where(table["platform"] == "hivebox", "locker", "station"))


def one_by_one(rows):
    """Counts of the definition, station after station."""
    found = dict.fromkeys(COUNTS, 0)
    for opened, closed in zip(rows["opened"], rows["closed"], strict=True):
        if closed < opened:
            continue
        before = opened <= SINCE and not closed <= SINCE
        new, gone = SINCE < opened <= UNTIL, SINCE < closed <= UNTIL
        found["before"] += before
        found["opened"] += new
        found["closed"] += gone and (before or new)
        found["brief"] += new and gone
    return found


def test_counts_are_those_of_the_definition(stations):
    table = moves(stations, SINCE, UNTIL)
    for platform, rows in stations.groupby("platform"):
        assert table.loc[platform, list(COUNTS)].to_dict() == one_by_one(rows)


@pytest.mark.parametrize("by", [(key,) for key in BY] + [("platform", "tier"), ("platform", "city")], ids="~".join)
def test_what_stood_and_moved_is_what_stands(stations, by):
    table = moves(stations, SINCE, UNTIL, by=by)
    tiers = cities()["tier"].reindex(stations["city"].astype(str)).to_numpy()
    labelled = stations.assign(tier=tiers)
    for column, day in (("before", SINCE), ("after", UNTIL)):
        standing = active(labelled, day).groupby(list(by), observed=True).size()
        wanted = standing.reindex(table.index, fill_value=0)
        assert table[column].tolist() == wanted.tolist()
        assert standing.sum() == table[column].sum()
    assert (table["net"] == table["opened"] - table["closed"]).all()
    assert table["churn"].between(0, 1).all()
    assert (table["brief"] <= table[["opened", "closed"]].min(axis=1)).all()


def test_two_spans_add_up_to_one(stations):
    middle = pd.Timestamp("2024-09-30")
    first, second, whole = (moves(stations, a, b) for a, b in ((SINCE, middle), (middle, UNTIL), (SINCE, UNTIL)))
    assert (first["after"] == second["before"]).all()
    for column in ("opened", "closed", "net"):
        assert (first[column] + second[column] == whole[column]).all()


def test_groups_add_up(stations):
    fine = moves(stations, SINCE, UNTIL, by=("platform", "city"))
    whole = moves(stations, SINCE, UNTIL)
    found = openings.summed(fine, "platform")
    pd.testing.assert_frame_equal(found[list(whole)], whole, check_index_type=False)


def test_a_day_alone_moves_nothing(stations):
    table = moves(stations, SINCE, SINCE)
    assert (table[["opened", "closed", "net"]] == 0).all(axis=None)


@pytest.mark.parametrize(("since", "until", "by"), [(UNTIL, SINCE, ("platform",)), (SINCE, UNTIL, ("colour",))])
def test_what_cannot_be_counted_is_refused(stations, since, until, by):
    with pytest.raises(ValueError, match=r"first|groups"):
        moves(stations, since, until, by=by)


def test_bars_hold_the_counts(stations, look):
    table = moves(stations, SINCE, UNTIL)
    view = openings.bars(table, look, caption="c", grade=Grade.MODELLED)
    opened, closed = ({}, {})
    for number, trace in enumerate(trace for trace in view.figure["data"] if trace["type"] == "bar"):
        (closed if number % 2 else opened).update(zip(trace["y"], trace["x"], strict=True))
    assert opened == {look.name(key): table.loc[key, "opened"] for key in table.index}
    assert closed == {look.name(key): -table.loc[key, "closed"] for key in table.index}
    assert view.table[look.say("nation.net")].sum() == table["net"].sum()
    assert len({trace["yaxis"] for trace in view.figure["data"]}) == 2


def test_tiers_hold_the_net(stations, look):
    table = moves(stations, SINCE, UNTIL, by=("platform", "tier"))
    view = openings.by_tier(table, look, caption="c", grade=Grade.MODELLED)
    assert int(view.table.sum().sum()) == table["net"].sum()
    heat = view.figure.data[0]
    assert np.nanmax(np.abs(np.array(heat.z, dtype=float))) <= 1
    assert heat.showscale
    low, high = (
        float(word.replace("−", "-").rstrip("%")) / 100
        for word in (heat.colorbar.ticktext[0], heat.colorbar.ticktext[-1])
    )
    assert (low, high) == pytest.approx((heat.zmin, heat.zmax))
    assert heat.colorbar.title.text == look.say("nation.of_before")


def test_map_colours_net_per_head(stations):
    table = moves(stations, SINCE, UNTIL, by=("city",))
    view = openings.prefectures(table, DARK, name="x", caption="c", grade=Grade.MODELLED)
    places = view.figure["data"][1]
    assert places["geojson"] == PREFECTURES_URL
    assert sorted(places["locations"]) == sorted(CODES)
    rate = 1e4 * table["net"] / cities()["population_2020"].reindex(table.index.astype(str)).to_numpy()
    shown = view.table[DARK.say("nation.rate")].sort_values().to_numpy()
    np.testing.assert_allclose(shown, np.sort(rate.round(3)), atol=1e-9)


@pytest.mark.parametrize(("net", "key"), [((3, 1), "up"), ((-3, -1), "down"), ((3, -1), "both"), ((0, 0), "none")])
def test_finding_says_which_way(net, key, look):
    table = pd.DataFrame({"net": net}, index=["cainiao", "duoduo"])
    names = {"name": look.name("cainiao"), "other": look.name("cainiao" if key == "down" else "duoduo")}
    counts = {"n": openings.count(net[0]), "m": openings.count(min(net))}
    assert openings.finding(table, look) == look.say(f"nation.moves_{key}", **names, **counts)
