"""Colours for one mode of the page. A network has the same colour wherever it appears."""

from dataclasses import dataclass
from functools import lru_cache

from data.platforms import PLATFORMS

SURFACE = {"light": "#ffffff", "dark": "#0f1623"}
TEXT = {"light": "#0b1220", "dark": "#e8edf5"}
MUTED = {"light": "#5f6775", "dark": "#a9b1bd"}
GRID = {"light": "#e8ebf0", "dark": "#243044"}
REST = {"light": "#c4cad4", "dark": "#4a5568"}
LEAST_CONTRAST = 3
"""Of a shape against the page."""
ACCENT = {"light": "#1848d1", "dark": "#7c9cff"}
SEQUENTIAL = {
    "light": ("#eef3fc", "#b7cdf3", "#7299e3", "#3463cb", "#153894", "#0d276c"),
    "dark": ("#152238", "#1f3d74", "#3260b4", "#608ee2", "#a9c3f6", "#d3e1fc"),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Concrete colours of `mode` ("light" or "dark"); charts on screen follow the page, exports use "light"."""

    mode: str

    @property
    def surface(self) -> str:
        """Page colour."""
        return SURFACE[self.mode]

    @property
    def text(self) -> str:
        """Ink."""
        return TEXT[self.mode]

    @property
    def muted(self) -> str:
        """Ink of axis labels, at least 4.5:1 on the page."""
        return MUTED[self.mode]

    @property
    def grid(self) -> str:
        """Grid lines and outlines."""
        return GRID[self.mode]

    @property
    def accent(self) -> str:
        """The one colour for a series that is no network."""
        return ACCENT[self.mode]

    @property
    def sequential(self) -> tuple[str, ...]:
        """Low to high."""
        return SEQUENTIAL[self.mode]

    def colour(self, platform: str) -> str:
        """Fill of a network, of an owner (that of its first network), or the neutral one for anything else.

        A colour that a user chose is moved until it stands out from the page.
        """
        found = PLATFORMS.get(platform) or next((p for p in PLATFORMS.values() if p.owner == platform), None)
        if found is None:
            return REST[self.mode]
        return readable(found.dark if self.mode == "dark" else found.light, self.mode)

    def ink_on(self, platform: str) -> str:
        """Black or white, whichever reads better on the network's fill."""
        return ink_on(self.colour(platform))


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two hex colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=512)
def readable(colour: str, mode: str) -> str:
    """The colour, darkened for a light page or lightened for a dark one until it has 3:1 on it (WCAG 2.2, 1.4.11)."""
    end = 0 if mode == "light" else 255
    mixes = ([round(c + (end - c) * step / 20) for c in rgb(colour)[:3]] for step in range(21))
    steps = ("#{:02x}{:02x}{:02x}".format(*mix) for mix in mixes)
    return next(mix for mix in steps if contrast(mix, SURFACE[mode]) >= LEAST_CONTRAST)


def ink_on(colour: str) -> str:
    """Near-black or white text, whichever has more contrast on `colour`."""
    return max("#ffffff", "#0b111c", key=lambda ink: contrast(ink, colour))


def rgb(colour: str, alpha: int = 255) -> list[int]:
    """Red, green, blue and alpha, 0-255, for pydeck."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)] + [alpha]


def fade(colour: str, opacity: float) -> str:
    """CSS colour with `opacity` (0-1)."""
    red, green, blue, _ = rgb(colour)
    return f"rgba({red},{green},{blue},{opacity})"
