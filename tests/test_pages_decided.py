"""What is decided about a file on the Data page: seen, taken back, kept until it is checked, and over a reload."""

import pytest

from data.text import say
from pages.ui import intake_desk, intake_save
from tests.test_pages import start
from tests.test_pages_data import BAD, GOOD, captions, editor, mended, step, taken, told, volumes
from tests.uploads import drop


def rows_of(app):
    key = editor(app, "mend")
    return next(e.value for e in app.data_editor if e.key == key)["row"].tolist()


def desk(app):
    return app.session_state["intake.desk"]


@pytest.fixture
def dropped():
    return drop(start("data"), {"volumes.csv": volumes(*GOOD, *BAD)})


def test_rows_of_undecided_names_are_mended_only_when_asked_for(dropped):
    step(dropped, "mend")
    assert rows_of(dropped) == [5, 6]
    next(t for t in dropped.toggle if t.key.startswith("with_names.")).set_value(True).run()
    assert rows_of(dropped) == [5, 6, 7, 8]


def test_equal_cells_are_changed_at_once():
    rows = [f"2025-0{month},杭州,菜鸟驿站,九十" for month in range(1, 5)]
    app = drop(start("data"), {"volumes.csv": volumes(*rows)})
    step(app, "mend")
    next(t for t in app.toggle if t.key.startswith("everywhere.")).set_value(True).run()
    mended(app, {1: {"c3": "90"}, 2: {"c3": "91"}})
    app.button(key="session_only").click().run()
    assert app.session_state["intake.market"].volumes["parcels"].tolist() == [91, 90, 91, 91]


def test_a_name_decided_is_listed_and_taken_back(dropped):
    step(dropped, "names")
    next(box for box in dropped.selectbox if "蜂站" in box.label).set_value("+").run()
    dropped.button(key="apply_names").click().run()
    assert taken(4, 7) in told(dropped)
    step(dropped, "names")
    assert say("data.name_decided", "en", written="蜂站", column="平台", meant="蜂站") in captions(dropped)
    dropped.button(key="back.data.names_decided.0").click().run()
    assert not dropped.exception
    assert taken(3, 7) in told(dropped)


def test_names_are_asked_for_under_the_header_of_the_file_and_first(dropped):
    said = say("data.decide_names", "en", n=2, rows=2)
    assert said in [info.value for info in dropped.info]
    dropped.button(key="to_names").click().run()
    labels = [box.label for box in dropped.selectbox if box.key and box.key.startswith("name.")]
    assert say("data.spelling", "en", written="蜂站", column="平台", n=1) in labels


def test_two_new_networks_are_offered_two_colours():
    rows = ["2025-02,杭州,蜂站,3000", "2025-02,杭州,邻里驿栈,3000"]
    app = drop(start("data"), {"volumes.csv": volumes(*GOOD, *rows)})
    step(app, "names")
    for place in range(2):
        boxes = [box for box in app.selectbox if box.key and box.key.startswith("name.") and box.label]
        next(box for box in boxes if box.key.split(".")[3] == str(place)).set_value("+").run()
    assert len({picker.value for picker in app.color_picker if picker.key.endswith(".light")}) == 2


def test_a_cell_changed_and_not_checked_bars_the_save_and_outlasts_another_step(dropped):
    step(dropped, "mend")
    table = desk(dropped).tables[0]
    table.drafts[6, "业务量"] = "1000"
    dropped.run()
    assert say("data.unchecked", "en", n=1) in told(dropped)
    assert dropped.button(key="save").disabled
    step(dropped, "findings")
    step(dropped, "mend")
    dropped.button(key="recheck").click().run()
    assert taken(4, 7) in told(dropped)
    assert not dropped.button(key="save").disabled


def test_files_not_saved_are_there_after_a_reload(dropped, monkeypatch):
    who = desk(dropped).who
    monkeypatch.setattr(intake_desk, "alive", lambda session: False)
    monkeypatch.setattr(intake_desk, "owner", lambda: who)
    again = start("data")
    assert not again.exception
    assert say("data.back_again", "en", names=r"volumes\.csv") in [info.value for info in again.info]
    assert taken(3, 7) in told(again)
    monkeypatch.setattr(intake_desk, "owner", lambda: "0" * 32)
    assert not start("data").info


def test_a_warning_among_the_rows_taken_is_counted():
    rows = [f"2025-{month:02d},杭州,菜鸟驿站,{100_000 + month}" for month in range(1, 13)]
    app = drop(start("data"), {"volumes.csv": volumes(*rows[:-1], "2025-12,杭州,菜鸟驿站,1000120000")})
    found = desk(app).tables[0].found
    n = intake_save.warned(found)
    assert n == found.problems.loc[found.problems["severity"] == "warning", "row"].nunique() > 0
    assert any(say("data.with_warnings", "en", n=n) in caption for caption in captions(app))
