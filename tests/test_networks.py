"""A network of one's own: what it may be called, its colours, and who sees it."""

import threading
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.views.theme import SURFACE, Theme, contrast
from data import networks, platforms
from data.grade import Grade
from data.markets import make
from data.networks import MESSAGES, SPARE, NetworkError
from data.platforms import BUILT_IN, OUTSIDE, PLATFORMS, using
from data.record.layout import network_of
from data.text import LANGUAGES, say
from tests.made_market import NEWCO, with_newco
from tests.test_palette import LEAST_DISTANCE, MODES, VISION, oklab

FEW = 7
"""Networks of one's own that keep the distance of the built-in ones; the next three come within 0.7 of it."""


@pytest.mark.parametrize("mode", MODES)
def test_prepared_colours_stand_out_from_the_page(mode):
    for colour in (pair[MODES.index(mode)] for pair in SPARE):
        assert contrast(colour, SURFACE[mode]) >= 3
        assert max(contrast(colour, ink) for ink in ("#ffffff", "#0b111c")) >= 4.5


@pytest.mark.parametrize(("most", "distance"), [(FEW, LEAST_DISTANCE), (len(SPARE), LEAST_DISTANCE - 0.7)])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vision", VISION)
def test_prepared_colours_are_told_apart(mode, vision, most, distance):
    built_in = [getattr(p, mode) for p in BUILT_IN.values()]
    labs = [oklab(c, vision) for c in (*built_in, *(pair[MODES.index(mode)] for pair in SPARE[:most]))]
    assert min(100 * np.linalg.norm(a - b) for a, b in combinations(labs, 2)) >= distance


def test_each_network_takes_the_next_colour():
    made = ()
    for name in map("Network {}".format, range(2 * len(SPARE))):
        made += (networks.make(name, beside=made),)
    assert [(p.light, p.dark) for p in made] == [*SPARE, *SPARE]
    assert len({p.key for p in made}) == len(made)
    assert not {p.key for p in made} & set(BUILT_IN)


def test_a_colour_may_be_chosen():
    made = networks.make("NewCo", light="#ABCDEF")
    assert (made.light, made.dark) == ("#abcdef", SPARE[0][1])


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_any_colour_that_is_chosen_stands_out_where_it_is_drawn(channels):
    chosen = "#{:02x}{:02x}{:02x}".format(*channels)
    made = networks.make("NewCo", light=chosen, dark=chosen)
    with using((made,)):
        for theme in map(Theme, MODES):
            drawn = theme.colour(made.key)
            assert contrast(drawn, theme.surface) >= 3
            assert drawn == chosen or contrast(chosen, theme.surface) < 3


def test_the_built_in_colours_are_drawn_as_they_are_listed():
    for platform in BUILT_IN.values():
        assert [Theme(mode).colour(platform.key) for mode in MODES] == [platform.light, platform.dark]


def test_a_name_is_all_it_takes():
    made = networks.make("  小象  驿站 ")
    assert (made.en, made.zh, made.owner, made.format) == ("小象 驿站",) * 3 + ("station",)
    assert made.key.isascii()
    assert made.key.isalnum()
    assert networks.make("小象驿站", en="Elephant", zh="小象").aliases == ("小象驿站",)


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("", {}, "no_name"),
        ("···", {}, "no_name"),
        ("x" * 41, {}, "no_name"),
        ("[NewCo](http://x)", {}, "bad_name"),
        ("<b>NewCo</b>", {}, "bad_name"),
        ("www.newco.com", {}, "bad_name"),
        ("New\u202eCo", {}, "bad_name"),
        ("=NewCo", {}, "bad_name"),
        ("菜鸟", {}, "name_taken"),
        ("Rookie ", {}, "name_taken"),
        ("NewCo", {"aliases": ("丰巢",)}, "name_taken"),
        ("NewCo", {"format": "door"}, "no_format"),
        ("NewCo", {"light": "red"}, "no_colour"),
        ("NewCo", {"dark": "#12345"}, "no_colour"),
        ("NewCo", {"aliases": tuple(map(str, range(60)))}, "many_aliases"),
        ("NewCo", {"aliases": ("x" * 121,)}, "many_aliases"),
    ],
)
def test_what_cannot_be_a_network_is_said(name, options, code):
    with pytest.raises(NetworkError) as refused:
        networks.make(name, **options)
    assert refused.value.code == code
    for lang in LANGUAGES:
        assert "{" not in say(f"network.{code}", lang, **refused.value.values)


def test_every_refusal_has_its_words():
    assert all(say(f"network.{code}", lang) for code in MESSAGES for lang in LANGUAGES)


def test_two_networks_of_a_market_share_no_name():
    with pytest.raises(NetworkError, match="already means NewCo"):
        networks.make("new co", beside=(NEWCO,))


@settings(deadline=None)
@given(st.text(max_size=50), st.lists(st.text(max_size=20), max_size=4))
def test_any_name_makes_a_network_or_a_refusal(name, aliases):
    try:
        made = networks.make(name, aliases=aliases)
    except NetworkError:
        return
    with using((made,)):
        assert all(platforms.resolve(text) == made.key for text in platforms.spellings(made))
        assert set(PLATFORMS) == {*BUILT_IN, made.key}


def test_it_is_there_inside_and_nowhere_else():
    seen = []

    def look():
        seen.append((platforms.resolve("新驿站"), NEWCO.key in PLATFORMS, len(PLATFORMS)))

    with using((NEWCO,)):
        look()
        threads = [threading.Thread(target=work) for work in (look, platforms.carry(look))]
        for thread in threads:
            thread.start()
            thread.join()
        with using(()):
            look()
        assert list(PLATFORMS)[-2:] == [NEWCO.key, OUTSIDE]
        assert platforms.added() == (NEWCO,)
    look()
    here, nowhere = (NEWCO.key, True, len(BUILT_IN) + 1), (None, False, len(BUILT_IN))
    assert seen == [here, nowhere, here, nowhere, nowhere]


def test_no_network_takes_the_place_of_a_built_in_one():
    impostor = platforms.Platform("jd", "Other", "别家", "Other", "locker", "#111111", "#eeeeee", ("菜鸟",))
    thief = platforms.Platform("thief", "菜鸟", "", "Other", "locker", "#111111", "#eeeeee", ("贼",))
    with using((impostor, thief)):
        assert PLATFORMS["jd"] is BUILT_IN["jd"]
        assert platforms.resolve("菜鸟") == "cainiao"
        assert platforms.resolve("别家") is None
        assert platforms.resolve("贼") == "thief"
        assert platforms.resolve("") is None


def test_published_figures_know_no_network_of_a_user():
    with using((NEWCO,)):
        assert network_of("新驿站 (somebody)") == ""
    assert network_of("Tuxi (ZTO)") == "tuxi"


def test_a_market_knows_its_own_networks_and_no_others():
    found = with_newco()
    assert found.networks == (NEWCO,)
    assert list(found.panel["platform"].cat.categories)[-2:] == [NEWCO.key, OUTSIDE]
    assert found.panel["platform"].eq(NEWCO.key).sum() > 100
    with using((NEWCO,)), pytest.raises(ValueError, match="unknown platform: xnewco"):
        make("mine", grade=Grade.REPORTED, version="v", source="", volumes=found.volumes)


def test_two_threads_at_once_see_their_own():
    made = [networks.make(name) for name in ("Left", "Right")]
    start, seen = threading.Barrier(2), {}

    def work(one):
        with using((one,)):
            start.wait()
            seen[one.key] = {tuple(key for key in PLATFORMS if key not in BUILT_IN) for _ in range(2000)}

    threads = [threading.Thread(target=work, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {one.key: {(one.key,)} for one in made}
