import pytest
from tests.test_browser_data import *
from tests.test_browser_data import drop, step, taken, heading
pytestmark = pytest.mark.browser

def test_shot(page, odd):
    wide = page("/data?lang=zh", viewport=(1280, 900))
    drop(wide, odd)
    expect(heading(wide, taken(6, 12))).to_be_visible(timeout=SLOW)
    step(wide, "names")
    wide.locator("[class*=st-key-name_0] input").first.click()
    wide.keyboard.type("不采用")
    wide.wait_for_timeout(800)
    wide.keyboard.press("Enter")
    settle(wide)
    wide.locator(".st-key-apply_names button").click()
    wide.wait_for_timeout(3000)
    settle(wide)
    step(wide, "names")
    wide.screenshot(path="/tmp/uxa_w1.png", full_page=True)
    wide.locator(".st-key-save button").click()
    expect(wide).to_have_url(re.compile("market="), timeout=SLOW)
    settle(wide)
    wide.locator("[class*=st-key-share_box] button").first.click()
    wide.locator("[class*=st-key-share] button", has_text="开始分享").click()
    wide.wait_for_timeout(3000)
    settle(wide)
    wide.screenshot(path="/tmp/uxa_w2.png")
