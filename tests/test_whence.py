"""What a view keeps of where its numbers come from: filters, model, assumptions, intervals and the way back."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.ui import guard
from tests.quiet_rooms import caught

SHANGHAI = {"month": "2025-06", "area": "310000"}
PLAN = "n.Attack~m.12~g.0.05~l.duoduo.subsidy.0.05.t3~r.cainiao.match.0.5.w3~a.margin_cny_per_parcel.0.4"
NARROWED = [
    ("overview", {}),
    ("share", {}),
    ("share", {"view": "moves"}),
    ("share", {"view": "drivers"}),
    ("subsidy", {}),
    ("subsidy", {"part": "station"}),
    ("scenario", {}),
    ("growth", {"topic": "tiers"}),
    ("map", {}),
    ("map", {"room": "nation"}),
    ("map", {"room": "lockers"}),
    ("map", {"room": "rural", "rur_part": "living"}),
]
MADE = {
    "plan": ("scenario", {"plan": PLAN}),
    "war": ("scenario", {"plan": PLAN, "section": "rivals"}),
    "budget": ("scenario", {"plan": PLAN, "section": "budget"}),
    "curve": ("growth", {"series": "national_monthly", "curve": "gompertz"}),
    "reading": ("share", {"view": "drivers"}),
    "trust": ("share", {"view": "trust", "driver": "log_stations"}),
    "couriers": ("share", {"view": "couriers"}),
    "effect": ("subsidy", {"part": "effect", "control": "not-yet"}),
    "station": ("subsidy", {"part": "station", "st_fee": "0.5"}),
    "coverage": ("map", {"room": "coverage", "city": "330100", "cov_radius": "3000"}),
    "catchment": ("map", {"room": "catchment", "city": "330100", "cat_l": "1.5"}),
    "lockers": ("map", {"room": "lockers", "lock_level": "95"}),
    "remote": ("map", {"room": "rural", "rur_part": "remote", "rur_detour": "1.4"}),
    "record": ("record", {"metric": "parcel_volume", "year": "2024"}),
}


def whence(rooms, lang="en"):
    """Of the last view of each room."""
    asked = [(page, query, ()) for page, query in rooms]
    found = caught(asked, lang=lang, monkeypatch=pytest.MonkeyPatch())
    return [list(one.views.values())[-1].whence for one in found]


@pytest.fixture(scope="module")
def made():
    return dict(zip(MADE, whence(MADE.values()), strict=True))


def test_what_a_page_is_narrowed_to_goes_with_every_view():
    asked = [(page, {**query, **SHANGHAI}, ()) for page, query in NARROWED]
    for found in caught(asked, lang="en", monkeypatch=pytest.MonkeyPatch()):
        assert found.views, found.name
        for key, one in found.views.items():
            assert {"Month: Jun 2025", "Area: Shanghai"} <= set(one.whence.filters), (found.name, key, one.whence)


def test_it_is_said_in_the_readers_language():
    (told,) = whence([("share", {**SHANGHAI, "tier": "Tier 1"})], lang="zh")
    assert {"月份：2025年6月", "城市层级：一线", "地区：上海"} <= set(told.filters)
    assert not any(": " in one for one in told.filters)


def test_a_city_chosen_is_told():
    for told in whence([("share", {"city": "310000"}), ("map", {"city": "310000"})]):
        assert "City: Shanghai" in told.filters


def test_a_plan_is_told_with_its_name_link_and_levers(made):
    told = made["plan"]
    assert told.scenario.startswith("Attack, version 1 (n.Attack~")
    assert "subsidy +0.05 CNY per parcel in Tier 3" in told.scenario
    assert "Cainiao adds 50 %" in told.scenario
    assert any("0.4 " in one and "CNY" in one for one in told.assumptions)
    assert "1,000 draws" in told.interval
    assert "seed 0" in told.interval
    assert "Aug 2026" in told.model


def test_assumptions_left_alone_are_said_to_be(made):
    (told,) = whence([("scenario", {})])
    assert told.assumptions == ("All assumptions at their defaults",)
    assert made["plan"].assumptions != told.assumptions


def test_parts_of_a_plans_page_say_how_they_are_made(made):
    assert "Nash" in made["war"].model
    assert "budget" in made["budget"].model
    assert made["war"].scenario == made["plan"].scenario == made["budget"].scenario


def test_a_growth_curve_is_told_with_its_sample_and_bands(made):
    told = made["curve"]
    assert told.model.startswith("Gompertz, fitted to 42 values, Jan 2023 to Aug 2026")
    assert "80 and 95 %" in told.interval
    assert any("Lunar New Year" in one for one in told.assumptions)
    assert any("2024 basis" in one for one in told.filters)


def test_the_share_model_is_told_with_estimator_and_clusters(made):
    for told in (made["reading"], made["trust"]):
        assert "Log-centred" in told.model
        assert "337 clusters" in told.model
        assert "95 %" in told.interval
    assert "Driver" in made["trust"].model
    assert "Driver" not in made["reading"].model


def test_an_effect_is_told_with_its_controls(made):
    assert "Callaway" in made["effect"].model
    assert "do not pay yet" in made["effect"].model
    assert "clusters" in made["effect"].interval


def test_a_station_is_told_number_by_number_with_its_grade(made):
    told = made["station"].assumptions
    assert "Fee, CNY per parcel: 0.5 (Assumed)" in told
    assert len(told) == len(set(told)) > 8
    assert any("(Reported)" in one for one in told)


def test_rooms_of_the_map_tell_their_rules(made):
    assert "3 km" in made["coverage"].model
    assert "Exponent of distance: 1.5" in made["catchment"].assumptions
    assert any("Demand" in one for one in made["catchment"].assumptions)
    assert "95 %" in made["lockers"].model
    assert any("1.4" in one for one in made["remote"].assumptions)


def test_pages_without_a_row_of_filters_say_what_they_show(made):
    assert made["couriers"].filters == ("From: 2024", "To: 2025")
    assert made["trust"].filters[0] == "Area: Whole market, all months"
    assert any("2024" in one for one in made["record"].filters)
    assert made["record"].model


def test_the_address_leads_back_to_the_view():
    rooms = [(page, {**query, **SHANGHAI}, ()) for page, query in NARROWED[:3]]
    rooms += [(page, query, ()) for page, query in (MADE["plan"], MADE["lockers"], MADE["station"])]
    first = caught(rooms, lang="en", monkeypatch=pytest.MonkeyPatch())
    again = []
    for found in first:
        parts = urlsplit(next(iter(found.views.values())).whence.address)
        query = dict(parse_qsl(parts.query))
        assert query.pop("lang") == "en"
        again.append((parts.path.strip("/") or guard.HOME, query, ()))
    for one, other in zip(first, caught(again, lang="en", monkeypatch=pytest.MonkeyPatch()), strict=True):
        assert {k: v.view.title for k, v in one.views.items()} == {k: v.view.title for k, v in other.views.items()}
        assert {k: v.whence.filters for k, v in one.views.items()} == {
            k: v.whence.filters for k, v in other.views.items()
        }


def test_version_source_and_time_are_those_of_the_market(made):
    versions = {told.version for name, told in made.items() if name not in ("record", "couriers")}
    assert len(versions) == 1
    assert "" not in versions
    assert all(told.source and told.made and told.page for told in made.values())
