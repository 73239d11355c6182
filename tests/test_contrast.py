"""Contrast of the palette in both themes (WCAG 2.2 AA): text 4.5:1, shapes and lines 3:1, names on fills 4.5:1."""

import tomllib
from itertools import pairwise, product

import pytest

from analysis.views.theme import LEAST_CONTRAST, Theme, contrast, ink_on, readable, rgb
from data.platforms import PLATFORMS
from tests.browser import ROOT

TEXT = 4.5
"""Of words against what is behind them."""
FADED = 0.6
"""Opacity of Streamlit's captions."""
MODES = ("light", "dark")
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
CHOSEN = ("#ffffff", "#000000", "#ffff00", "#1848d1", "#808080", "#00ff00")


def mixed(ink: str, behind: str, opacity: float) -> str:
    """Colour that ink of an opacity makes on what is behind it."""
    mix = (round(a * opacity + b * (1 - opacity)) for a, b in zip(rgb(ink)[:3], rgb(behind)[:3], strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mix)


@pytest.mark.parametrize("mode", MODES)
def test_the_page_and_the_charts_have_one_palette(mode):
    theme, page = Theme(mode), SETTINGS[mode]
    assert (theme.surface, theme.text, theme.accent) == (
        page["backgroundColor"],
        page["textColor"],
        page["primaryColor"],
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("behind", ["backgroundColor", "secondaryBackgroundColor", "dataframeHeaderBackgroundColor"])
def test_words_of_the_page_are_read(mode, behind):
    page = SETTINGS[mode]
    assert contrast(page["textColor"], page[behind]) >= TEXT
    assert contrast(page["linkColor"], page[behind]) >= TEXT
    assert contrast(mixed(page["textColor"], page[behind], FADED), page[behind]) >= TEXT


@pytest.mark.parametrize("mode", MODES)
def test_words_of_the_charts_are_read(mode):
    theme = Theme(mode)
    assert contrast(theme.text, theme.surface) >= TEXT
    assert contrast(theme.muted, theme.surface) >= TEXT


@pytest.mark.parametrize("mode", MODES)
def test_marks_and_the_edge_of_what_has_the_focus_stand_out(mode):
    theme = Theme(mode)
    assert contrast(theme.accent, theme.surface) >= LEAST_CONTRAST
    assert contrast(SETTINGS[mode]["primaryColor"], SETTINGS[mode]["secondaryBackgroundColor"]) >= LEAST_CONTRAST


@pytest.mark.parametrize(("mode", "network"), product(MODES, PLATFORMS))
def test_series_stand_out_and_words_on_them_are_read(mode, network):
    theme = Theme(mode)
    assert contrast(theme.colour(network), theme.surface) >= LEAST_CONTRAST
    assert contrast(theme.ink_on(network), theme.colour(network)) >= TEXT


@pytest.mark.parametrize("mode", MODES)
def test_words_on_every_shade_of_a_map_are_read(mode):
    assert all(contrast(ink_on(shade), shade) >= TEXT for shade in Theme(mode).sequential)


@pytest.mark.parametrize("mode", MODES)
def test_a_shade_of_a_map_differs_from_the_next(mode):
    shades = Theme(mode).sequential
    steps = [contrast(one, other) for one, other in pairwise(shades)]
    assert min(steps) > 1.2


@pytest.mark.parametrize(("mode", "colour"), product(MODES, CHOSEN))
def test_a_colour_that_a_user_chose_is_made_to_stand_out(mode, colour):
    assert contrast(readable(colour, mode), Theme(mode).surface) >= LEAST_CONTRAST


def test_the_test_knows_what_is_too_faint():
    assert contrast("#777777", "#ffffff") < TEXT
    assert contrast("#767676", "#ffffff") >= TEXT
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
