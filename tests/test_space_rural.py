"""Counties and villages reached, plans and what came of them: the record, laws and brute force."""

import numpy as np
import pandas as pd
import pytest

from analysis.space import rural, rural_plans
from data import record
from data.cities import cities
from data.geo import distance_km
from data.grade import Grade

EXACT = 1e-9
WHERE = {"lat": [30.0, 30.05, 31.0, 29.2], "lon": [120.0, 120.02, 121.0, 119.4]}
POINTS = pd.DataFrame(WHERE).assign(city=["330100", "330100", "310000", "330700"])


def some_units(n=400):
    table = rural.units()
    return table[table["lat"].notna()].iloc[:: max(len(table) // n, 1)]


def some_people(n=500, seed=1):
    rng = np.random.default_rng(seed)
    codes = cities().index[rng.integers(0, 337, n)]
    where = {"lat": 30 + rng.normal(0, 0.3, n), "lon": 120 + rng.normal(0, 0.3, n)}
    return pd.DataFrame({"city": codes, **where, "rural": rng.uniform(0, 900, n)})


def scattered(n=60, seed=2):
    rng = np.random.default_rng(seed)
    where = {"lat": rng.uniform(20, 45, n), "lon": rng.uniform(85, 125, n)}
    return pd.DataFrame(where).assign(city=cities().index[rng.integers(0, 337, n)])


def test_units_are_the_counties_of_the_ministry():
    """2,846 county-level units, 977 of them districts (Ministry of Civil Affairs; statistical bulletin of 2023)."""
    table = rural.units()
    assert len(table) == 2846
    assert (table["kind"] == rural.DISTRICT).sum() == 977
    assert table["province"].notna().all()
    assert ((table["city"] == "") == table["tier"].isna()).all()


def test_nearest_point_is_that_of_brute_force():
    units, points = some_units(), scattered()
    found = rural.reach(units, points, within_km=150.0)
    at = [units[c].to_numpy()[:, None] for c in ("lat", "lon")]
    away = distance_km(*at, *(points[c].to_numpy()[None, :] for c in ("lat", "lon")))
    assert found["nearest_km"].to_numpy() == pytest.approx(away.min(axis=1), rel=1e-9)
    assert found["near"].tolist() == (away <= 150.0).sum(axis=1).tolist()
    assert 0 < found["reached"].sum() < len(found)


def test_a_seat_that_is_not_known_is_neither_reached_nor_far():
    table = rural.units()
    found = rural.reach(table[table["lat"].isna()].head(5), POINTS, within_km=50.0)
    assert not found["placed"].any()
    assert not found["reached"].any()
    assert found["nearest_km"].isna().all()


def test_village_people_are_those_of_brute_force():
    people = some_people()
    found = rural.village_people(people, POINTS)
    at = [people[c].to_numpy()[:, None] for c in ("lat", "lon")]
    away = distance_km(*at, *(POINTS[c].to_numpy()[None, :] for c in ("lat", "lon"))).min(axis=1)
    for radius in rural.VILLAGE_RADII_M:
        inside = people["rural"].where(away <= radius / 1000, 0.0).groupby(people["city"]).sum()
        assert found[radius].to_numpy() == pytest.approx(inside.to_numpy(), rel=EXACT)
    assert found["rural"].sum() == pytest.approx(people["rural"].sum())
    assert 0 < found[5000].sum() < found["rural"].sum()


def test_a_point_more_never_lowers_and_a_larger_radius_never_lowers():
    units, people, points = some_units(), some_people(), scattered()
    before, after = (rural.reach(units, p, within_km=80.0) for p in (points.head(20), points))
    assert (after["nearest_km"] <= before["nearest_km"] + EXACT).all()
    assert (after["near"] >= before["near"]).all()
    wide = rural.reach(units, points, within_km=160.0)
    assert (wide["near"] >= after["near"]).all()
    few, many = (rural.village_people(people, POINTS.head(n)) for n in (2, 4))
    assert (many >= few - EXACT).all(axis=None)
    assert (many[5000] >= many[3000]).all()


def test_a_far_point_the_order_and_a_split_place_change_nothing():
    people = some_people()
    base = rural.village_people(people, POINTS)
    far = pd.concat([POINTS, pd.DataFrame({"lat": [45.0], "lon": [90.0], "city": ["650100"]})])
    mixed = people.sample(frac=1.0, random_state=3)
    split = pd.concat([people.assign(rural=people["rural"] * part) for part in (0.25, 0.75)])
    for found in (rural.village_people(people, far), rural.village_people(mixed, POINTS.iloc[::-1])):
        pd.testing.assert_frame_equal(found, base)
    pd.testing.assert_frame_equal(rural.village_people(split, POINTS), base)


@pytest.mark.parametrize("by", ["tier", "province"])
def test_groups_add_up_and_bounds_hold(by):
    reached = rural.reach(rural.units(), scattered(), within_km=100.0)
    villages = rural.village_people(some_people(), POINTS)
    table = rural.groups(reached, villages, POINTS, by=by)
    parts, whole = table.drop(index="all"), table.loc["all"]
    loose = (reached["city"] == "").sum() if by == "tier" else 0
    assert parts["units"].sum() + loose == whole["units"] == 2846
    assert parts["points"].sum() == whole["points"] == len(POINTS)
    assert parts["rural"].sum() == pytest.approx(whole["rural"])
    known = table[table["placed"] > 0]
    assert (known["low"] <= known["part"] + EXACT).all()
    assert (known["high"] >= known["low"]).all()
    assert table["high"].le(1 + EXACT).all()


def test_groups_of_one_city_are_its_own():
    reached = rural.reach(rural.units(), POINTS, within_km=100.0)
    villages = rural.village_people(some_people(), POINTS)
    table = rural.groups(reached, villages, POINTS, by="province", within=("330100",))
    assert list(table.index) == ["Zhejiang", "all"]
    assert table.loc["all", "units"] == (reached["city"] == "330100").sum()
    assert table.loc["all", "points"] == 2


@pytest.mark.parametrize(
    ("who", "rows"), [("centres", 2), ("rural", 1), ("chinapost", 1), ("focus", 2), ("staffed", 4)]
)
def test_whose_stations_count(who, rows):
    stations = pd.DataFrame(
        {
            "platform": ["rural", "chinapost", "duoduo", "duoduo", "hivebox"],
            "format": ["service_centre", "service_centre", "station", "station", "locker"],
        }
    )
    assert len(rural.points(stations, who, "duoduo")) == rows


def test_points_of_nobody_known_are_refused():
    with pytest.raises(ValueError, match="none of"):
        rural.points(POINTS, "everybody", "duoduo")


def test_plans_are_those_of_the_record():
    """Rural Taobao: 300 (February 2016) and 700 (June 2018) of 1,000 counties; 30,000 centres of 150,000 villages, or
    of the 60,000 that doubling means; 100,000 planned in 2014 (Post & Parcel, 22 June 2018; business4etrade, 2017).
    """
    found = rural_plans.ledger().set_index(["metric", "planned"])
    parts = {
        ("counties_planned", 1000.0): 0.7,
        ("villages_planned", 150_000.0): 0.2,
        ("village_centres_planned", 100_000.0): 0.3,
        (rural_plans.DOUBLING, 60_000.0): 0.5,
        ("share_villages_with_express", 100.0): 0.95,
    }
    assert {key: round(part, 9) for key, part in found["part"].items()} == parts
    assert found.loc[[("villages_planned", 150_000.0), (rural_plans.DOUBLING, 60_000.0)], "conflict"].all()
    assert (found["reached_at"] <= found["last"]).all()


def test_every_figure_has_a_source_and_conflicts_are_not_averaged():
    table = rural_plans.figures()
    assert (table["source_title"] != "").all()
    assert set(table["grade"]) <= set(Grade)
    assert table.loc[table["plan"], "grade"].eq(str(Grade.ASSUMED)).all()
    points = table[(table["metric"] == "village_stations") & table["conflict"]]["value"]
    assert sorted(points) == [346_000.0, 427_000.0]  # February 2025 broadcast against the bulletin of 2024
    post = table[table["metric"] == "villages_in_post_express_cooperation"]["value"]
    assert sorted(post) == [230_000.0, 239_000.0]  # China Daily against People's Daily, April 2022


@pytest.mark.parametrize("said", rural_plans.SAID, ids=lambda s: s.row)
def test_what_is_read_from_words_stands_there(said):
    row = record.load().set_index("id").filter(like=said.row, axis=0).iloc[0]
    words = f"{row['note']} {row['source_title']}"
    assert said.words in words
    number = f"{said.value:,.0f}"
    assert number in said.words or number == "100"


def test_no_figure_is_later_than_its_source():
    table = rural_plans.figures()
    stated = table[~table["plan"] & (table["metric"] == "counties_covered")]
    assert stated["at"].max() == pd.Timestamp("2018-06-30")
