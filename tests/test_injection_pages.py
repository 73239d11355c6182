"""Names of strangers in every place that takes one, on the pages that show them: nothing of it comes alive."""

import json
from dataclasses import replace

import pytest

from analysis.scenario import Lever, Scenario
from analysis.scenario.files import to_json, to_link
from data.workspace import Links, Shelf, folder
from pages.ui import board_store, scenarios
from tests.hostile import MARK, NAME, PAYLOADS, alive, met
from tests.made_board import READER, board, opened, pin, seen
from tests.test_pages import start
from tests.uploads import drop

PLAN = Scenario(NAME, (Lever("duoduo", 0.05, "Tier 3"),), note=" ".join(PAYLOADS)[:1_900])
HEAD = "月份,城市,平台,业务量"


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def whole(app, *, shown=True):
    assert not app.exception, app.exception
    assert alive(app) == []
    assert met(app) or not shown
    return app


def test_a_plan_of_a_strangers_link_in_the_rooms_that_name_it():
    """The hole that was: a name of a link as Markdown in the room that compares plans."""
    kept = Shelf(folder()).save(
        to_json(PLAN), owner=scenarios.EVERYONE, name=NAME, market="m", data_version="v 2026-08"
    )
    other = replace(PLAN, name=PAYLOADS[2], levers=(Lever("duoduo", 0.1),))
    Shelf(folder()).save(
        to_json(other), owner=scenarios.EVERYONE, name=PAYLOADS[2], market="m", data_version="v 2026-08"
    )
    app = whole(start("scenario", plan=to_link(PLAN), section="compare", beside=f"saved.{kept.id}"))
    assert any(MARK in chart.proto.spec for chart in app.get("plotly_chart"))
    whole(
        app.button_group(key=next(b.key for b in app.button_group if b.key.startswith("section.")))
        .set_value("saved")
        .run()
    )


def test_a_plan_that_cannot_be_read_is_told_of_harmlessly():
    link = "~".join([f"n.{MARK}", *(f"x{payload.replace('~', '')}" for payload in PAYLOADS)])
    whole(start("scenario", plan=link))
    whole(start("scenario", saved=NAME, link=NAME, area=NAME, city=NAME), shown=False)


def test_a_board_of_a_stranger():
    bad = seen("en", title=NAME)
    bad = replace(
        bad,
        view=replace(
            bad.view,
            caption=" ".join(PAYLOADS),
            alt=NAME,
            table=bad.view.table.rename(columns={"Network": PAYLOADS[0]}),
        ),
        whence=replace(
            bad.whence, source=NAME, filters=PAYLOADS, scenario=NAME, model=NAME, assumptions=PAYLOADS, interval=NAME
        ),
    )
    words = replace(pin("two", bad, note=" ".join(PAYLOADS))[0], what="words", parts={}, title=PAYLOADS[0])
    kept = board(pin("one", bad, title=NAME, note=NAME), (words, {}), name=NAME)
    board_store.shelf().share(kept.id, owner=READER, shared=True)
    for reader in (READER, "c" * 32):
        whole(opened(board=kept.id, reader=reader))
    whole(opened(board=kept.id, show="1"))


def test_files_with_the_names_and_columns_of_a_stranger():
    rows = "\n".join(
        [f'{HEAD},"{PAYLOADS[0]}","{PAYLOADS[5]}"', *(f"2025-0{n},杭州,菜鸟驿站,{n}000,{n},7" for n in range(1, 4))]
    )
    wrong = f'{HEAD}\n2025-01,"{PAYLOADS[0]}","{PAYLOADS[1]}",12\n"{PAYLOADS[3]}",杭州,菜鸟驿站,"{PAYLOADS[5]}"\n'
    app = start("data")
    drop(
        app,
        {
            f"{PAYLOADS[0]}.csv": rows.encode(),
            f"{PAYLOADS[1].replace('/', '|')}.csv": wrong.encode(),
            "<b>zqx.csv": b"\0\1",
        },
    )
    whole(app)
    app.button(key="save").click().run()
    whole(app)
    whole(app.switch_page("pages/share.py").run())


def test_a_short_link_to_a_page_of_nobody():
    id = Links(folder()).make(f"../{NAME}"[:80], f"plan={to_link(PLAN)}&section=compare", owner=READER)
    whole(start("scenario", link=id))


def test_a_frozen_forecast_of_a_stranger():
    from analysis.growth.frozen import from_json
    from data.workspace import Ledger
    from tests.fuzzing import readers

    document = json.loads(readers()["forecast"].seeds[0])
    kept = {**document, "title": NAME, "unit": NAME, "series": "record.parcels"}
    assert from_json(json.dumps(kept)).title == NAME
    for given in (kept, {**kept, "series": NAME}, {**kept, "curve": NAME}):
        Ledger(folder()).add(json.dumps(given), owner=scenarios.EVERYONE, title=NAME)
    whole(start("growth", topic="ledger"), shown=False)
