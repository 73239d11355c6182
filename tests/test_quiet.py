"""A page drawn unseen shows what it would show on screen, sees what its reader sees, and leaves nothing behind."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import guide, layers, owner, quiet

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import json
import streamlit as st
from pages.ui import owner, quiet
asked = json.loads(st.session_state["asked"])
st.session_state["value.month"] = "2020-01"
found = {}
def catch(key, take):
    found[key] = take()
owner.owner()
before = sorted(st.session_state)
for entry in asked:
    found.clear()
    quiet.run(quiet.scene(), entry["page"], entry["query"], theme=entry["theme"], catch=catch)
    one = {key: [p.view.title, p.lang, p.theme, p.whence.page, list(p.whence.filters), p.whence.version,
                 json.dumps(p.view.figure)[:4000], p.whence.address] for key, p in found.items()}
    st.json(one)
st.text("left behind: " + ",".join(sorted(set(st.session_state) - set(before))))
"""


def run(*asked):
    app = AppTest.from_string(SCRIPT, default_timeout=120)
    app.session_state["asked"] = json.dumps(asked)
    app.run()
    assert not app.exception, app.exception
    return app, [json.loads(found.value) for found in app.json]


def entry(page, theme="light", **query):
    return {"page": page, "query": query, "theme": theme}


@pytest.fixture(scope="module")
def overview():
    return run(
        entry("overview"),
        entry("overview", lang="zh"),
        entry("overview", theme="dark"),
        entry("overview", month="2024-05", tier="Tier 3"),
    )


def test_it_shows_what_the_page_shows(overview):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    titles = {header.value for header in page.header}
    _, (found, *_) = overview
    assert {one[0] for one in found.values()} >= titles
    assert all(one[3] == "overview" for one in found.values())


def test_language_theme_and_address_are_those_asked_for(overview):
    _, (plain, chinese, dark, narrowed) = overview
    assert plain.keys() == chinese.keys() == dark.keys()
    assert {one[1] for one in chinese.values()} == {"zh"}
    assert {one[2] for one in dark.values()} == {"dark"}
    assert dark["tiers"][6] != plain["tiers"][6]
    assert dark["tiers"][0] == plain["tiers"][0] != chinese["tiers"][0]
    assert narrowed["tiers"][4] == ["Month: May 2024", "City tiers: Tier 3"]
    assert "month=2024-05" in narrowed["tiers"][7]
    assert narrowed["tiers"][0] != plain["tiers"][0]
    assert plain["tiers"][5]


def test_the_readers_own_session_is_as_it_was(overview):
    app, _ = overview
    assert app.text[0].value == "left behind:"
    assert app.session_state["value.month"] == "2020-01"
    assert len(app.json) == 4
    assert len(app.text) == 1
    assert not app.title


def test_it_sees_the_data_of_the_readers_session():
    own = SCRIPT.replace(
        "asked =",
        """from io import BytesIO
from data.intake import read
from pages.ui import intake
rows = "month,city,platform,parcels\\n2026-01,330100,cainiao,10\\n2026-01,330100,jd,30\\n"
intake.use([read(BytesIO(rows.encode()), "volumes")])
asked =""",
        1,
    )
    page = AppTest.from_string(own, default_timeout=120)
    page.session_state["asked"] = json.dumps([entry("overview")])
    page.run()
    assert not page.exception
    (found,) = [json.loads(one.value) for one in page.json]
    assert found["tiers"][5] == page.session_state["intake.market"].version
    assert "JD leads" in found["tiers"][0]


def test_a_page_that_fails_says_so():
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["asked"] = json.dumps([entry("no_such_page")])
    app.run()
    assert len(app.exception) == 1
    assert not app.json


AGAIN = """
import streamlit as st
from pages.ui import guide, layers, owner, quiet
if "held" not in st.session_state:
    st.session_state["held"] = "held"
    st.query_params["tier"] = "Tier 2"
    st.rerun()
quiet.catching()("value", lambda: st.session_state["held"] + " " + st.query_params["tier"])
"""


def one_page(monkeypatch, code):
    """What a page of this code tells in a quiet run."""
    monkeypatch.setattr(quiet, "_code", lambda page: compile(code, page, "exec"))
    told = SCRIPT.replace("one = {", "one = dict(found) or {")
    app = AppTest.from_string(told, default_timeout=60)
    app.session_state["asked"] = json.dumps([entry("made_up")])
    return app.run()


def test_a_page_that_runs_anew_goes_on_from_what_it_has_put_in_its_session_and_address(monkeypatch):
    app = one_page(monkeypatch, AGAIN)
    assert not app.exception
    assert [json.loads(one.value) for one in app.json] == [{"value": "held Tier 2"}]


def test_a_page_that_runs_anew_without_end_is_a_failure(monkeypatch):
    app = one_page(monkeypatch, "import streamlit as st\nst.rerun()")
    assert len(app.exception) == 1
    assert not app.json


ASKS = """
import streamlit as st
from pages.ui import guide, layers, owner, quiet
quiet.catching()("asks", lambda: [owner.named(), layers.served(), guide.served(), owner.owner()])
"""


def test_what_is_drawn_unseen_makes_no_requests(monkeypatch):
    monkeypatch.setattr(owner, "browser", owner.new)
    monkeypatch.setattr(layers.SHELF, "open", True)
    monkeypatch.setattr(guide, "_OPEN", [True])
    app = one_page(monkeypatch, ASKS)
    assert not app.exception
    ((named, layers_served, guide_served, reader),) = [json.loads(one.value)["asks"] for one in app.json]
    assert (named, layers_served, guide_served) == (False, False, False)
    assert owner.is_name(reader)
