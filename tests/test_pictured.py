"""A picture is drawn once for all that it is of, and anew for anything else."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.views.look import Look, View
from analysis.views.theme import Theme
from data.grade import Grade
from data.platforms import PLATFORMS
from pages.ui import cached, intake
from pages.ui.inputs import Filters
from tests.made_market import with_newco

LOOK = Look("en", Theme("light"))
FILTERS = Filters(pd.Timestamp("2026-06-01"), (), (), ())


@pytest.fixture
def pictured():
    """Draws a picture of these, unless it is there; what was drawn is counted."""
    drawn = []

    def draw():
        drawn.append(len(drawn))
        return View({}, pd.DataFrame({"n": [len(drawn)]}), "", "", "", Grade.REPORTED)

    def call(market=None, filters=FILTERS, look=LOOK, name="one", cut=("share",)):
        cached.pictured(market or with_newco(cities=5, version="f" * 32 + "-1"), filters, look, name, draw, *cut)
        return len(drawn)

    cached.drawn.clear()
    return call


def test_the_same_is_drawn_once(pictured):
    assert [pictured(), pictured()] == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        {"market": with_newco(cities=5, version="f" * 32 + "-2")},
        {"filters": replace(FILTERS, month=pd.Timestamp("2026-05-01"))},
        {"filters": replace(FILTERS, tiers=("tier1",))},
        {"filters": replace(FILTERS, regions=("east",))},
        {"filters": replace(FILTERS, networks=("jd",))},
        {"look": Look("zh", Theme("light"))},
        {"look": Look("en", Theme("dark"))},
        {"name": "two"},
        {"cut": ("volume",)},
        {"cut": ()},
    ],
    ids=lambda one: next(iter(one)),
)
def test_anything_else_is_drawn_anew(pictured, other):
    assert [pictured(), pictured(**other), pictured()] == [1, 2, 2]


def test_the_same_rows_with_a_network_in_another_colour_are_another_market():
    frames = {"volumes": pd.DataFrame({"parcels": [1.0]})}
    jd = PLATFORMS["jd"]
    names = {intake._digest(frames, networks) for networks in ((), (jd,), (replace(jd, light="#123456"),))}
    assert len(names) == 3
