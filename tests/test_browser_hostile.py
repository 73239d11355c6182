"""Names of strangers in a real browser: nothing is asked of others, no script runs, no link or picture is made."""

import pytest

from analysis.scenario import Lever, Scenario
from analysis.scenario.files import to_link
from tests.browser import SETTLE, settle
from tests.hostile import MARK, NAME, PAYLOADS

PLAN = to_link(Scenario(NAME, (Lever("duoduo", 0.05, "Tier 3"),)))
IMAGE = to_link(Scenario(PAYLOADS[2] + PAYLOADS[0], (Lever("jd", 0.1),)))
ALIVE = f"""() => [
    ...[...document.querySelectorAll('[href*="{MARK}."], [src*="{MARK}."], [onerror]')].map(one => one.outerHTML),
    ...(window.{MARK} ? ['a script ran'] : []),
]"""


@pytest.mark.browser
def test_names_of_strangers_stay_names(page):
    for place in (f"/scenario?section=compare&plan={PLAN}", f"/scenario?section=compare&shows=map&plan={IMAGE}"):
        opened = page(place, wait=False)
        settle(opened, timeout=2 * SETTLE)
        assert opened.get_by_test_id("stException").count() == 0
        assert opened.get_by_text(MARK).count()
        assert opened.evaluate(ALIVE) == []


@pytest.mark.browser
def test_a_page_can_ask_nobody_else(browser, url):
    """What would come alive all the same is stopped by the policy of the page."""
    opened = browser.new_page()
    opened.goto(url + "/record")
    settle(opened, timeout=2 * SETTLE)
    asked = f"""async () => {{
        const image = new Image(); image.src = 'https://{MARK}.example/a.png';
        const by = await fetch('https://{MARK}.example/b').then(() => 'let out', error => String(error));
        const seen = await new Promise(done => {{
            image.onload = () => done('let out'); image.onerror = () => done('stopped'); }});
        return [by.includes('Failed to fetch'), seen];
    }}"""
    said = []
    opened.on("console", lambda message: said.append(message.text))
    assert opened.evaluate(asked) == [True, "stopped"]
    assert sum("Content Security Policy" in one for one in said) >= 2
    opened.close()
