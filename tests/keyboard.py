"""Walking a page by keyboard alone: every step must show where it is, and not under the header."""

from playwright.sync_api import Locator, Page

MOST = 160
"""Steps from one end of a page to what is looked for."""
HELD = "(element) => element === document.activeElement || element.contains(document.activeElement)"
HERE = """() => {
    const held = document.activeElement;
    if (!held || held === document.body || held.matches('main, td, [data-testid=stMain]')) return null;
    const edge = (node) => {
        const style = getComputedStyle(node);
        const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
        const ring = style.boxShadow !== 'none' && / 0px 0px 0px \\d/.test(style.boxShadow);
        const accent = ['rgb(24, 72, 209)', 'rgb(124, 156, 255)'].includes(style.borderTopColor);
        return drawn || ring || (accent && parseFloat(style.borderTopWidth) >= 1);
    };
    const around = [held];
    while (around.length < 4 && around.at(-1).parentElement) around.push(around.at(-1).parentElement);
    const box = held.getBoundingClientRect();
    const header = document.querySelector('[data-testid=stHeader]');
    const fixed = held.closest('[data-testid=stHeader], [data-testid=stSkipToContent], [role=dialog]');
    const label = held.getAttribute('aria-label') || held.innerText || held.tagName;
    return {
        name: `${held.tagName} ${label}`.slice(0, 60),
        seen: around.some(edge),
        covered: !fixed && box.height > 0 && box.bottom <= header.getBoundingClientRect().bottom,
    };
}"""
"""What has the focus: whether an edge of it is drawn, and whether the header covers it; null between two rounds."""


def step(page: Page, key: str = "Tab") -> None:
    """One key; what has the focus then must be seen."""
    page.keyboard.press(key)
    for _ in range(40):  # an edge may fade in, and the page may glide
        here = page.evaluate(HERE)
        if here is None or (here["seen"] and not here["covered"]):
            break
        page.wait_for_timeout(50)
    assert here is None or here["seen"], f"no edge around {here['name']}"
    assert here is None or not here["covered"], f"the header covers {here['name']}"


def reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Step until a control, or something in it, has the focus."""
    target.first.wait_for(state="attached")
    for _ in range(MOST):
        if target.first.evaluate(HELD):
            return
        step(page, key)
    raise AssertionError(f"{target} is not reached by {key}")


def press(page: Page, target: Locator, *keys: str) -> None:
    """Go to a control and press keys on it: Enter when none is given."""
    reach(page, target)
    for key in keys or ("Enter",):
        page.keyboard.press(key)
