import numpy as np
import pandas as pd
import pytest

from analysis.space import demand, demand_assumptions
from analysis.space.demand_points import points
from data import geo
from data.cities import TIERS, cities
from data.text import has

HANGZHOU, SANSHA, ALXA = "330100", "460300", "152900"


@pytest.fixture(scope="module")
def nation():
    return demand.people()


@pytest.fixture(scope="module")
def month():
    codes = [HANGZHOU, "310000", "540600"]
    rows = [(code, network) for code in codes for network in ("cainiao", "home")]
    table = pd.DataFrame(rows, columns=["city", "platform"]).assign(month=pd.Timestamp("2026-06-01"))
    return table.assign(parcels=np.arange(1, 7) * 3_000_000, city=table["city"].astype("category"))


def test_people_add_to_the_census_in_every_city(nation):
    found = nation.groupby("city", observed=False)["people"].sum()
    assert len(found) == 337
    np.testing.assert_allclose(found, cities().loc[found.index, "population_2020"].astype(float), rtol=1e-12)


def test_villages_have_the_share_of_the_census(nation):
    # 2020 census, National Bureau of Statistics, bulletin 7: 63.89 % urban
    assert nation["rural"].sum() / nation["people"].sum() == pytest.approx(1 - 0.6389, abs=5e-4)
    assert (nation["rural"] <= nation["people"] * (1 + 1e-12)).all()
    assert (nation[["people", "rural"]] >= 0).all(axis=None)


def test_nation_is_small_enough_to_compute_with(nation):
    assert 100_000 < len(nation) <= 400_000
    assert not nation.isna().any(axis=None)
    assert not nation.duplicated(["city", "lat", "lon"]).any()


@pytest.mark.parametrize("code", [HANGZHOU, "310000", "150700", "500000"])
def test_cells_lie_in_the_outline_where_it_has_the_seat(code):
    cells = demand.people(cities=[code], degrees=0.02)
    inside = geo.inside(cells["lon"].to_numpy(), cells["lat"].to_numpy(), geo.outlines()[code])
    assert cells["people"][inside].sum() / cells["people"].sum() > 0.97


def test_coastal_seat_outside_its_outline_keeps_its_people():
    """The outline of Qingdao misses its seat: people still live around it."""
    row = cities().loc["370200"]
    assert not geo.inside(np.array([row["lon"]]), np.array([row["lat"]]), geo.outlines()["370200"])[0]
    cells = demand.people(cities=["370200"], degrees=0.02)
    near = geo.distance_km(cells["lat"].to_numpy(), cells["lon"].to_numpy(), row["lat"], row["lon"]) < 12
    assert cells["people"][near].sum() > 2_000_000


def test_a_city_is_the_same_alone_and_among_others():
    both = demand.people(cities=["310000", HANGZHOU], degrees=0.02)
    alone = demand.people(cities=[HANGZHOU], degrees=0.02)
    same = both[both["city"] == HANGZHOU].reset_index(drop=True)
    pd.testing.assert_frame_equal(same.drop(columns="city"), alone.drop(columns="city"))


def test_finer_cells_move_nobody_far():
    coarse, fine = (demand.people(cities=[HANGZHOU], degrees=degrees) for degrees in (0.04, 0.008))
    middle = [np.average(cells[["lat", "lon"]], axis=0, weights=cells["people"]) for cells in (coarse, fine)]
    assert geo.distance_km(*middle[0], *middle[1]) < 0.5


def test_city_grid_is_the_finest_that_is_short_enough():
    assert 8_000 < len(demand.city_people(HANGZHOU)) <= 20_000
    assert len(demand.city_people(HANGZHOU, most=3_000)) <= 3_000
    assert np.isclose(demand.city_people(SANSHA)["people"].sum(), cities().at[SANSHA, "population_2020"])


def test_people_crowd_where_the_city_is():
    row, cells = cities().loc[HANGZHOU], demand.city_people(HANGZHOU)
    far = geo.distance_km(cells["lat"].to_numpy(), cells["lon"].to_numpy(), row["lat"], row["lon"])
    ring = [cells["people"][(far >= near) & (far < near + 10)].sum() / (2 * near + 10) for near in (0, 10, 30, 60)]
    assert ring[0] > ring[1] > ring[3]
    assert ring[0] > 10 * ring[3]


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (1.0, 1.0), (0.3, 0.3)])
def test_share_of_villages_is_what_it_is_set_to(share, expected):
    tier = TIERS.index(str(cities().at[HANGZHOU, "tier"])) + 1
    cells = demand.people(cities=[HANGZHOU], degrees=0.04, assumptions={f"rural_share_{tier}": share})
    assert cells["rural"].sum() / cells["people"].sum() == pytest.approx(expected, abs=1e-12)
    assert cells["people"].sum() == pytest.approx(cities().at[HANGZHOU, "population_2020"], rel=1e-12)


@pytest.mark.parametrize(("code", "degrees"), [("440300", 0.004), ("310000", 0.006), ("440300", 0.025)])
@pytest.mark.parametrize("most", [20_000.0, 40_000.0])
def test_no_cell_is_denser_than_the_most(code, degrees, most):
    cells = demand.people(cities=[code], degrees=degrees, assumptions={"most_people_per_km2": most})
    km2 = (degrees * demand.KM_PER_DEGREE) ** 2 * np.cos(np.radians(cells["lat"]))
    density = cells["people"] / km2
    assert density.max() == pytest.approx(most, rel=1e-5)
    assert cells["people"].sum() == pytest.approx(cities().at[code, "population_2020"], rel=1e-12)
    share = demand_assumptions.values()[f"rural_share_{TIERS.index(str(cities().at[code, 'tier'])) + 1}"]
    assert cells["rural"].sum() / cells["people"].sum() == pytest.approx(share, rel=1e-12)


def test_a_limit_that_leaves_no_room_gives_way():
    tight = demand.people(cities=["440300"], degrees=0.02, assumptions={"most_people_per_km2": 100.0})
    assert tight["people"].sum() == pytest.approx(cities().at["440300", "population_2020"], rel=1e-12)


def test_denser_towns_are_narrower():
    loose, dense = (
        demand.people(cities=["440300"], degrees=0.01, assumptions={"people_per_km2": density})
        for density in (5_000.0, 20_000.0)
    )
    assert dense["people"].max() > loose["people"].max()


@pytest.mark.parametrize("degrees", [0.0, -0.1, 1.5])
def test_side_of_cells_is_checked(degrees):
    with pytest.raises(ValueError, match="cells of"):
        demand.people(cities=[HANGZHOU], degrees=degrees)


def test_unknown_city_is_refused():
    with pytest.raises(ValueError, match="999999"):
        demand.people(cities=["999999"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"nothing": 1.0}, "no assumption"),
        ({"people_per_km2": 0.0}, "above zero"),
        ({"rural_share_1": 1.2}, "0 to 1"),
        ({"village_spread_km": float("nan")}, "above zero"),
    ],
)
def test_assumptions_are_checked(changed, said):
    with pytest.raises(ValueError, match=said):
        demand_assumptions.values(changed)


def test_every_assumption_is_within_its_range():
    assumed = demand_assumptions.ASSUMPTIONS.values()
    assert all(one.low <= one.value <= one.high for one in assumed)
    assert all(has(f"unit.{one.unit}") for one in assumed)


def test_parcels_of_a_city_are_those_of_its_volumes(nation, month):
    found = demand.surface(month, nation)
    assert tuple(found.columns) == demand.DEMAND
    by_city = found.groupby("city", observed=True)["parcels_per_day"].sum()
    wanted = month.groupby("city", observed=True)["parcels"].sum() / 30
    np.testing.assert_allclose(by_city[wanted.index.astype(str)], wanted, rtol=1e-12)
    assert by_city.drop(wanted.index.astype(str)).eq(0).all()
    pd.testing.assert_frame_equal(found.drop(columns="parcels_per_day"), nation)


def test_a_villager_gets_the_assumed_part_of_a_townsman(month):
    people = pd.DataFrame(
        {"city": HANGZHOU, "lat": [30.0, 30.1], "lon": 120.0, "people": [1000.0, 1000.0], "rural": [0.0, 1000.0]}
    )
    for part in (0.3, 0.5, 1.0):
        found = demand.surface(month, people, assumptions={"village_parcels_per_head": part})["parcels_per_day"]
        assert found[1] / found[0] == pytest.approx(part)
        assert found.sum() == pytest.approx((3e6 + 6e6) / 30)


def test_months_are_not_mixed(nation, month):
    with pytest.raises(ValueError, match="2 months"):
        demand.surface(pd.concat([month, month.assign(month=pd.Timestamp("2026-07-01"))]), nation)


def test_no_volumes_no_parcels(nation, month):
    assert demand.surface(month[:0], nation)["parcels_per_day"].eq(0).all()


@pytest.fixture(scope="module")
def modelled(nation, month):
    return demand.surface(month, nation)


def given(**columns):
    blank = {"name": "x", "people": np.nan, "village_people": np.nan, "parcels_per_day": np.nan}
    return pd.DataFrame(blank | {"lat": [30.27, 31.22], "lon": [120.16, 121.46]} | columns)


def test_points_that_say_everything_are_kept_as_they_are(modelled):
    found = points(given(people=[500.0, 800.0], village_people=[0.0, 900.0], parcels_per_day=[200.0, 90.0]), modelled)
    assert found.filled == ()
    assert found.demand["city"].astype(str).tolist() == [HANGZHOU, "310000"]
    assert found.demand["people"].tolist() == [500.0, 800.0]
    assert found.demand["rural"].tolist() == [0.0, 800.0]
    assert found.demand["parcels_per_day"].tolist() == [200.0, 90.0]


def test_blank_amounts_follow_from_the_cell_nearby(modelled):
    from_people = points(given(people=[500.0, 800.0]), modelled)
    assert from_people.filled == ("rural", "parcels_per_day")
    back = points(given(parcels_per_day=from_people.demand["parcels_per_day"].to_numpy()), modelled)
    np.testing.assert_allclose(back.demand["people"], [500.0, 800.0])
    assert back.filled == ("people", "rural")
    gap = geo.distance_km(modelled["lat"].to_numpy(), modelled["lon"].to_numpy(), 30.27, 120.16)
    cell = modelled.iloc[gap.argmin()]
    assert from_people.demand["parcels_per_day"][0] == pytest.approx(500 * cell["parcels_per_day"] / cell["people"])


def test_points_beyond_every_city_are_left_out_and_counted(modelled):
    found = points(given(lat=[30.27, 15.0], lon=[120.16, 130.0], people=[1.0, 1.0]), modelled)
    assert found.beyond == 1
    assert len(found.demand) == 1


def test_points_without_amounts_mean_nothing(modelled):
    assert points(given(people=[np.nan, 5.0]), modelled).demand["people"].tolist() == [5.0]


def test_no_points_no_demand(modelled):
    found = points(given()[:0], modelled)
    assert found.demand.empty
    assert found.beyond == 0
