"""Every room of every page, drawn unseen: what each of them offers to be pinned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.testing.v1 import AppTest

from analysis.views.pinned import Pinned
from pages.ui import layout, quiet

ROOT = Path(__file__).resolve().parents[1]
GROWTH = ("fold_rates", "fold_effects", "fold_fits", "fold_diagnostics")
PLAN = ("fold_rivals", "fold_assumptions")
SITES = "30.27415,120.15515,s~30.30000,120.20000,l"
Room = tuple[str, dict[str, str], Sequence[str]]
ROOMS: list[Room] = [
    ("overview", {}, ()),
    ("share", {}, ()),
    ("share", {"by": "province", "picture": "film"}, ()),
    ("share", {"picture": "time", "count": "owner"}, ()),
    ("share", {"city": "310000"}, ()),
    ("share", {"view": "moves"}, ()),
    ("share", {"view": "drivers"}, ()),
    ("share", {"view": "trust"}, ()),
    ("share", {"view": "trust", "proof": "ways"}, ()),
    ("share", {"view": "trust", "proof": "instruments"}, ()),
    ("share", {"view": "trust", "proof": "residuals"}, ()),
    ("share", {"view": "couriers"}, ()),
    ("subsidy", {}, ()),
    ("subsidy", {"part": "effect"}, ()),
    ("subsidy", {"part": "station"}, ()),
    ("scenario", {}, PLAN),
    ("scenario", {"section": "why", "shows": "tiers"}, ()),
    ("scenario", {"section": "rivals", "shows": "map"}, ()),
    ("scenario", {"section": "compare", "shows": "money"}, ()),
    ("scenario", {"section": "budget", "shows": "networks"}, ()),
    ("scenario", {"section": "saved", "shows": "stations"}, ()),
    ("growth", {"series": "national_monthly"}, GROWTH),
    ("growth", {"series": "market.duoduo", "month": "2025-06", "tier": "Tier 3"}, ()),
    ("growth", {"topic": "tiers"}, ()),
    ("growth", {"topic": "ledger"}, ()),
    ("map", {}, ()),
    ("map", {"city": "310000"}, ()),
    ("map", {"room": "nation"}, ()),
    ("map", {"room": "nation", "nat_form": "provinces"}, ()),
    ("map", {"room": "nation", "nat_form": "prefectures", "measure": "subsidy"}, ()),
    ("map", {"room": "coverage", "city": "330100"}, ()),
    ("map", {"room": "catchment"}, ()),
    ("map", {"room": "catchment", "city": "330100", "cat_best": "1", "cat_sites": SITES, "cat_show": "#1"}, ()),
    ("map", {"room": "lockers"}, ()),
    ("map", {"room": "rural"}, ()),
    ("map", {"room": "rural", "rur_part": "reach"}, ()),
    ("map", {"room": "rural", "rur_part": "remote"}, ()),
    ("map", {"room": "rural", "rur_part": "living"}, ()),
    ("record", {}, ()),
    ("data", {}, ()),
    ("data", {"tab": "markets"}, ()),
    ("data", {"tab": "contract"}, ()),
    ("data", {"tab": "assumptions"}, ()),
    ("data", {"tab": "anchors"}, ()),
]


@dataclass(slots=True)
class Caught:
    """What one room told.

    Attributes
    ----------
    room : (str, dict, sequence of str)
    views : dict
        By their keys.
    twice : list of str
        Keys that more than one view goes by.
    """

    room: Room
    views: dict[str, Pinned] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Page and query."""
        page, query, _ = self.room
        return f"{page}?" + "&".join(f"{key}={value}" for key, value in query.items())


def caught(rooms: Sequence[Room], *, lang: str, monkeypatch, theme: str = "light") -> list[Caught]:
    """Draw the rooms unseen, from within a run of the app."""
    found: list[Caught] = []

    def draw(look) -> None:
        if not found:
            found.extend(_room(room, lang, theme) for room in rooms)

    monkeypatch.setattr(layout, "footer", draw)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.switch_page("pages/record.py").run()
    monkeypatch.undo()
    assert not app.exception, app.exception
    return found


def _room(room: Room, lang: str, theme: str) -> Caught:
    page, query, folds = room
    told = Caught(room)

    def catch(key, take) -> None:
        if key in told.views:
            told.twice.append(key)
        told.views[key] = take()

    quiet.run(quiet.scene(), page, {**query, "lang": lang}, theme=theme, catch=catch, folds=folds)
    return told


def on_screen(page: str, query: Mapping[str, str]) -> set[str]:
    """Keys of the pins that a page shows."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
    return {button.key.removeprefix("pin_") for button in app.button if str(button.key).startswith("pin_")}
