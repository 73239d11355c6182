"""Cards of the Present page that cannot be drawn anew here, or whose view the file does not give for a moment."""

import pytest

from data.text import say
from data.workspace import Boards, WorkspaceError
from pages.ui.layout import plain
from tests.made_board import board, opened, pin, seen
from tests.test_board_desk import at_rest, press, titles, whole


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("why", "place", "goes"),
    [("other_market", {}, 1), ("no_plan", {"page": "scenario", "key": "outcome"}, 0)],
)
def test_a_view_that_cannot_be_drawn_anew_here_says_why_and_offers_nothing_to_keep(why, place, goes):
    app = opened(board=board(pin("one", seen("en", version="0123456789abc-1111"), **place)).id)
    assert len(app.get("link_button")) == goes
    app = at_rest(press(app, "refresh_one"))
    assert [info.value for info in app.info] == [say(f"board.{why}", "en")]
    assert not [button for button in app.button if button.key.startswith("keep_")]


def test_a_moments_trouble_with_the_file_is_told_as_such_and_passes(monkeypatch):
    kept = board(pin("one", seen("en")))

    def busy(self, digest, *, board, asker):
        raise WorkspaceError("busy", path="boards.sqlite3")

    with monkeypatch.context() as trouble:
        trouble.setattr(Boards, "part", busy)
        app = whole(opened(board=kept.id))
    said = say("keep.workspace_busy", "en", path=plain("boards.sqlite3"))
    assert [warning.value for warning in app.warning] == [said]
    assert titles(whole(app.run())) == ["Cainiao leads"]
    assert not app.warning
