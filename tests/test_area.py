"""A set of cities: as one word of the address, as rows of a table, in words, and on the map on which it is chosen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import summary
from analysis.views import area_map
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import area, demo
from data.cities import cities
from data.text import LANGUAGES
from pages.ui import area as page_area
from pages.ui.inputs import Filters

CODES = [str(code) for code in cities().index]
SETS = st.sets(st.sampled_from(CODES))
LONGEST_ADDRESS = 1800
"""Characters of an area in an address that every browser and proxy takes (2,000 of the whole address)."""
ZHEJIANG = tuple(f"33{n:02d}00" for n in range(1, 12))


@pytest.fixture(params=LANGUAGES)
def look(request):
    return Look(request.param, Theme("light"))


@given(SETS)
def test_an_area_is_read_back(codes):
    found, unknown = area.unpacked(area.packed(codes))
    assert set(found) == codes
    assert found == area.known(codes)
    assert unknown == ()


@given(SETS)
def test_order_of_the_cities_changes_nothing(codes):
    assert area.packed(sorted(codes)) == area.packed(sorted(codes, reverse=True))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_every_area_fits_into_an_address(seed, part):
    inside = np.random.default_rng(seed).random(len(CODES)) < part
    assert len(area.packed([code for code, taken in zip(CODES, inside, strict=True) if taken])) < LONGEST_ADDRESS


def test_the_longest_area_fits_into_an_address():
    """Half of every province is what takes most room."""
    half = [code for codes in area.members().values() for code in codes[: len(codes) // 2]]
    assert 1000 < len(area.packed(half)) < LONGEST_ADDRESS


def test_provinces_are_short():
    """3301 to 3311 are the cities of prefecture level of Zhejiang in GB/T 2260."""
    assert area.members()["33"] == ZHEJIANG
    assert area.packed(ZHEJIANG) == "33"
    assert area.packed([code for code in ZHEJIANG if code != "330300"]) == "33-330300"
    assert area.packed(["330200", "330100"]) == "330100~330200"
    assert area.packed(["110000"]) == "110000"
    assert area.packed([]) == ""


def test_codes_that_name_no_city_are_told_apart():
    found, unknown = area.unpacked("330100~999999~~44-999998~<b>~33")
    assert set(found) == {*ZHEJIANG, *area.members()["44"]}
    assert set(unknown) == {"999998", "999999", "<b>"}


@given(st.text(max_size=200))
def test_any_text_of_an_address_is_read(text):
    found, _ = area.unpacked(text)
    assert set(found) <= set(CODES)


def test_a_very_long_address_is_cut():
    found, unknown = area.unpacked("7" * 3999 + "~" + "~".join(ZHEJIANG))
    assert found == ()
    assert len(unknown) == 1


@given(SETS)
def test_a_list_of_provinces_and_cities_is_the_same_area(codes):
    tokens = area.grouped(codes)
    assert area.spread(tokens) == area.known(codes)
    assert set(tokens) <= set(area_map.options(Look("en", Theme("light"))))


@given(SETS, SETS)
def test_marks_add_take_out_and_replace(now, marked):
    clicked_again = len(marked) == 1 and marked <= now
    assert set(page_area.after(now, marked, "add")) == (now - marked if clicked_again else now | marked)
    assert set(page_area.after(now, marked, "take_out")) == now - marked
    assert set(page_area.after(now, marked, "only")) == (marked or now)


def test_marks_on_nothing_known_change_nothing():
    assert page_area.after(["330100"], ["", "999999"], "only") == ("330100",)


@pytest.mark.parametrize("chosen", [(), ("330100",), ZHEJIANG, ("999999",)])
def test_rows_within_an_area_are_its_rows(chosen):
    panel = demo.load().panel
    found = summary.within(panel, cities=chosen)
    expected = panel if not chosen else panel[[code in chosen for code in panel["city"]]]
    pd.testing.assert_frame_equal(found, expected)


def test_areas_that_share_no_city_add_up_to_the_whole():
    panel = demo.load().panel
    filters = Filters(panel["month"].max(), ("Tier 2", "Tier 3"), ("East",), ())
    parts = [Filters(filters.month, filters.tiers, filters.regions, (), codes) for codes in area.members().values()]
    whole = filters.rows(panel)["parcels"].sum()
    assert sum(part.rows(panel)["parcels"].sum() for part in parts) == pytest.approx(whole, rel=1e-12)
    assert len({part.key for part in parts}) == len(parts)


def test_everywhere_keeps_month_and_networks_alone():
    filters = Filters(pd.Timestamp("2026-01-01"), ("Tier 1",), ("East",), ("jd",), ("330100",))
    assert filters.everywhere() == Filters(filters.month, (), (), ("jd",))


def test_an_area_in_words(look):
    said = [area_map.said(codes, look) for codes in (("330100",), ZHEJIANG, ZHEJIANG[:3], (*ZHEJIANG, "440300"))]
    expected = {
        "en": ["Hangzhou", "Zhejiang", "3 cities in Zhejiang", "12 cities in 2 provinces"],
        "zh": ["杭州", "浙江省", "浙江省的3个城市", "2个省份的12个城市"],
    }
    assert said == expected[look.lang]


def test_every_city_and_province_of_the_list_has_a_name_of_its_own(look):
    names = area_map.options(look)
    assert set(names) == {*CODES, *(key for key, inside in area.members().items() if len(inside) > 1)}
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("drag", page_area.DRAGS)
def test_the_map_marks_the_area(mode, drag):
    look = Look("en", Theme(mode))
    view = area_map.picker(ZHEJIANG, look, drag=drag)
    ground, seats = view.figure["data"]
    assert {code for code, z in zip(ground["locations"], ground["z"], strict=True) if z} == set(ZHEJIANG)
    assert [row[0] for row in seats["customdata"]] == [row[0] for row in ground["customdata"]] == ground["locations"]
    assert view.figure["layout"]["dragmode"] == {"points": False}.get(drag, drag)
    assert sum(colour == look.theme.surface for colour in seats["marker"]["color"]) == len(ZHEJIANG)
    assert list(view.table.index) != sorted(view.table.index)  # by people
    assert "Zhejiang" in view.alt


def test_a_map_without_an_area_says_all():
    view = area_map.picker((), Look("en", Theme("light")), drag="lasso")
    assert not any(view.figure["data"][0]["z"])
    assert view.table.empty
    assert view.title == "Area: all cities"
