"""Charts on their way to the browser without being built a second time.

Streamlit makes a `plotly.graph_objects.Figure` of a plain dict to check it, which takes many times as long as making
the dict. The views make their dicts themselves, and tests make Figures of them.
"""

from functools import cache
from typing import Any

from pages.ui import outlines


def ready(figure: Any) -> Any:
    """A view's figure with the reader's own outlines, as `st.plotly_chart` takes it.

    A dict without arrays, which Plotly would pack, is sent as it is, with the template that Plotly would give it.
    """
    figure = outlines.drawn(figure)
    if not isinstance(figure, dict) or set(figure) != {"data", "layout"} or _packed(figure):
        return figure
    layout = figure["layout"]
    if "template" not in layout:
        layout = {**layout, "template": _template()}
    return _kind()({"data": [dict(trace) for trace in figure["data"]], "layout": layout})


def _packed(figure: dict[str, Any]) -> bool:
    """Whether some values are arrays."""
    return any(hasattr(value, "dtype") for trace in figure["data"] for value in trace.values())


@cache
def _kind() -> Any:
    """A kind of Plotly's figure that holds a dict and says that it was checked."""
    from plotly.basedatatypes import BaseFigure

    def hold(self: Any, figure: dict[str, Any]) -> None:
        self._ready = figure

    def to_dict(self: Any) -> Any:
        return self._ready

    return type("Ready", (BaseFigure,), {"__init__": hold, "to_dict": to_dict})


@cache
def _template() -> Any:
    """The template of every figure without one."""
    import plotly.graph_objects as go

    return go.Figure().to_dict()["layout"]["template"]
