"""What a plan of sites moves, in charts, tables, sentences and on the map."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis import economics
from analysis.space.catchment import Site, base, change
from analysis.views import catchment, catchment_map, catchment_sites
from analysis.views.catchment import NOBODY, OWN, Moved
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.geo import distance_km
from data.grade import Grade
from pages.ui.map_catchment_model import account, moved
from tests.made_city import CARRIED, CITY, people, standing

SITES = (
    Site(30.2512, 120.1487, "cainiao", "station", name="1"),
    Site(30.2471, 120.1533, "cainiao", "locker", name="2"),
)
TYPES = dict(economics.STATIONS)


@pytest.fixture(scope="module")
def today():
    return base(people(), standing(), CARRIED, city=CITY)


@pytest.fixture(scope="module")
def busy():
    """The same city with thirty times the parcels: too many for a site."""
    points = people().assign(parcels_per_day=lambda rows: rows["parcels_per_day"] * 30)
    return base(points, standing(), {name: 30 * parcels for name, parcels in CARRIED.items()}, city=CITY)


def plan(today, sites=SITES, shut=()):
    return moved(change(today, opened=sites, closed=shut), "cainiao", Grade.MODELLED)


def by_hand(won=100.0, own=-25.0, rivals=None, nobody=-15.0, sites=1, shut=0):
    rivals = {"duoduo": -45.0, "jd": -15.0} if rivals is None else rivals
    before = pd.Series({"cainiao": 400.0, "duoduo": 500.0, "jd": 100.0})
    after = before.add(pd.Series({"cainiao": won + own, **rivals}), fill_value=0.0)
    series = pd.Series({OWN: own, **rivals, NOBODY: nobody})
    return Moved("cainiao", sites, shut, 0, won, series, before, after, Grade.ASSUMED)


def own_stations(today):
    stations = today.stations
    return stations.loc[stations["platform"] == "cainiao", "station_id"].tolist()


def test_what_is_won_is_what_others_lose(today):
    for sites, shut in ((SITES, ()), ((), own_stations(today)[:2]), (SITES, own_stations(today)[:1])):
        found = plan(today, sites, shut)
        assert found.won + found.change.sum() == pytest.approx(0.0, abs=1e-9)
        assert found.after.sum() - found.before.sum() == pytest.approx(found.served, abs=1e-9)
        assert found.net == pytest.approx(found.after["cainiao"] - found.before["cainiao"], abs=1e-9)


def test_no_plan_moves_nothing(look, today):
    found = plan(today, (), ())
    assert found.won == 0
    assert np.abs(found.change).max() < 1e-9
    assert catchment.finding(found, look) == look.say("catch.nothing_moves")


def test_cannibalisation_is_own_loss_over_gain():
    assert by_hand().cannibalisation == 0.25
    assert by_hand(own=0.0, rivals={"jd": -85.0}).cannibalisation == 0.0
    assert np.isnan(by_hand(shut=1).cannibalisation)
    assert np.isnan(by_hand(won=0.0).cannibalisation)


def test_finding_of_sites_names_all_three_sources():
    found = catchment.finding(by_hand(), Look("en", Theme("light")))
    assert "win 100 parcels a day" in found
    assert "25% from its own stations, 60% from rivals, 15% that nobody" in found


def test_finding_of_shut_stations_says_where_the_parcels_go():
    lost = by_hand(won=0.0, own=-80.0, rivals={"duoduo": 50.0, "jd": 10.0}, nobody=20.0, sites=0, shut=2)
    found = catchment.finding(lost, Look("en", Theme("light")))
    assert "Without 2 of its stations Cainiao loses 80 parcels a day: 75% of them to rivals, 25% to nobody" in found


def test_own_stations_stand_in_front_and_nobody_last(look):
    view = catchment.from_whom(by_hand(), look, caption="c")
    names = view.table.iloc[:, 0].tolist()
    assert names == [
        look.say("catch.own_others", name=look.name("cainiao")),
        look.name("duoduo"),
        look.name("jd"),
        look.say("catch.nobody"),
    ]
    assert view.figure["data"][0]["x"] == view.table.iloc[:, 1].tolist() == [-25.0, -45.0, -15.0, -15.0]
    assert view.table.iloc[:, 2].tolist() == [25.0, 45.0, 15.0, 15.0]
    assert view.figure["data"][0]["marker"]["color"][0] == look.theme.colour("cainiao")


def test_shares_add_to_one_before_and_after(look, today):
    view = catchment.shares(plan(today), look, caption="c")
    assert view.table.iloc[:, 1].sum() == pytest.approx(100, abs=0.01)
    assert view.table.iloc[:, 2].sum() == pytest.approx(100, abs=0.01)
    assert view.table.iloc[:, 3].sum() == pytest.approx(0, abs=0.01)
    assert look.name("cainiao") in view.title


def test_figures_are_graded_and_without_negative_zero(look):
    found = catchment.figures(by_hand(own=0.0, rivals={"jd": -85.0}), -1200.0, look)
    assert len(found) == 5
    assert {one.grade for one in found} == {Grade.ASSUMED}
    assert found[2].value == "0%"
    assert found[4].value == "−¥1,200"


def test_account_adds_up_for_sites_and_shut_stations(today):
    shut = own_stations(today)[:2]
    rows = account(change(today, opened=SITES, closed=shut), TYPES, "cainiao")
    assert list(rows.columns) == list(catchment_sites.ACCOUNT)
    assert rows["state"].tolist() == ["new", "new", "shut", "shut"]
    parts = rows[["own_loss", "rivals_loss", "nobody"]].sum(axis=1)
    np.testing.assert_allclose(parts, rows["parcels_per_day"], atol=1e-9)
    was = today.stations.set_index("station_id").loc[shut, "parcels_per_day"]
    np.testing.assert_allclose(rows["parcels_per_day"][2:], was, rtol=1e-12)


def test_profit_counts_only_parcels_that_a_site_can_take(busy):
    rows = account(change(busy, opened=SITES), TYPES, "cainiao")
    for row in rows.itertuples():
        taken = min(row.parcels_per_day, row.takes_per_day)
        daily = float(economics.profit(TYPES[row.format], taken))
        assert row.profit_cny_per_month == pytest.approx(daily * economics.DAYS)
    assert (rows["parcels_per_day"] > rows["takes_per_day"]).any()


def test_a_shut_station_of_another_network_keeps_its_profit_to_itself(today):
    mine, theirs = own_stations(today)[0], today.stations.query("platform == 'jd'")["station_id"].iloc[0]
    rows = account(change(today, closed=[mine, theirs]), TYPES, "cainiao")
    had = today.stations.set_index("station_id").loc[mine]
    daily = float(economics.profit(TYPES[str(had["format"])], had["parcels_per_day"]))
    assert rows["profit_cny_per_month"].iloc[0] == pytest.approx(daily * economics.DAYS)
    assert np.isnan(rows["profit_cny_per_month"].iloc[1])


def test_site_table_says_what_is_beyond_capacity(look, busy):
    rows = account(change(busy, opened=SITES, closed=own_stations(busy)[:1]), TYPES, "cainiao")
    full = rows.loc[(rows["state"] == "new") & (rows["parcels_per_day"] > rows["takes_per_day"]), "name"]
    said = catchment_sites.site_finding(rows, look)
    assert look.say("catch.beyond", names=look.few(list(full))) in said
    table = catchment_sites.site_table(rows, look)
    assert len(table) == 3
    assert look.say("catch.state_shut") in table[look.say("catch.state")].tolist()
    only = catchment_sites.site_finding(rows[rows["state"] == "shut"], look)
    assert only == look.say("catch.account_shut", n=1)


@pytest.mark.parametrize(("exact", "gap", "key"), [(True, 0.0, "exact"), (False, 0.12, ""), (False, np.nan, "greedy")])
def test_steps_say_how_good_the_set_is(look, exact, gap, key):
    rows = pd.DataFrame(
        {
            "name": ["A", "B"],
            "lat": 30.0,
            "lon": 120.0,
            "gain": [30.0, 10.0],
            "parcels_per_day": [40.0, 15.0],
            "own_loss": [10.0, 5.0],
        }
    )
    view = catchment_sites.steps(
        rows, look, network="jd", objective="parcels", exact=exact, gap=gap, caption="c", grade=Grade.ASSUMED
    )
    assert look.say("catch.amount_parcels", value="40") in view.title
    assert view.figure["data"][0]["y"] == [30.0, 10.0]
    assert (look.say(f"catch.{key}") if key else "12.0%") in view.caption


def test_exponents_are_told_with_their_intervals(look):
    row = {"value": 1.8, "std_error": 0.1, "low": 1.604, "high": 1.996}
    table = catchment_sites.exponent_table([row], ["distance"], look)
    assert table.iloc[0].tolist() == ["distance", 1.8, 0.1, 1.604, 1.996]


def layers(deck):
    return {layer["id"]: layer for layer in json.loads(deck.to_json())["layers"]}


def drawn(today, look, sites=SITES, shut=(), **options):
    after = change(today, opened=sites, closed=shut)
    marks = after.sites[["name", "lat", "lon"]].assign(said="said")
    return layers(
        catchment_map.catchment_map(people(), standing(), look, network="cainiao", sites=marks, shut=shut, **options)
    )


def test_layers_keep_their_ids_when_a_site_is_added(look, today):
    few, more = drawn(today, look, SITES[:1]), drawn(today, look, SITES)
    assert list(few) == list(more)
    assert [name for name in few if few[name] != more[name]] == ["sites", "site-names"]
    assert {name for name, layer in few.items() if layer.get("pickable")} == {"own", "shut", "sites"}


def test_candidates_can_be_clicked_at_their_place(look, today):
    rows = pd.DataFrame({"lat": [30.25], "lon": [120.15], "white_parcels_per_day": [12.0]})
    found = drawn(today, look, candidates=rows)["candidates"]
    said = look.say("catch.tip_candidate", n=1, parcels="12")
    assert found["data"] == [{"lon": 120.15, "lat": 30.25, "t": said}]
    assert found["pickable"]


def test_shut_stations_leave_the_network_and_stay_clickable(look, today):
    shut = tuple(own_stations(today)[:1])
    found = drawn(today, look, shut=shut)
    assert [row["id"] for row in found["shut"]["data"]] == list(shut)
    assert shut[0] not in [row["id"] for row in found["own"]["data"]]
    assert len(found["own"]["data"]) == len(own_stations(today)) - 1


def test_a_catchment_takes_the_place_of_demand(look, today):
    points = today.catchment(own_stations(today)[0])
    found = drawn(today, look, catchment=points, chosen=(30.25, 120.15))
    assert "demand" not in found
    rows = found["catchment"]["data"]
    assert 0 < len(rows) <= len(points)
    by_place = {(round(p.lon, 5), round(p.lat, 5)): p.probability for p in points.itertuples()}
    strength = pd.DataFrame([(row["a"], by_place[row["lon"], row["lat"]]) for row in rows], columns=["a", "p"])
    assert strength.sort_values("p")["a"].is_monotonic_increasing
    assert "chosen" in found


def test_reach_holds_four_fifths_of_the_parcels(today):
    name = own_stations(today)[0]
    points, at = today.catchment(name), today.stations.set_index("station_id").loc[name]
    look = Look("en", Theme("light"))
    said = catchment_map.reach_finding(points, (at["lat"], at["lon"]), look, name="X")
    away = distance_km(points["lat"].to_numpy(), points["lon"].to_numpy(), at["lat"], at["lon"])
    parcels = points["parcels_per_day"].to_numpy()
    reached = next(far for far in np.sort(away) if parcels[away <= far].sum() >= 0.8 * parcels.sum())
    assert said == f"X draws {look.count(parcels.sum())} parcels a day, 80% of them from within {reached:.1f} km"


def test_a_station_that_draws_nothing_is_told_so(look):
    none = pd.DataFrame({"lat": [], "lon": [], "probability": [], "parcels_per_day": []}, dtype=float)
    assert catchment_map.reach_finding(none, (30.0, 120.0), look, name="X") == look.say("catch.no_catchment", name="X")


def test_many_rivals_become_fewer_marks_at_true_places():
    rng = np.random.default_rng(7)
    many = pd.DataFrame(
        {
            "platform": rng.choice(["jd", "hivebox"], 40_000),
            "lon": rng.uniform(120.0, 120.4, 40_000).round(5),
            "lat": rng.uniform(30.0, 30.4, 40_000).round(5),
        }
    )
    marks = catchment_map.together(many)
    assert 1000 < len(marks) <= catchment_map.RIVALS
    assert len(marks.merge(many.drop_duplicates(), on=["platform", "lon", "lat"])) == len(marks)
    assert set(marks["platform"]) == {"jd", "hivebox"}
    few = many.head(50)
    assert len(catchment_map.together(few)) == 50


def test_strongest_cells_are_drawn_and_no_more_than_the_map_takes():
    parcels = np.arange(12_000.0)
    demand = pd.DataFrame({"lat": 30 + parcels * 1e-4, "lon": 120.0, "parcels_per_day": parcels})
    cells = catchment_map.cells(demand)
    assert len(cells) == catchment_map.CELLS
    assert cells["lat"].min() == pytest.approx(30 + (12_000 - catchment_map.CELLS) * 1e-4, abs=1e-5)
    assert cells["a"].between(catchment_map.FAINTEST, catchment_map.STRONGEST).all()


def test_all_own_stations_are_drawn_while_they_fit(look, today):
    assert [row["id"] for row in drawn(today, look)["own"]["data"]] == standing().query("platform == 'cainiao'")[
        "station_id"
    ].tolist()
