"""A server that goes away and comes back: the page stays, says so, and goes on where it was."""

import os
import signal

from playwright.sync_api import expect

from data.text import say
from tests.browser import free_port, leaves, running, settle, wait_for

STATE = "document.querySelector('[data-testid=stApp]').dataset.testConnectionState"


def test_a_page_outlives_its_server(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path / "workspace"))
    port = free_port()
    url, serve = f"http://127.0.0.1:{port}", ("-m", "pages.ui.server", "--port", str(port))
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    outside = []
    context.on("request", lambda request: outside.append(request.url) if leaves(request, url) else None)
    opened = context.new_page()
    with running(*serve, log=tmp_path / "first") as process:
        wait_for(url)
        opened.goto(f"{url}/scenario?lang=zh")
        settle(opened)
        opened.get_by_role("slider").first.focus()
        before = opened.url
        opened.keyboard.press("ArrowRight")
        opened.wait_for_url(lambda now: now != before)
        settle(opened)
        plan, figures = opened.url, opened.locator(".st-key-figures").inner_text()
        os.killpg(process.pid, signal.SIGKILL)
    expect(opened.get_by_role("dialog")).to_contain_text(say("streamlit_words.window_connection", "zh"))
    assert opened.locator(".st-key-figures").inner_text() == figures
    with running(*serve, log=tmp_path / "second"):
        wait_for(url)
        opened.wait_for_function(f"() => {STATE} === 'CONNECTED'")
        settle(opened)
        expect(opened.get_by_role("dialog")).to_have_count(0)
        assert opened.url == plan
        assert opened.locator(".st-key-figures").inner_text() == figures
        context.close()
    assert not outside
