"""Posthouse. `python app.py` sets up and serves, `python app.py test` tests; `streamlit run app.py` works as well."""

import sys

if "streamlit" not in sys.modules:
    from pages.ui.setup import main

    raise SystemExit(main())

from pathlib import Path

import streamlit as st

from analysis.views.look import Look
from pages.ui import guard, kept_presses, layout, links, sign_in, text

STATIC = Path(__file__).resolve().parent / "static"
PAGES = ("overview", "share", "subsidy", "scenario", "growth", "map", "record", "data", "present")
"""Order of the navigation; a page is a script in `pages/` and its words in the catalogue."""
ICONS = {
    "overview": "dashboard",
    "share": "donut_small",
    "subsidy": "payments",
    "scenario": "tune",
    "growth": "trending_up",
    "map": "map",
    "record": "menu_book",
    "data": "upload_file",
    "present": "slideshow",
}


def dress(look: Look) -> None:
    """Title, icon and logo, of the door as well."""
    st.set_page_config(
        page_title=f"Posthouse · {look.say('app.tagline')}",
        page_icon=str(STATIC / "favicon.png"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.logo(str(STATIC / "logo.svg"), size="medium")


kept_presses.keep()
sign_in.door(dress)
links.resolve()
look = text.look()
dress(look)
pages = [
    st.Page(
        f"pages/{name}.py",
        title=look.say(f"page.{name}"),
        icon=f":material/{ICONS[name]}:",
        url_path=name,
        default=name == PAGES[0],
    )
    for name in PAGES
]
guard.mark()
try:
    st.navigation(pages, position="top").run()
finally:
    layout.footer(look)
