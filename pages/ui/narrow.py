"""How the page gives way: to a screen as narrow as a phone's, to the keyboard, and to a reader who wants no motion."""

import streamlit as st

from analysis.views.theme import ACCENT

WIDEST = 640
"""Pixels of the widest screen that this is for."""
CAPTIONS = (
    '[class*="st-key-caption_"] { flex-wrap: wrap !important; row-gap: .25rem }',
    '[class*="st-key-caption_"] > [class*="st-key-pin_"] { margin-left: auto }',
    '[class*="st-key-caption_"] > [data-testid="stElementContainer"]:has([data-testid="stCaptionContainer"])'
    " { flex: 1 0 100% !important; order: 2 }",
)
"""A caption has a line of its own."""
NARROW_CARD = 560
"""Pixels of the widest card whose caption has no room beside the pin and the table."""
CARD = '[class*="st-key-card_"] { container-type: inline-size }'
RULES = (
    '[data-testid="stMetric"] * { white-space: normal !important; overflow: visible !important }',
    *CAPTIONS,
    '[data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) { margin-top: 2rem }',
)
"""Labels of figures run over several lines, captions get a line of their own, and icons of tables room above them."""
STILL = (
    "*, ::before, ::after { animation-duration: .01ms !important; animation-iteration-count: 1 !important;"
    " transition: none !important; scroll-behavior: auto !important }"
)
"""For a reader whose system is set to reduce motion."""
FOCUS = (
    ":is(a, button, canvas, summary, [data-testid=stTextInput] input):focus-visible"
    f" {{ outline: 2px solid light-dark({ACCENT['light']}, {ACCENT['dark']}) !important; outline-offset: -1px }}"
)
"""Links of the navigation, tools of a table and its cells say nothing of their own when the keyboard reaches them."""
BELOW_HEADER = '[data-testid="stMain"] { scroll-padding: 4.5rem 0 1rem }'
"""What gets the focus is never scrolled under the header."""

ICON_ALONE = (
    '[class*="st-key-pin_"] button p'
    " { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }"
)
"""The pin of a card is an icon; its name is there for whoever cannot see it."""


def style() -> None:
    """Add the rules to the page."""
    narrow = f"@media (max-width: {WIDEST}px) {{ {' '.join(RULES)} }}"
    card = f"{CARD} @container (max-width: {NARROW_CARD}px) {{ {' '.join(CAPTIONS)} }}"
    still = f"@media (prefers-reduced-motion: reduce) {{ {STILL} }}"
    st.html(f"<style>{narrow} {card} {still} {FOCUS} {BELOW_HEADER} {ICON_ALONE}</style>")
