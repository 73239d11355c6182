"""Small views to pin, boards that hold them, and pages opened by one reader."""

from dataclasses import replace

import pandas as pd
from streamlit.testing.v1 import AppTest

from analysis.views.board import Board, Pin, variant
from analysis.views.look import View
from analysis.views.pinned import Pinned, Whence, pinned
from data.grade import Grade
from data.workspace import KeptBoard
from pages.ui import board_store
from tests.test_pages import ROOT, SECONDS

READER, OTHER = "a" * 32, "b" * 32
"""Two readers; the first owns the boards."""
MADE = "2026-11-01 09:30"


def seen(lang="en", theme="light", *, parcels=(3.0, 2.0), version="market-1", title=""):
    """A chart of two networks as a page would have drawn it."""
    names = ["Cainiao", "Duoduo"] if lang == "en" else ["菜鸟", "多多"]
    headers = ["Network", "Parcels"] if lang == "en" else ["网络", "件量"]
    figure = {"data": [{"type": "bar", "x": names, "y": list(parcels)}], "layout": {"height": 200}}
    table = pd.DataFrame(dict(zip(headers, (names, parcels), strict=True)))
    title = title or ("Cainiao leads" if lang == "en" else "菜鸟领先")
    view = View(
        figure,
        table,
        title,
        "Parcels, 2026" if lang == "en" else "件量，2026年",
        " · ".join([title] * 3),
        Grade.ESTIMATED,
    )
    whence = Whence(
        "overview", "Illustrative" if lang == "en" else "示例", version, filters=("Month: Aug 2026",), made=MADE
    )
    return pinned(view, whence, lang=lang, theme=theme)


def pin(id: str, *views: Pinned, **parts) -> tuple[Pin, dict[str, bytes]]:
    """A pin of views, the first as it was seen; and what to keep."""
    digests, data = board_store.packed({variant(one.lang, one.theme): one for one in views})
    kept = Pin(id, "view", "overview", "tiers", parts=digests, seen=next(iter(digests)), made=MADE)
    return replace(kept, **parts), data


def board(*pins: tuple[Pin, dict[str, bytes]], owner=READER, name="Pitch") -> KeptBoard:
    """A board of these pins, kept."""
    data = {digest: part for _, parts in pins for digest, part in parts.items()}
    return board_store.saved(Board(tuple(one for one, _ in pins)), owner=owner, name=name, parts=data)


def three() -> KeptBoard:
    """A board of a chart in both languages, one in English alone, and the presenter's words."""
    return board(
        pin("one", seen("en"), seen("zh"), seen("en", "dark"), seen("zh", "dark")),
        pin("two", seen("en", parcels=(1.0, 5.0), title="Duoduo leads"), note="Ask why"),
        (Pin("three", "words", title="What we ask", note="A decision today", made=MADE), {}),
    )


def opened(page="present", *, reader=READER, **query) -> AppTest:
    """A page as a reader opens it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for key, value in query.items():
        app.query_params[key] = value
    app.session_state["owner.session"] = reader
    app.run()
    return app if page == "overview" else app.switch_page(f"pages/{page}.py").run()
