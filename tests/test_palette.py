"""Colours: one per network, readable on both pages, told apart with every common colour vision."""

from itertools import combinations

import numpy as np
import pytest

from analysis.views.theme import MUTED, SEQUENTIAL, SURFACE, TEXT, Theme, contrast
from data.platforms import PLATFORMS

LEAST_DISTANCE = 5.9
"""OKLab distance x 100: what twelve colours of one hue each in both themes can keep; labels are words as well."""
# Severity-1 simulation matrices on linear RGB: Machado, Oliveira and Fernandes (2009), "A physiologically-based model
# for simulation of color vision deficiency", IEEE TVCG 15(6), table 1.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Linear RGB to OKLab: Ottosson (2020), https://bottosson.github.io/posts/oklab/
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
MODES = ("light", "dark")


def oklab(colour, vision):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return TO_LAB @ np.cbrt(TO_LMS @ np.clip(VISION[vision] @ linear, 0, 1))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_network_stands_out_from_the_page(mode, platform):
    """WCAG 2.2, 1.4.11 for the shape and 1.4.3 for the label on it."""
    theme = Theme(mode)
    assert contrast(theme.colour(platform), theme.surface) >= 3
    assert contrast(theme.colour(platform), theme.ink_on(platform)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vision", VISION)
def test_networks_are_told_apart(mode, vision):
    theme = Theme(mode)
    labs = {p: oklab(theme.colour(p), vision) for p in PLATFORMS}
    near = {(a, b): 100 * np.linalg.norm(labs[a] - labs[b]) for a, b in combinations(labs, 2)}
    assert min(near.values()) >= LEAST_DISTANCE, min(near, key=near.get)


@pytest.mark.parametrize("mode", MODES)
def test_ink_is_readable(mode):
    assert contrast(TEXT[mode], SURFACE[mode]) >= 7
    assert contrast(MUTED[mode], SURFACE[mode]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_scale_runs_away_from_the_page(mode):
    steps = [contrast(colour, SURFACE[mode]) for colour in SEQUENTIAL[mode]]
    assert steps == sorted(steps)


def test_unknown_network_is_neutral():
    assert Theme("light").colour("somebody new") not in {p.light for p in PLATFORMS.values()}
