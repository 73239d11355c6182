"""The view beside a live lever: drawn at once without intervals and again with them, and what it moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from analysis.scenario import Projection
from analysis.views import projection as said
from analysis.views import scenario_map, scenario_money, scenario_path, scenario_tiers, station_effect
from analysis.views.look import Look, View
from analysis.views.masked import Mask, masked
from analysis.views.pinned import Whence, pinned
from pages.ui import stage_slide

PAGE, FIRST = "scenario", "outcome"
"""Page whose views can be live, and its main chart."""
SHOWN = 3
"""Headline figures that are compared."""


@dataclass(slots=True, eq=False)
class LiveView:
    """The live view on its slide.

    Attributes
    ----------
    look : Look
    mask : Mask or None
        Blacks out names.
    key, picture : str
        The pinned view on its page, and which chart the main one shows.
    platform, tier : str
        Whose result, and where.
    """

    look: Look
    mask: Mask | None
    key: str
    picture: str
    platform: str
    tier: str
    heading: Any = None
    figure: Any = None

    def text(self, words: str) -> str:
        """Words as they are shown."""
        return words if self.mask is None else self.mask.text(words, self.look.lang)

    def draw(self, found: Projection) -> None:
        """The first call makes the elements, the second changes them."""
        view = VIEWS[self.key if self.key in VIEWS else FIRST](found, self.look, self)
        one = pinned(view, Whence(PAGE, "", ""), lang=self.look.lang, theme=self.look.theme.mode)
        one = one if self.mask is None else masked(one, self.mask)
        again = self.heading is not None
        title = f"<h2>{escape(one.view.title)}</h2>"
        if again:
            self.heading.html(title)
        else:
            self.heading = st.html(title)
        self.figure = stage_slide.chart(one, f"stage_live_{'drawn' if again else 'point'}", half=True, into=self.figure)

    def difference(self, before: Projection, after: Projection) -> str:
        """Headline figures as pinned and now: share 18.2 % → 19.0 %."""
        was, now = (
            said.kpis(one, self.look, platform=self.platform, tier=self.tier)[:SHOWN] for one in (before, after)
        )
        parts = [
            self.look.say("show.moved", label=new.label, was=old.value, now=new.value)
            for old, new in zip(was, now, strict=True)
            if old.value != new.value
        ]
        return self.text(self.look.join(parts) if parts else self.look.say("show.unmoved"))


def _outcome(found: Projection, look: Look, shown: LiveView) -> View:
    of, tier = shown.platform, shown.tier
    draw: dict[str, Callable[[], View]] = {
        "path": lambda: scenario_path.path(found, look, platform=of, tier=tier),
        "tiers": lambda: scenario_tiers.by_tier(found, look, platform=of),
        "map": lambda: scenario_map.change(found, look, platform=of, cities=()),
        "money": lambda: scenario_money.money(found, look, platform=of),
        "stations": lambda: station_effect.incomes(found, look, platform=of),
    }
    if shown.picture in draw and (found.scenario.levers or shown.picture == "stations"):
        return draw[shown.picture]()
    return _networks(found, look, shown)


def _networks(found: Projection, look: Look, shown: LiveView) -> View:
    return scenario_tiers.before_after(found, look, platform=shown.platform, tier=shown.tier)


VIEWS: Mapping[str, Callable[[Projection, Look, LiveView], View]] = {
    FIRST: _outcome,
    "before_after": _networks,
    "sources": lambda found, look, shown: said.sources(found, look, platform=shown.platform),
    "paid": lambda found, look, shown: scenario_path.subsidies(found, look, platform=shown.platform, tier=shown.tier),
    "by_tier": lambda found, look, shown: scenario_tiers.by_tier(found, look, platform=shown.platform),
    "opened": lambda found, look, shown: station_effect.opened(found, look, platform=shown.platform),
    "counts": lambda found, look, shown: station_effect.counts(found, look, platform=shown.platform, tier=shown.tier),
}
"""Views that follow the lever; any other slide has the main chart of its page beside it."""
