"""National maps: every measure by hand, colours that mean the value, tiles in their places."""

import numpy as np
import pandas as pd
import pytest

from analysis import summary
from analysis.economics import incomes_by_tier
from analysis.views import nation, nation_map
from analysis.views.look import Look
from analysis.views.nation_scale import FULL_LEAD, hexes
from analysis.views.theme import Theme, rgb
from data.cities import TIERS, cities
from data.geo import PREFECTURES_URL
from data.grade import Grade
from data.platforms import OUTSIDE

CODES = ("110000", "330100", "330200", "330300", "650100")
NETWORKS = ("cainiao", "duoduo", "hivebox", OUTSIDE)
MONTHS = pd.date_range("2024-01-01", periods=15, freq="MS").delete(1)
"""Without February 2024."""
SMALL = 1e-6
"""Relative, of float32."""
LIGHT = Look("en", Theme("light"))


@pytest.fixture(scope="module")
def panel():
    """Rows at random: not every network stands everywhere, Urumqi has no volumes in May 2024."""
    rng = np.random.default_rng(11)
    rows = pd.MultiIndex.from_product([MONTHS, CODES, NETWORKS], names=["month", "city", "platform"]).to_frame(False)
    rows = rows[rng.random(len(rows)) < 0.9]
    rows = rows[~((rows["city"] == "650100") & (rows["month"] == "2024-05-01"))]
    size = len(rows)
    tier = pd.Categorical(cities()["tier"].reindex(rows["city"]), TIERS, ordered=True)
    return rows.assign(
        parcels=rng.integers(0, 3, size) * rng.integers(1_000, 900_000, size),
        stations=np.where(rows["platform"] == OUTSIDE, 0, rng.integers(0, 90, size)),
        subsidy_cny_per_parcel=np.where(rng.random(size) < 0.5, rng.uniform(0, 0.12, size), 0.0),
        guarantee_cny_per_day=np.where(rng.random(size) < 0.5, 60.0, 0.0),
        tier=tier,
    ).astype({"city": "category", "platform": "category"})


def at(panel, month, city):
    """Parcels and stations of a city and month by network, as a plain frame."""
    rows = panel[(panel["month"] == month) & (panel["city"] == city)]
    return rows.set_index(rows["platform"].astype(str))


def value(frames, month, city):
    return float(frames.values[frames.months.get_loc(month), frames.cities.index(city)])


def by_hand(panel, month, city, network, measure):
    rows = at(panel, month, city)
    total = rows["parcels"].sum()
    if not total:
        return np.nan
    own = rows.loc[network] if network in rows.index else None
    people = cities().loc[city, "population_2020"] / 1e4
    if measure == "network_share":
        return 0.0 if own is None else own["parcels"] / total
    if measure == "hhi":
        players = rows["parcels"].drop(OUTSIDE, errors="ignore")
        return 1e4 * ((players / players.sum()) ** 2).sum() if players.sum() else np.nan
    if measure == "subsidy":
        return 0.0 if own is None else own["subsidy_cny_per_parcel"]
    if measure == "stations_per_10k":
        return rows["stations"].sum() / people
    if measure == "network_stations_per_10k":
        return 0.0 if own is None else own["stations"] / people
    before = at(panel, month - pd.DateOffset(years=1), city)
    known = before["parcels"].sum() > 0 and network in before.index and before.loc[network, "parcels"] > 0
    return (0 if own is None else own["parcels"]) / before.loc[network, "parcels"] - 1 if known else np.nan


BY_HAND = ("network_share", "hhi", "growth", "subsidy", "stations_per_10k", "network_stations_per_10k")


@pytest.mark.parametrize("measure", BY_HAND)
def test_measures_are_those_by_hand(panel, measure):
    frames = nation.frames(panel, "duoduo", measure)
    assert frames.values.shape == (len(MONTHS), len(CODES))
    assert frames.values.dtype == np.float32
    wanted = [[by_hand(panel, month, city, "duoduo", measure) for city in frames.cities] for month in frames.months]
    np.testing.assert_allclose(frames.values, np.array(wanted, dtype=float), rtol=SMALL, atol=1e-6)


def test_leader_is_that_of_the_summary(panel):
    frames = nation.frames(panel, "", "leader")
    for place, month in enumerate(frames.months):
        volumes = summary.wide(summary.at(panel, month), "city")
        for city, row in summary.leaders(volumes[volumes.sum(axis=1) > 0]).iterrows():
            column = frames.cities.index(str(city))
            assert frames.networks[int(frames.values[place, column])] == row["leader"]
            assert frames.lead[place, column] == pytest.approx(row["lead"], rel=SMALL, abs=1e-7)
            assert frames.share[place, column] == pytest.approx(row["share"], rel=SMALL, abs=1e-7)


def test_income_is_that_of_the_station_model(panel):
    month, frames = MONTHS[-1], nation.frames(panel, "duoduo", "income_per_station")
    pooled = nation.frames(panel, "duoduo", "income_per_station", by="province")
    rows = panel[(panel["month"] == month) & (panel["platform"] == "duoduo") & (panel["stations"] > 0)]
    assert len(rows)
    for city, own in rows.groupby(rows["city"].astype(str)):
        wanted = incomes_by_tier(own).loc[("duoduo", "all"), "median"]
        assert value(frames, month, city) == pytest.approx(wanted, rel=1e-5)
    zhejiang = rows[rows["city"].astype(str).str.startswith("33")]
    wanted = incomes_by_tier(zhejiang).loc[("duoduo", "all"), "median"]
    assert value(pooled, month, "330000") == pytest.approx(wanted, rel=1e-5)


def test_growth_needs_the_month_of_the_year_before(panel):
    frames = nation.frames(panel, "duoduo", "growth")
    first = frames.months < "2025-01-01"
    assert np.isnan(frames.values[first]).all()
    assert np.isnan(frames.values[frames.months == "2025-02-01"]).all()
    assert np.isfinite(frames.values[frames.months == "2025-01-01"]).any()


def test_growth_of_a_province_compares_the_same_cities():
    rows = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-03-01", "2025-03-01", "2025-03-01"]),
            "city": ["330100", "330100", "330200"],
            "platform": "duoduo",
            "parcels": [100, 150, 900],
        }
    )
    frames = nation.frames(rows, "duoduo", "growth", by="province")
    assert value(frames, pd.Timestamp("2025-03-01"), "330000") == pytest.approx(0.5)


@pytest.mark.parametrize("measure", nation.MEASURES)
def test_order_of_rows_and_other_months_change_nothing(panel, measure):
    frames = nation.frames(panel, "duoduo", measure)
    mixed = nation.frames(panel.sample(frac=1, random_state=3), "duoduo", measure)
    one = nation.frames(panel, "duoduo", measure, month=MONTHS[-1])
    assert frames.cities == mixed.cities == one.cities
    np.testing.assert_allclose(mixed.values, frames.values, rtol=1e-5)
    np.testing.assert_allclose(one.values[0], frames.values[-1], rtol=1e-5)


@pytest.mark.parametrize("measure", ["leader", "network_share", "hhi", "growth"])
def test_unit_of_parcels_changes_nothing(panel, measure):
    thousands = panel.assign(parcels=panel["parcels"] * 1000)
    found, wanted = (nation.frames(rows, "duoduo", measure).values for rows in (thousands, panel))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


def test_share_of_a_province_is_that_of_its_parcels(panel):
    frames, month = nation.frames(panel, "duoduo", "network_share", by="province"), MONTHS[3]
    rows = panel[(panel["month"] == month) & panel["city"].astype(str).str.startswith("33")]
    wanted = rows.loc[rows["platform"] == "duoduo", "parcels"].sum() / rows["parcels"].sum()
    assert value(frames, month, "330000") == pytest.approx(wanted, rel=SMALL)
    assert frames.by == "province"


def test_table_of_a_month_holds_every_measure(panel):
    month = MONTHS[-2]
    table = nation.month_table(panel, "duoduo", month)
    for measure in BY_HAND:
        wanted = [by_hand(panel, month, city, "duoduo", measure) for city in table.index]
        np.testing.assert_allclose(table[measure].to_numpy(float), np.array(wanted, float), rtol=SMALL, atol=1e-6)
    rows = panel[panel["month"] == month]
    assert table["parcels"].sum() == rows["parcels"].sum()
    assert table["stations"].sum() == rows.loc[rows["city"].isin(table.index), "stations"].sum()
    assert nation.month_table(panel, "duoduo", pd.Timestamp("2031-01-01")).empty


@pytest.mark.parametrize("measure", nation.MEASURES)
def test_nothing_gives_nothing(panel, look, measure):
    frames = nation.frames(panel.iloc[:0], "duoduo", measure)
    assert frames.values.shape == (0, 0)
    assert nation.paint(frames, look).shape == (0, 0, 3)
    assert (nation.legend(frames, look) == ()) == (measure == "leader")


def test_an_unknown_measure_is_refused(panel):
    with pytest.raises(ValueError, match="no measure"):
        nation.frames(panel, "duoduo", "weight")


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("measure", nation.MEASURES)
def test_colours_mean_the_value(panel, measure, mode):
    look = Look("en", Theme(mode))
    frames = nation.frames(panel, "duoduo", measure)
    colours = nation.paint(frames, look)
    assert colours.shape == (*frames.values.shape, 3)
    assert colours.dtype == np.uint8
    missing = np.isnan(frames.values)
    assert (colours[missing] == rgb(look.theme.grid)[:3]).all()
    if measure == "leader":
        return
    shown = nation.scale(frames, look)
    order = np.argsort(frames.values[~missing])
    clipped = np.clip(frames.values[~missing][order], shown.low, shown.high)
    known = colours[~missing][order].astype(int)
    same = np.diff(clipped) == 0
    assert (np.abs(np.diff(known, axis=0))[same] == 0).all()
    for colour, _ in nation.legend(frames, look):
        assert len(colour) == 7


def test_a_leader_is_paler_with_a_smaller_lead():
    lead = np.array([[0.0, FULL_LEAD / 2, FULL_LEAD, 0.9, np.nan]], dtype=np.float32)
    who = np.where(np.isnan(lead), np.nan, 0).astype(np.float32)
    months = pd.DatetimeIndex(["2025-01-01"])
    frames = nation.Frames("leader", "", CODES, months, who, ("duoduo",), lead, lead)
    colours = nation.paint(frames, LIGHT)[0].astype(int)
    full, page = np.array(rgb(LIGHT.theme.colour("duoduo"))[:3]), np.array(rgb(LIGHT.theme.surface)[:3])
    away = np.abs(colours - page).sum(axis=1)
    assert away[0] < away[1] < away[2] == away[3]
    assert (colours[2] == full).all()
    assert (colours[0] == np.rint(page + (full - page) / 3)).all()
    assert (colours[4] == rgb(LIGHT.theme.grid)[:3]).all()


def test_incomes_are_assumed_whatever_the_market(panel):
    about = {"caption": "c", "month": "m", "network": "duoduo", "grade": Grade.REPORTED, "place": "330100"}
    table = nation.month_table(panel, "duoduo", MONTHS[-1])
    named = table.assign(name=table.index)
    found = {m: nation_map.prefectures(named, LIGHT, measure=m, **about) for m in ("hhi", "income_per_station")}
    assert found["hhi"].grade is Grade.REPORTED
    assert found["income_per_station"].grade is Grade.ASSUMED
    assert found["hhi"].figure["data"][-1]["locations"] == ["330100"]


def test_growth_has_zero_in_the_colour_of_the_page(panel):
    frames = nation.frames(panel, "duoduo", "growth")
    shown = nation.scale(frames, LIGHT)
    assert shown.low == -shown.high
    assert hexes(shown.paint(np.array([0.0])).astype(np.uint8)) == [LIGHT.theme.surface]


@pytest.mark.parametrize("measure", nation.MEASURES)
def test_words_and_legend_are_in_the_reader_s_language(panel, look, measure):
    frames = nation.frames(panel, "duoduo", measure)
    said, legend = nation.words(frames, look), nation.legend(frames, look)
    assert len(said) == len(nation.names(frames, look)) == len(CODES)
    assert all(said)
    assert all(words for _, words in legend)
    none = look.say("nation.no_data")
    assert [words == none for words in said] == np.isnan(frames.values[-1]).tolist()
    assert (legend[-1][1] == none) == np.isnan(frames.values).any()
    assert nation.words(frames, look, month=MONTHS[0]) == nation.words(
        nation.frames(panel, "duoduo", measure, month=MONTHS[0]), look
    )


@pytest.mark.parametrize("measure", nation.MEASURES)
def test_outlines_have_the_colours_of_the_frames(panel, look, measure):
    month = MONTHS[-1]
    frames, table = nation.frames(panel, "duoduo", measure), nation.month_table(panel, "duoduo", month)
    named = table.assign(name=cities()[f"city_{look.lang}"].reindex(table.index))
    on = None if measure == "leader" else nation.scale(frames, look)
    about = {"caption": "c", "month": look.month(month), "grade": Grade.MODELLED, "on": on}
    view = nation_map.prefectures(named, look, measure=measure, network="duoduo", **about)
    places = view.figure["data"][1]
    assert places["geojson"] == PREFECTURES_URL
    wanted = hexes(nation.paint(frames, look)[-1])
    colours = [colour for _, colour in places["colorscale"]]
    for place, code in enumerate(places["locations"]):
        assert colours[place] == wanted[frames.cities.index(code)]
    known = np.isfinite(frames.values[-1])
    assert set(places["locations"]) == {code for code, one in zip(frames.cities, known, strict=True) if one}
    assert len(view.table) == len(named)
    assert view.title
    assert len(view.alt) > 20
