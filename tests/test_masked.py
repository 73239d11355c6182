"""Blacked out, no view names a network or a company, or shows a colour that gives one away; its numbers stay."""

import gzip
import json
import re
from functools import cache

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.views import masked_names
from analysis.views.look import Look
from analysis.views.masked import NEUTRAL, SURFACE, mask_of, masked, masked_slide
from analysis.views.pinned import Pinned, Whence, pack, words_view
from analysis.views.slide import slide_of
from analysis.views.theme import Theme, contrast, ink_on
from data.cities import cities
from data.grade import Grade
from data.platforms import ORDER_SOURCES, OUTSIDE, PLATFORMS, Platform, fold, spellings, using
from data.text import catalogue

MASK = mask_of("board")
SCRIPT = """
import streamlit as st
from pages.ui import quiet
found = []
def catch(key, take):
    found.append(take())
for page in ("overview", "share", "subsidy", "scenario", "growth", "map", "record"):
    for lang in ("en", "zh"):
        quiet.run(quiet.scene(), page, {"lang": lang}, theme="light", catch=catch)
quiet.run(quiet.scene(), "overview", {"lang": "en"}, theme="dark", catch=catch)
st.session_state["found"] = found
"""


@pytest.fixture(scope="module")
def views():
    app = AppTest.from_string(SCRIPT, default_timeout=240).run()
    assert not app.exception, app.exception
    return [(one, masked(one, MASK)) for one in app.session_state["found"]]


def names():
    """Everything a network, an owner or a company of the record is called, but for generic words."""
    networks = [name for p in PLATFORMS.values() if p.key != OUTSIDE for name in (*spellings(p), p.owner)]
    owners = [entry[lang] for key, entry in catalogue().items() if key.startswith("owner.") for lang in entry]
    shops = [name for names in ORDER_SOURCES.values() for name in names.split()]
    plain = {catalogue()[key][lang] for key in ("owner.rest", "owner.Outside option") for lang in ("en", "zh")}
    found = {*networks, *owners, *shops, "SF", "顺丰"} - plain
    return sorted(name for name in found if fold(name) not in masked_names.GENERIC and not name.isdecimal())


@cache
def any_name():
    """One pattern for all names, Latin ones as whole words; 中通 in 其中通过 is none."""
    guard = {"中通": ("(?<![其当之途空])", "(?![过常用])")}
    found = []
    for name in names():
        before, behind = guard.get(name, ("(?<![a-z])" * name[0].isascii(), "(?![a-z])" * name[-1].isascii()))
        found.append(before + re.escape(name.lower()) + behind)
    return re.compile("|".join(found))


def leaks(text):
    lowered = text.lower()
    return [lowered[max(found.start() - 20, 0) : found.end() + 20] for found in any_name().finditer(lowered)]


def test_no_name_is_left_in_any_view(views):
    assert len(views) > 40
    for one, after in views:
        text = gzip.decompress(pack(after)).decode()
        assert not leaks(text), (one.whence.page, one.view.title, leaks(text)[:5])


def test_the_views_did_name_networks(views):
    assert sum(bool(leaks(one.view.title)) for one, _ in views) > 20


def test_numbers_stay(views):
    for one, after in views:
        assert numbers(after.view.figure) == numbers(one.view.figure)
        for i in range(one.view.table.shape[1]):
            before, now = one.view.table.iloc[:, i], after.view.table.iloc[:, i]
            if pd.api.types.is_numeric_dtype(before.dtype):
                pd.testing.assert_series_equal(before, now, check_names=False)
        assert after.view.grade == one.view.grade
        assert after.whence.version == one.whence.version
        assert after.view.table.columns.is_unique


def test_no_colour_of_a_network_is_left(views):
    for one, after in views:
        text = json.dumps(after.view.figure).lower()
        for key in PLATFORMS:
            if key != OUTSIDE:
                assert Theme(one.theme).colour(key) not in text


def numbers(value):
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_a_network_has_one_letter_however_it_is_called():
    for p in PLATFORMS.values():
        if p.key == OUTSIDE:
            continue
        said = MASK.text(p.en, "en")
        assert re.fullmatch(r"Network [A-Z]", said)
        assert MASK.text(p.zh, "zh") == said.replace("Network ", "网络")
        assert MASK.text(p.en.upper(), "en") == MASK.text(p.en.lower().replace(" ", "<br>"), "en") == said
    assert len({MASK.text(p.en, "en") for p in PLATFORMS.values()}) == len(PLATFORMS)


def test_letters_go_by_the_board_and_not_by_the_list():
    keys = [f"network:{key}" for key in PLATFORMS if key != OUTSIDE]
    orders = {tuple(mask_of(str(seed)).letters[key] for key in keys) for seed in range(5)}
    assert len(orders) == 5
    assert tuple("ABCDEFGHIJK") not in orders
    assert mask_of("board").letters == MASK.letters


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("A post of the State Post Bureau: lockers, home delivery, the best tier, mamas and jdx", "en"),
        ("国家邮政局：其中通过快递柜、当中通常送货上门；东京东部与阿里地区", "zh"),
        ("12.4% of 1,688 stations", "en"),
    ],
)
def test_other_words_are_left_alone(text, lang):
    assert MASK.text(text, lang) == text


def test_no_place_is_taken_for_a_network():
    table = cities()
    for column in table.select_dtypes(exclude="number"):
        for name in {str(value) for value in table[column]}:
            assert MASK.text(name, "zh" if not name.isascii() else "en") == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Cainiao's and J&amp;T's lead", 2),
        ("菜鸟驿站、多多驿站和韵达驿站合计", 3),
        ("Hive Box & lockers; hive<br>box", 2),
        ("see https://ir.zto.com/annual and /scenario?plan=l.duoduo.subsidy.0.05 here", 0),
        ("r.cainiao.match.0.5", 1),
        ("YTO, STO and SF", 3),
    ],
)
def test_names_in_sentences(text, names):
    said = MASK.text(text, "en")
    assert len(re.findall(r"(?:Network|Company) [A-Z]", said)) == names
    assert not leaks(said)
    assert "http" not in said


def test_an_own_network_is_blacked_out_too():
    own = Platform("swift", "Swift Box", "迅捷柜", "Swift Group", "locker", "#b647ff", "#6c47ff", ("SwB",))
    with using((own,)):
        mask = mask_of("board")
        said = mask.text("Swift Box (Swift Group, SwB) 迅捷柜 #b647ff", "en")
        assert not re.search("swift|迅捷|swb", said, re.IGNORECASE)
        assert "#b647ff" not in mask.colour(said, "light")


def test_colours_in_words_rgba_and_mixes():
    own = Theme("light").colour("duoduo")
    red, green, blue = (int(own[i : i + 2], 16) for i in (1, 3, 5))
    other = MASK.colour(own, "light")
    assert other in {colour for colours in NEUTRAL.values() for colour in colours}
    assert MASK.colour(f'<span style="color:{own}">●</span>', "light") == f'<span style="color:{other}">●</span>'
    shown = ",".join(str(int(other[i : i + 2], 16)) for i in (1, 3, 5))
    assert MASK.colour(f"rgba({red},{green},{blue},0.35)", "light") == f"rgba({shown},0.35)"
    half = "#" + "".join(f"{round(255 + (v - 255) / 2):02x}" for v in (red, green, blue))
    assert MASK.colour(half, "light") != half
    for page in ("#ffffff", "#0b1220", "#5f6775", "#828282"):
        assert MASK.colour(page, "light") == page


@pytest.mark.parametrize(("theme", "white"), list(NEUTRAL))
def test_neutral_colours_are_no_networks_and_stand_out(theme, white):
    for colour in NEUTRAL[theme, white]:
        assert contrast(colour, SURFACE[theme]) >= 3
        assert (ink_on(colour) == "#ffffff") == white
        assert contrast(colour, ink_on(colour)) >= 4.5
        assert colour not in {Theme(theme).colour(key) for key in PLATFORMS}


def test_a_slide_and_its_source():
    look = Look("en", Theme("light"))
    view = words_view("Duoduo leads", "Cainiao follows", Grade.ASSUMED)
    whence = Whence(
        "scenario", "duoduo_2024.csv", "v1", ("Network: JD",), "Answer of Cainiao", address="/map?network=jd"
    )
    slide = slide_of(Pinned(view, whence, look.lang, "light"), title="Why Duoduo?", note="Ask Tuxi (ZTO)")
    found = masked_slide(slide, MASK)
    said = json.dumps([found.title, found.note, found.one.view.title, found.one.view.caption, str(found.one.whence)])
    assert not leaks(said)
    assert found.one.whence.address == ""
    assert found.one.whence.version == "v1"
