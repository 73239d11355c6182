"""A press of the pin is never lost, and puts on the board what was on screen when it was pressed."""

from dataclasses import replace

import pytest
from streamlit.runtime.scriptrunner import StopException

from analysis.scenario import Lever
from data.cities import cities
from data.text import say
from pages.ui import board_variants, boards, quiet, scenario_state
from pages.ui.board_variants import VARIANTS
from tests.made_board import opened
from tests.test_boards import ENGLISH, PATIENCE, newest, parts


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def cut_short(monkeypatch, module, name, at=1):
    """End the run, as a newer click does, where a function is called for the `at`-th time."""
    real, calls = getattr(module, name), []

    def call(*given, **options):
        calls.append(name)
        if len(calls) == at:
            raise StopException
        return real(*given, **options)

    monkeypatch.setattr(module, name, call)


@pytest.mark.parametrize("cut", [(quiet, "scene"), (boards, "use"), (boards.st, "toast")])
def test_a_press_whose_run_is_cut_short_is_done_by_the_next_once_and_whole(monkeypatch, cut):
    app = opened("overview")
    cut_short(monkeypatch, *cut)
    app.button(key="pin_tiers").click().run()
    assert not app.toast
    app.run()
    assert not app.exception
    kept, now = newest()
    assert [one.key for one in now.pins] == ["tiers"]
    (toast,) = app.toast
    assert boards.path(ENGLISH, kept.id) in toast.value
    assert board_variants.wait(kept.id, PATIENCE)
    kept, now = newest()
    assert set(now.pins[0].parts) == set(VARIANTS)


def test_several_presses_that_come_together_are_all_kept_in_their_order(monkeypatch):
    app = opened("overview")
    cut_short(monkeypatch, quiet, "scene", at=2)
    for key in ("leaders", "tiers"):
        app.button(key=f"pin_{key}").click()
    app.run()
    app.run()
    kept, now = newest()
    assert sorted(one.key for one in now.pins) == ["leaders", "tiers"]
    assert len(app.toast) == 2
    board_variants.wait(kept.id, PATIENCE)


def test_what_was_on_screen_is_pinned_whatever_is_chosen_with_the_same_run():
    app = opened("overview", month="2025-03")
    app.button(key="pin_tiers").click()
    app.selectbox(key="month.en.overview").set_value("2024-05")
    app.run()
    assert app.query_params["month"] == "2024-05"
    kept, now = newest()
    assert now.pins[0].query["month"] == "2025-03"
    assert board_variants.wait(kept.id, PATIENCE)
    kept, now = newest()
    (found,) = {one.whence.filters[0] for name, one in parts(kept, now.pins[0]).items() if name.startswith("en")}
    assert found == "Month: Mar 2025"


def test_a_press_is_kept_by_the_present_page_when_the_reader_goes_there_at_once(monkeypatch):
    app = opened("overview")
    cut_short(monkeypatch, quiet, "scene")
    app.button(key="pin_tiers").click().run()
    app.switch_page("pages/present.py").run()
    assert not app.exception
    kept, now = newest()
    assert [one.key for one in now.pins] == ["tiers"]
    assert app.query_params["board"] == kept.id
    board_variants.wait(kept.id, PATIENCE)


def test_a_plan_that_no_address_holds_is_pinned_as_it_is_and_that_is_said():
    app = opened("scenario")
    codes = tuple(cities().index.astype(str))
    plan = app.session_state["scenario.plan"]
    levers = tuple(Lever("duoduo", 0.2 + n / 1000, cities=codes[n : n + 150]) for n in range(60))
    long = replace(plan, levers=levers)
    assert scenario_state.link(long) is None
    app.session_state["scenario.plan"] = long
    app.query_params.pop("plan")
    app.run()
    app.button(key="pin_outcome").click().run()
    assert not app.exception
    assert any(say("board.no_plan", "en") in toast.value for toast in app.toast)
    kept, now = newest()
    assert not board_variants.addressed(now.pins[0])
    board_variants.wait(kept.id, PATIENCE)
