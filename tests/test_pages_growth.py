"""The growth page: what is picked, what is shown of it, and forecasts that are frozen."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.growth.frozen import from_json
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import demo, record
from data.cities import REGIONS, TIERS
from data.text import say
from data.workspace import Ledger
from pages.ui import fits, growth_state, series
from tests.test_pages import charts, start
from tests.uploads import use

SUMS = 1e-9
"""Relative: the same parcels added in another order."""
VERDICTS = ("beats", "nothing_beats", "too_short", "untested")
TOO_SHORT = "record.village_stations.industry.china.level.stations"


@pytest.fixture
def workspace_of_one(tmp_path, monkeypatch):
    """A ledger that no other test writes to."""
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def headers(app):
    return [header.value for header in app.header]


def spec(app, at=0):
    return json.loads(charts(app)[at].spec)


def path(app, name):
    """Values of one line of the main chart."""
    return next(np.array(t["y"], dtype=float) for t in spec(app)["data"] if t.get("name") == name)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1),
    st.lists(st.sampled_from(TIERS), unique=True).map(tuple),
    st.lists(st.sampled_from(REGIONS), unique=True).map(tuple),
)
def test_the_address_of_a_series_is_read_back(key, tiers, regions):
    where = series.Where(key, tiers, regions)
    assert series.read(where.text()) == where


@pytest.mark.parametrize("tiers", [(), ("Tier 3",), ("Tier 3", "Tier 5")])
@pytest.mark.parametrize("regions", [(), ("East",)])
def test_a_market_series_is_the_sum_of_its_cells(tiers, regions):
    market = demo.load()
    rows = market.panel[market.panel["platform"] == "cainiao"]
    rows = rows[rows["tier"].isin(tiers or TIERS) & rows["region"].isin(regions or REGIONS)]
    expected = rows.groupby("month", observed=True)["parcels"].sum()
    found = series.values(series.Where("market.cainiao", tiers, regions), market)
    np.testing.assert_allclose(found, expected[expected > 0], rtol=SUMS)
    assert found.index.freqstr == "M"


def test_what_the_record_asks_for_is_offered():
    offered = series.choices(Look("en", Theme("light")), demo.load())
    for name in ("parcel_volume.zto", "parcel_volume.yto", "parcel_volume.sto", "parcel_volume.yunda"):
        assert any(key.startswith(f"record.{name}.") for key in offered)
    assert {"national_monthly", "lockers", TOO_SHORT} <= set(offered)
    assert any("revenue_per_parcel" in key for key in offered)
    assert offered[TOO_SHORT].stock


def test_labels_of_periods_are_periods():
    market = demo.load()
    yearly = series.values(series.Where("record.parcel_volume.zto.china.year.100-million-parcels"), market)
    assert yearly[pd.Period("2020", "Y")] == 170e8  # ZTO: 17.0 billion parcels in 2020
    assert series.breaks("national_monthly") == ()
    assert series.breaks("record.revenue_per_parcel.industry.china.month_filled.cny-per-parcel") == (series.BREAK,)


def test_the_league_names_every_series_once():
    market = demo.load()
    choices = series.choices(Look("en", Theme("light")), market)
    places = [where for group in series.GROUPS for where in series.league(group, choices)]
    assert len(set(places)) == len(places)
    assert {where.key for where in places} == set(choices)
    networks = {key for key in choices if key.startswith("market.") and key != series.TOTAL}
    assert sum(bool(where.tiers) for where in places) == len(networks) * len(TIERS)


def test_the_choice_of_the_back_test_is_shown_with_its_scores():
    app = start("growth", series="national_monthly_extended")
    assert not app.exception
    table = app.dataframe[0].value
    chosen = table.loc[table[say("trial.verdict", "en")] == say("trial.is_chosen", "en"), say("trial.curve", "en")]
    assert len(chosen) == 1
    assert path(app, chosen.iloc[0]).size == 24
    assert len(charts(app)) == 3


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_curve_and_the_years_in_the_address_are_shown(lang):
    app = start("growth", series="stations.duoduo", curve="logistic", years="5", lang=lang)
    name = say("curve.logistic", lang)
    assert path(app, name).size == 60
    assert any(name in text for text in headers(app)[2:])


def test_a_calendar_effect_can_be_switched_off():
    app = start("growth", series="national_monthly_extended", curve="logistic")
    name = say("curve.logistic", "en")
    before = path(app, name)
    pills = next(group for group in app.button_group if group.key.startswith("calendar."))
    assert list(pills.value) == ["lunar_new_year", "campaign_618", "double_11"]
    pills.set_value(["lunar_new_year", "campaign_618"]).run()
    assert not app.exception
    assert app.query_params["off"] == "double_11"
    november = slice(2, None, 12)  # the data end in August 2026
    assert (path(app, name)[november] < before[november]).all()
    again = start("growth", series="national_monthly_extended", curve="logistic", off="double_11")
    np.testing.assert_array_equal(path(again, name), path(app, name))


def test_looking_back_shows_what_came_after():
    app = start("growth", series="national_monthly_extended", until="2025-06")
    assert not app.exception
    assert len(charts(app)) == 4
    said = [c.value for c in app.caption]
    assert say("growth.back_caption", "en", when="Jun 2025") in " ".join(said)
    observed = path(app, say("growth.observed", "en"))
    known = record.national_monthly(extend=True)[:"2025-06"]
    np.testing.assert_allclose(observed, known)


def test_a_series_without_a_back_test_says_why_and_is_still_drawn():
    app = start("growth", series=TOO_SHORT)
    assert not app.exception
    need, got = 6, len(record.series(TOO_SHORT.removeprefix("record.")))
    why = say("growth_error.too_few", "en", need=need, got=got)
    assert say("growth.not_tested", "en", why=why) in [c.value for c in app.caption]
    assert len(charts(app)) == 1


def test_quarters_are_not_called_months():
    app = start("growth", series="record.parcel_volume.zto.china.quarter.100-million-parcels")
    said = say("finding.too_short", "en", n=8, need=24)
    assert said not in headers(app)


def test_nonsense_in_the_address_is_ignored():
    app = start("growth", topic="x", series="nope", curve="nope", years="99", until="1900", off="double_12")
    assert not app.exception
    assert app.selectbox(key="series.en.growth").value == "national_monthly"


@pytest.mark.parametrize("shows", ["parcels", "share"])
def test_all_tiers_are_drawn_together(shows):
    app = start("growth", topic="tiers", years="1", focus="duoduo", tiers_show=shows)
    assert not app.exception
    assert len(charts(app)) == 2
    words = json.dumps(spec(app)["layout"]["annotations"])
    assert all(say(f"tier.{tier}", "en") in words for tier in TIERS)


def test_the_league_says_how_many_beat_a_naive_guess():
    app = start("growth", topic="league")
    assert not app.exception
    table = app.dataframe[0].value
    offered = series.choices(Look("en", Theme("light")), demo.load())
    published = [one.label for key, one in offered.items() if not series.Where(key).of_market]
    assert table[say("league.series", "en")].tolist() == published
    verdicts = table[say("league.verdict", "en")].str.partition(":")[0]
    assert set(verdicts) <= {say(f"league.is_{v}", "en") for v in VERDICTS}
    assert table.loc[verdicts == say("league.is_untested", "en"), say("league.verdict", "en")].str.contains(": ").all()
    assert table[say("league.grade", "en")].iloc[1] == say("grade.assumed", "en")


def test_a_frozen_forecast_is_listed_scored_and_deleted(workspace_of_one):
    app = start("growth", topic="ledger")
    assert [i.value for i in app.info] == [say("ledger.none", "en")]
    app = start("growth", series="stations.duoduo", curve="logistic", month="2025-06", years="1")
    app.text_input[0].set_value("duoduo by mid-2026").run()
    app.button(key="do_freeze").click().run()
    assert not app.exception
    assert [s.value for s in app.success]
    (kept,) = Ledger(workspace_of_one).list(growth_state.EVERYONE)
    made = from_json(kept.document)
    assert (made.series, made.title, made.curve) == ("stations.duoduo", "duoduo by mid-2026", "logistic")
    assert made.history.index[-1] == pd.Period("2025-06", "M")
    assert made.known_until == pd.Period("2026-08", "M")  # what came since was known on the day: no fair test
    app = start("growth", topic="ledger")
    assert not app.exception
    assert len(charts(app)) == 1
    app.button(key="open_its_series").click().run()
    assert not app.exception
    assert app.selectbox(key="series.en.growth").value == "stations.duoduo"
    app = start("growth", topic="ledger")
    app.button(key="do_remove").click().run()
    assert [i.value for i in app.info] == [say("ledger.none", "en")]


def test_a_damaged_entry_of_the_ledger_is_said_and_does_not_hide_the_others(workspace_of_one):
    Ledger(workspace_of_one).add("{}", owner=growth_state.EVERYONE, title="damaged")
    app = start("growth", topic="ledger")
    assert not app.exception
    assert "damaged" in app.warning[0].value


def volumes_csv(months=30):
    rows = ["month,city,platform,parcels"]
    for i, month in enumerate(pd.period_range("2024-01", periods=months, freq="M")):
        rows += [f"{month},杭州,{p},{1000 * (i + n + 5)}" for n, p in enumerate(("菜鸟驿站", "多多驿站"))]
    return "\n".join(rows).encode()


def test_a_forecast_of_an_uploaded_market_stays_with_its_session(workspace_of_one):
    app = start("data")
    use(app, {"volumes": volumes_csv()})
    app.switch_page("pages/growth.py")
    app.query_params["series"] = "market.cainiao"
    app.run()
    assert not app.exception
    app.button(key="do_freeze").click().run()
    assert [s.value for s in app.success]
    assert Ledger(workspace_of_one).list(growth_state.EVERYONE) == ()
    app.button_group(key="topic.en.growth").set_value("ledger").run()
    assert not app.exception
    assert len(charts(app)) == 1
    assert [i.value for i in start("growth", topic="ledger").info] == [say("ledger.none", "en")]


def test_what_takes_long_is_computed_once_and_failures_are_not_kept():
    calls = []

    def find(progress):
        calls.append(1)
        progress(1, 2)
        if len(calls) == 1:
            raise RuntimeError
        return "found"

    with pytest.raises(RuntimeError):
        fits.slow("a key of this test", find, "")
    assert not fits.ready("a key of this test")
    assert [fits.slow("a key of this test", find, "") for _ in range(2)] == ["found", "found"]
    assert len(calls) == 2


def test_a_ceiling_that_annual_totals_do_not_show_is_told_as_doubtful():
    app = start("growth", series="national_monthly", curve="logistic")
    (facts,) = [m.value for m in app.markdown if m.value.startswith("- ")]
    assert "Ceiling not confirmed" in facts
    assert "ceiling" not in headers(app)[0].lower()
