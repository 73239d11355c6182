"""On the Data page: a damaged store, its last good copy at one press, little room, and a disk that takes no writes."""

import pytest

from data import settings
from data.text import LANGUAGES, say
from data.workspace import keep, room
from pages.ui.intake_times import moment
from pages.ui.layout import plain
from tests import made_workspace
from tests.made_workspace import holds, save
from tests.test_pages import start

FILE = "scenarios.sqlite3"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.WORKSPACE, str(tmp_path / "workspace"))
    made_workspace.fill(tmp_path / "workspace")
    return tmp_path / "workspace"


def tear(folder):
    (folder / FILE).write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)


def said(app):
    return [one.value for group in (app.subheader, app.markdown, app.success, app.error, app.warning) for one in group]


def test_a_sound_workspace_is_not_spoken_of(folder):
    app = start("data")
    assert not app.exception
    assert not [one for one in app.button if str(one.key).startswith("good_")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_press_puts_the_last_good_copy_back(folder, lang):
    keep.check(folder)
    save(folder, "scenarios", 3)
    copy = keep.last_good(folder, FILE)
    tear(folder)
    app = start("data", lang=lang)
    what = say("keep.store_scenarios", lang)
    assert say("keep.good_damaged", lang, what=what) in said(app)
    assert say("keep.good_offer", lang, when=moment(copy.made), n=2, file=plain(FILE)) in said(app)
    app.button(key=f"good_{FILE}").click().run()
    assert not app.exception
    done = say("keep.good_done", lang, what=what, when=moment(copy.made))
    assert any(text.startswith(done) for text in said(app))
    assert not [one for one in app.button if one.key == f"good_{FILE}"]
    assert keep.check(folder, keep=False) == ()
    assert len(list(folder.glob(f"{FILE}.damaged-*"))) == 1


def test_without_a_good_copy_the_words_say_what_to_do(folder):
    tear(folder)
    app = start("data")
    assert say("keep.good_none", "en", file=plain(FILE)) in said(app)
    assert not [one for one in app.button if one.key == f"good_{FILE}"]


def test_other_pages_stay_up_and_point_to_the_offer(folder):
    keep.check(folder)
    tear(folder)
    for page in ("scenario", "present"):
        assert not start(page).exception


def test_little_room_and_a_disk_without_writes_are_told(folder, monkeypatch):
    monkeypatch.setattr(room, "free", lambda path: 100 * 2**20)
    assert say("keep.good_low", "en", mb="100") in said(start("data"))
    monkeypatch.setattr(room, "takes_writes", lambda path: False)
    app = start("data")
    assert say("keep.good_read_only", "en", path=plain(str(folder))) in said(app)
    assert not app.exception


def test_the_other_stores_are_untouched(folder):
    ids = {one: save(folder, one, 9) for one in ("links", "forecasts")}
    keep.check(folder)
    tear(folder)
    keep.mend(folder, FILE)
    assert all(holds(folder, one, id, 9) for one, id in ids.items())
