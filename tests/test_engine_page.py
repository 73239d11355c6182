"""Parcel events on the Data page: offered where the operator named some, counted, pinned, made a market of."""

import time

import pandas as pd
import pyarrow as pa
import pytest

from data.engine.made import make
from data.intake.watch import Watch
from data.text import LANGUAGES, say
from pages.ui import events_state
from tests.quiet_rooms import caught
from tests.test_pages import start

ROWS = 20_000
VIEWS = {"events_months", "events_hours", "events_checks", "events_panel", "events_waits"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("events"), ROWS, months=3)


@pytest.fixture
def named(folder, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_EVENTS", str(folder))
    return folder


def counted():
    events_state.begin()
    until = time.monotonic() + 60
    while events_state.room().watch is not None and time.monotonic() < until:
        time.sleep(0.02)


def heads(app):
    return [head.value for head in app.header]


def test_the_tab_is_there_only_where_events_are_named(monkeypatch, folder):
    label = say("data.events", "en")
    assert label not in [option for group in start("data").button_group for option in group.options]
    monkeypatch.setenv("POSTHOUSE_EVENTS", str(folder))
    assert label in [option for group in start("data").button_group for option in group.options]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_events_are_counted_and_shown(named, lang):
    app = start("data", tab="events", lang=lang)
    assert not app.exception
    engine = say("events.engine_duck", lang)
    assert say("events.up", lang, engine=engine) in heads(app)
    counted()
    app.run()
    assert not app.exception
    assert not app.error
    rows = f"{len(events_state.room().counted.panel):,}"
    assert say("events.panel", lang, rows=rows) in heads(app)
    assert {b.key.removeprefix("pin_") for b in app.button if str(b.key).startswith("pin_")} == VIEWS


def test_its_views_are_told_in_both_languages_with_the_same_numbers(named):
    counted()
    room = ("data", {"tab": "events"}, ())
    monkeypatch = pytest.MonkeyPatch()
    both = [caught([room], lang=lang, monkeypatch=monkeypatch)[0] for lang in LANGUAGES]
    assert both[0].views.keys() == both[1].views.keys() == VIEWS
    for key in VIEWS:
        first, second = (found.views[key].view.table.select_dtypes("number") for found in both)
        assert first.to_numpy().tolist() == second.to_numpy().tolist(), key
        assert f"{ROWS:,}" in both[0].views[key].whence.source


def test_a_market_is_made_of_it_by_the_way_of_all_files(named):
    app = start("data", tab="events")
    counted()
    app.run()
    app.button(key="events_market").click().run()
    assert not app.exception
    assert app.query_params.get("tab") is None
    app.button(key="session_only").click().run()
    assert not app.exception
    market, rows = app.session_state["intake.market"], events_state.room().counted.whole
    assert len(rows) < len(events_state.room().counted.volumes)
    strange = rows.query("platform == 'Beeline'")["parcels"].sum()
    assert market.volumes["parcels"].sum() == rows["parcels"].sum() - strange


def test_a_month_of_which_the_log_has_a_part_is_in_the_market_when_asked_for(named):
    app = start("data", tab="events")
    counted()
    app.run()
    assert "2025-04-0" in app.checkbox(key="events_whole").help
    app.checkbox(key="events_whole").uncheck().run()
    app.button(key="events_market").click().run()
    app.button(key="session_only").click().run()
    market = app.session_state["intake.market"]
    assert market.volumes["month"].max() == pd.Timestamp("2025-04-01")


def test_an_engine_that_is_away_is_told_and_the_page_stays(named, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_ENGINE", "sc://127.0.0.1:1/;token=secret")
    app = start("data", tab="events")
    assert not app.exception
    (error,) = app.error
    assert "127" in error.value
    assert "secret" not in error.value
    monkeypatch.delenv("POSTHOUSE_ENGINE")
    app.button(key="events_retry").click().run()
    assert not app.error


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_that_nobody_foresaw_is_told_with_its_reference(named, monkeypatch, lang):
    seen = []

    def count(*where, watch):
        raise pa.ArrowInvalid("secret")

    monkeypatch.setattr(events_state, "count", count)
    monkeypatch.setattr(events_state.logs, "failed", lambda error, **more: seen.append(type(error)) or "4F2A9C1B")
    here = events_state.room()
    with pytest.raises(pa.ArrowInvalid):
        events_state._run(here, events_state.key(), Watch())
    app = start("data", tab="events", lang=lang)
    here.problem = None
    assert seen == [pa.ArrowInvalid]
    assert here.watch is None
    assert "4F2A9C1B" in app.error[0].value
    assert "secret" not in app.error[0].value


def test_where_the_operator_keeps_events_is_not_told(monkeypatch, tmp_path):
    monkeypatch.setenv("POSTHOUSE_EVENTS", str(tmp_path / "hidden" / "none"))
    app = start("data", tab="events")
    assert "none" in app.error[0].value
    assert "hidden" not in app.error[0].value
