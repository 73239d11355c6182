"""A chart that goes to the browser as it was made says the same as one that Plotly built a second time."""

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from plotly.tools import return_figure_from_figure_or_data

from analysis.views.look import Look
from analysis.views.theme import Theme
from pages.ui import charts
from tests.made_projection import VIEWS, WAR

LOOK = Look("en", Theme("light"))


def sent(figure):
    """What Streamlit sends of a figure."""
    return json.loads(pio.to_json(return_figure_from_figure_or_data(figure, validate_figure=True), validate=False))


@pytest.mark.parametrize("name", VIEWS)
def test_the_browser_gets_the_same(name):
    view = VIEWS[name](WAR, LOOK, platform="duoduo")
    assert sent(charts.ready(view.figure)) == sent(view.figure)


def test_the_view_stays_as_it_was():
    view = VIEWS["path"](WAR, LOOK, platform="duoduo")
    before = json.dumps(view.figure)
    sent(charts.ready(view.figure))
    assert json.dumps(view.figure) == before


@pytest.mark.parametrize(
    "figure",
    [
        pytest.param(go.Figure(go.Bar(y=[1, 2])), id="a Figure"),
        pytest.param({"data": [{"type": "bar", "y": np.arange(3.0)}], "layout": {}}, id="arrays, which Plotly packs"),
        pytest.param({"data": [{"type": "bar", "y": [1]}]}, id="no layout"),
    ],
)
def test_what_plotly_must_see_it_sees(figure):
    assert charts.ready(figure) is figure


def test_a_template_of_its_own_is_kept():
    figure = {"data": [{"type": "bar", "y": [1]}], "layout": {"template": {}}}
    assert charts.ready(figure).to_dict()["layout"]["template"] == {}
