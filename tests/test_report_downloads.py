"""Files of a view from the page itself: table, workbook, slide and pictures, each made when its button is pressed."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from pptx import Presentation
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from analysis.views.report import NoBrowser, browser, images

ROOT = Path(__file__).resolve().parents[1]
KEY = "tiers"


@pytest.fixture
def offered(monkeypatch):
    """Opens the table of a view on the overview; what makes each file by its ending, and the captions of the page."""

    def offer(lang="en", theme="light"):
        made = {}

        def button(label, data, file_name, **rest):
            assert file_name.startswith(f"posthouse-{KEY}.")
            made[file_name.rpartition(".")[2]] = data

        monkeypatch.setattr(st, "download_button", button)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.session_state[f"open_{KEY}"] = True
        app.query_params["lang"] = lang
        app.context["theme"] = theme
        app.run()
        assert not app.exception
        return made, [caption.value for caption in app.caption]

    return offer


def later(make):
    """What a press of the button gives: it is made in another thread, after the run."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_table_workbook_and_slide_hold_the_same_numbers(offered, lang):
    made, _ = offered(lang)
    table = pd.read_csv(BytesIO(later(made["csv"])))
    sheet = CalamineWorkbook.from_filelike(BytesIO(later(made["xlsx"]))).get_sheet_by_index(0).to_python()
    start = next(n for n, row in enumerate(sheet) if row[0] == table.columns[0])
    width = len([cell for cell in sheet[start] if cell])
    assert len(sheet) - start - 1 == len(table)
    assert [row[1:width] for row in sheet[start + 1 :]] == table.iloc[:, 1:width].to_numpy().tolist()
    show = Presentation(BytesIO(later(made["pptx"])))
    charts = [shape.chart for slide in show.slides for shape in slide.shapes if shape.has_chart]
    series = {one.name: list(one.values) for chart in charts for one in chart.plots[0].series}
    for name in table.columns[1:width]:
        assert sorted(series[name]) == pytest.approx(sorted(table[name]), abs=0.1)


def test_pictures_of_a_dark_page_are_drawn_on_white(offered, monkeypatch):
    seen = []
    monkeypatch.setattr(images, "svg", lambda one, look: seen.append((one, look)) or b"")
    monkeypatch.setattr(browser, "find", lambda: Path("browser"))
    for theme in ("light", "dark"):
        made, _ = offered(theme=theme)
        later(made["svg"])
    (light, look), (dark, dark_look) = seen
    assert (dark.theme, dark_look.theme.mode) == ("light", "light")
    assert dark.view.figure == light.view.figure
    assert dark.view.table.equals(light.view.table)
    assert (look.lang, light.whence.filters) == ("en", dark.whence.filters)


def test_without_a_browser_a_sentence_stands_in_for_pictures(offered, monkeypatch):
    def none():
        raise NoBrowser("none")

    monkeypatch.setattr(browser, "find", none)
    made, captions = offered()
    assert set(made) == {"csv", "xlsx", "pptx"}
    assert any("BROWSER_PATH" in caption for caption in captions)


def test_a_browser_that_breaks_down_is_told_in_words(offered, monkeypatch):
    def broken(one, look):
        raise NoBrowser("late", seconds="60")

    monkeypatch.setattr(images, "png", broken)
    monkeypatch.setattr(browser, "find", lambda: Path("browser"))
    made, _ = offered()
    with pytest.raises(RuntimeError, match="60 seconds"):
        later(made["png"])
