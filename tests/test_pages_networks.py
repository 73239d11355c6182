"""Every page with a market that has a network of its own, in both languages; and no other session meets it."""

import json

import pytest

from data.platforms import PLATFORMS
from data.text import LANGUAGES
from tests.made_market import NEWCO, with_newco
from tests.test_pages import PAGES, charts, start
from tests.test_pages_scenario import whole

SESSION = "intake.market"


def own(page, **query):
    """A page of a session whose own files hold the market."""
    app = start("record", **query)
    app.session_state[SESSION] = with_newco()
    return app.switch_page(f"pages/{page}.py").run()


def drawn(app):
    return "".join(chart.spec for chart in charts(app))


def said(text):
    """Text as it stands in the JSON of a chart."""
    return json.dumps(text)[1:-1]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_takes_it_in(page, lang):
    app = own(page, lang=lang)
    whole(app)


@pytest.mark.parametrize(
    ("page", "query"), [("overview", {}), ("share", {}), ("share", {"view": "drivers"}), ("subsidy", {})]
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_drawn_by_its_name(page, query, lang):
    assert said(NEWCO.zh if lang == "zh" else NEWCO.en) in drawn(own(page, lang=lang, **query))


@pytest.mark.parametrize("page", ["overview", "share"])
def test_it_is_drawn_in_its_colour(page):
    assert NEWCO.light in drawn(own(page))


def test_it_can_be_chosen_in_every_list():
    app = own("overview")
    assert NEWCO.en in app.multiselect(key="network.en.overview").options
    app = own("map")
    assert NEWCO.en in app.selectbox(key="focus.en.map").options


def test_another_session_never_meets_it():
    own("overview")
    other = start("overview")
    assert NEWCO.en not in other.multiselect(key="network.en.overview").options
    assert NEWCO.en not in drawn(other)
    assert NEWCO.key not in PLATFORMS
