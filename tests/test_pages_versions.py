"""Markets kept from the Data page: saved, added to, compared, undone, renamed, shared, taken out and deleted."""

import datetime as dt
from types import SimpleNamespace

import pytest

from data.text import LANGUAGES, say
from pages.ui import intake_times, markets
from pages.ui.layout import plain
from tests.test_pages import start
from tests.uploads import drop

HEAD = "月份,城市,平台,业务量"
JANUARY = ("2025-01,杭州,菜鸟驿站,120000", "2025-01,杭州,多多驿站,80000", "2025-01,宁波,菜鸟驿站,60000")
FEBRUARY = ("2025-02,杭州,菜鸟驿站,125000", "2025-02,杭州,多多驿站,90000")
RESTATED = ("2025-01,杭州,菜鸟驿站,121000",)


def volumes(*rows, head=HEAD):
    return "\n".join((head, *rows)).encode("gb18030")


def save(app, *rows, name="mine.csv", how=None, conflict=None, lang="en"):
    """Drop a file of volumes and save its good rows."""
    drop(app, {name: volumes(*rows)})
    assert not app.exception
    if how:
        app.selectbox(key=f"how.{lang}").set_value(how).run()
    if conflict:
        app.selectbox(key=f"conflict.{lang}").set_value(conflict).run()
    app.button(key="save").click().run()
    assert not app.exception
    return app


def tab(app, name, lang="en"):
    app.button_group(key=f"tab.{lang}.data").set_value(name).run()
    assert not app.exception
    return app


def headings(app):
    return [h.value for h in app.header]


def in_use(name, number, n, lang="en"):
    return say("keep.versions_of", lang, name=plain(name), number=number, n=n)


@pytest.fixture
def kept():
    return save(start("data"), *JANUARY)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_good_rows_are_saved_as_a_market_and_the_page_goes_there(lang):
    app = save(start("data", lang=lang), *JANUARY, lang=lang)
    assert not app.error
    assert say("data.saved", lang, name="mine", number=1) in [s.value for s in app.success]
    assert in_use("mine", 1, 1, lang) in headings(app)
    assert app.query_params["market"]
    assert any("mine" in caption.value for caption in app.caption)


def test_the_market_is_on_every_page_and_named_in_the_address(kept):
    for page in ("overview", "share", "map", "scenario"):
        kept.switch_page(f"pages/{page}.py").run()
        assert not kept.exception, page
        assert not kept.error, page
        assert kept.query_params["market"], page
        assert any("mine" in caption.value for caption in kept.caption), page


def test_provenance_says_where_the_numbers_came_from(kept):
    table = next(t.value for t in kept.dataframe if say("keep.file_digest", "en") in t.value)
    row = table.iloc[0]
    assert row[say("keep.file", "en")] == "mine.csv"
    assert (row[say("keep.file_rows", "en")], row[say("keep.file_kept", "en")]) == (3, 3)
    assert "gb18030" in row[say("keep.file_read", "en")]
    assert len(row[say("keep.file_digest", "en")]) == 64


def test_an_append_is_previewed_saved_and_explained(kept):
    tab(kept, "upload")
    drop(kept, {"next.csv": volumes(*FEBRUARY)})
    assert kept.selectbox(key="how.en").value == "append"
    kept.selectbox(key="how.en").set_value("replace").run()
    assert say("data.would_lose", "en", n=3) in [w.value for w in kept.warning]
    kept.selectbox(key="how.en").set_value("append").run()
    assert not kept.exception
    assert not kept.warning
    assert say("data.would_change", "en") in headings(kept)
    added = say("change.n_added", "en", n="2")
    assert any(added in m.value for m in kept.markdown)
    kept.button(key="save").click().run()
    assert not kept.exception
    assert in_use("mine", 2, 2) in headings(kept)
    assert say("keep.changed", "en") in headings(kept)
    assert kept.get("plotly_chart")


def test_rows_that_are_there_with_other_values_are_refused_until_the_reader_decides(kept):
    tab(kept, "upload")
    drop(kept, {"mine.csv": volumes(*RESTATED)})
    assert kept.selectbox(key="how.en").value == "append"
    assert kept.button(key="save").disabled
    assert say("data.must_choose", "en", n=1) in [w.value for w in kept.warning]
    kept.selectbox(key="conflict.en").set_value("new").run()
    assert not kept.warning
    kept.button(key="save").click().run()
    assert not kept.error
    assert in_use("mine", 2, 2) in headings(kept)


def test_undo_and_redo(kept):
    tab(kept, "upload")
    save(kept, *FEBRUARY, name="next.csv")
    kept.button(key="undo").click().run()
    assert in_use("mine", 1, 2) in headings(kept)
    assert kept.button(key="undo").disabled
    kept.button(key="redo").click().run()
    assert in_use("mine", 2, 2) in headings(kept)
    assert kept.button(key="redo").disabled


def test_a_market_is_renamed_and_deleted(kept):
    next(t for t in kept.text_input if t.key.startswith("new_name.")).set_value("杭州试点").run()
    kept.button(key="rename").click().run()
    assert in_use("杭州试点", 1, 1) in headings(kept)
    kept.button(key="delete").click().run()
    assert not kept.exception
    assert say("keep.markets_none", "en") in headings(kept)
    assert "market" not in kept.query_params


def test_nobody_else_sees_a_market_until_it_is_shared(kept):
    id = "".join(kept.query_params["market"])
    other = start("data", market=id)
    assert not other.exception
    assert other.warning
    assert all("mine" not in caption.value for caption in other.caption)
    kept.button(key="share").click().run()
    assert any(code.value.endswith(f"?market={id}") for code in kept.code)
    other = start("data", market=id)
    assert any("mine" in caption.value for caption in other.caption)
    tab(other, "markets")
    assert say("keep.markets_others", "en", n=1) in headings(other)
    assert say("keep.markets_caption_others", "en") in [caption.value for caption in other.caption]
    assert "delete" not in {b.key for b in other.button}


def test_headers_decided_once_are_known_at_the_next_file(kept):
    tab(kept, "upload")
    head = "月份,城市,平台,完成情况"
    drop(kept, {"odd.csv": volumes(*FEBRUARY, head=head)})
    next(g for g in kept.button_group if g.key and g.key.startswith("step.")).set_value("columns").run()
    key = next(e.key for e in kept.data_editor if e.key.startswith("mapping."))
    kept.session_state[key] = {"edited_rows": {3: {"means": "parcels"}}, "added_rows": [], "deleted_rows": []}
    kept.button(key="apply_columns").click().run()
    kept.button(key="save").click().run()
    assert not kept.error
    tab(kept, "upload")
    drop(kept, {"odd.csv": volumes(*FEBRUARY, head=head)})
    label = f"{say('dataset.volumes', 'en')} · {plain('odd.csv')}"
    assert any(h.startswith(label) and "2" in h for h in headings(kept))
    assert kept.button(key="save")


def test_a_workspace_that_cannot_be_written_is_said_and_the_session_still_serves(tmp_path, monkeypatch):
    file = tmp_path / "taken"
    file.write_bytes(b"")
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(file / "workspace"))
    app = save(start("data"), *JANUARY)
    assert app.error
    app.button(key="session_only").click().run()
    assert not app.exception
    assert not app.error
    assert any(plain("mine.csv") in caption.value for caption in app.caption)


def test_two_files_of_one_dataset_are_one_version():
    app = drop(start("data"), {"jan.csv": volumes(*JANUARY), "feb.csv": volumes(*FEBRUARY)})
    app.button(key="save").click().run()
    assert not app.exception
    assert in_use("jan", 1, 1) in headings(app)
    rows = next(t.value for t in app.dataframe if say("keep.rows", "en") in t.value)[say("keep.rows", "en")]
    assert rows.tolist() == [f"{say('dataset.volumes', 'en')}: 5"]


def test_a_market_deleted_elsewhere_is_said_once_and_the_rows_go_into_a_new_one(kept):
    tab(kept, "upload")
    drop(kept, {"next.csv": volumes(*FEBRUARY)})
    id, who = "".join(kept.query_params["market"]), kept.session_state["owner.session"]
    markets.workspace().delete(id, who)
    kept.run()
    assert not kept.exception
    assert not kept.error
    assert len(kept.warning) == 1
    assert kept.selectbox(key="into.en").value == ""
    kept.button(key="save").click().run()
    assert not kept.error
    assert in_use("next", 1, 1) in headings(kept)


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Asia/Shanghai", "2026-11-21 23:53"), (None, "2026-11-21 15:53 UTC"), ("Nowhere/None", "2026-11-21 15:53 UTC")],
)
def test_moments_are_told_by_the_clock_of_the_browser(zone, said, monkeypatch):
    monkeypatch.setattr(intake_times.st, "context", SimpleNamespace(timezone=zone))
    assert intake_times.moment(dt.datetime(2026, 11, 21, 15, 53, tzinfo=dt.UTC)) == said
