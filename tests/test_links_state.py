"""Every input is in the address: a session begun from it shows what the first one shows."""

from itertools import islice

import pytest

from tests.test_pages import charts, start

KINDS = ("selectbox", "multiselect", "slider", "number_input", "checkbox", "toggle", "text_input")
SHOWN = ("title", "header", "caption", "markdown", "info", "warning", "error", "success")
MOST_INPUTS = 8
"""Of a kind, at once."""
STATES = [
    ("overview", {}),
    ("share", {"count": "owner", "by": "region", "picture": "time"}),
    ("share", {"view": "moves"}),
    ("share", {"view": "drivers", "response": "elastic"}),
    ("share", {"view": "trust", "proof": "residuals"}),
    ("share", {"view": "couriers"}),
    ("subsidy", {"show": "part"}),
    ("subsidy", {"part": "effect"}),
    ("subsidy", {"part": "station"}),
    ("scenario", {}),
    ("scenario", {"section": "rivals", "shows": "tiers"}),
    ("growth", {}),
    ("growth", {"topic": "tiers", "tiers_show": "share"}),
    ("map", {"room": "nation", "nat_form": "provinces"}),
    ("map", {"room": "coverage"}),
    ("map", {"room": "lockers"}),
    ("map", {"room": "rural", "rur_part": "reach"}),
    ("record", {}),
    ("data", {"tab": "anchors"}),
]


def inputs(app):
    return [one for kind in KINDS for one in islice((w for w in app.get(kind) if _ours(w)), MOST_INPUTS)]


def _ours(widget):
    return bool(widget.key) and not widget.key.startswith(("language", "plan.name"))


def other(widget):
    """Give an input a value that it does not have; whether there is one."""
    if widget.type == "selectbox":
        more = [n for n in range(len(widget.options)) if n != widget.index]
        return bool(more) and bool(widget.select_index(more[0]))
    if widget.type == "multiselect":
        more = [option for option in widget.options if option not in (widget.value or ())]
        return bool(more) and bool(widget.select(more[0]))
    if widget.type in ("slider", "number_input"):
        if not isinstance(widget.value, int | float):
            return False
        up = widget.max is None or widget.value + widget.step <= widget.max
        return bool(widget.set_value(round(widget.value + widget.step * (1 if up else -1), 6)))
    if widget.type == "text_input":
        return bool(widget.set_value("2"))
    return bool(widget.set_value(not widget.value))


def shown(app):
    return {
        **{kind: [element.value for element in app.get(kind)] for kind in SHOWN},
        "metrics": [(one.label, one.value, one.delta) for one in app.metric],
        "charts": [chart.spec for chart in charts(app)],
        "maps": [deck.proto.json for deck in app.get("deck_gl_json_chart")],
        "tables": [table.value.to_csv() for table in app.dataframe],
        "inputs": {one.key: one.value for one in inputs(app)},
    }


@pytest.mark.parametrize(("page", "query"), STATES, ids=[f"{page}-{'-'.join(q.values())}" for page, q in STATES])
def test_an_address_holds_every_input_of_its_page(page, query):
    app = start(page, **query)
    assert not app.exception
    before = shown(app)
    changed = [widget.key for widget in inputs(app) if other(widget)]
    app.run()
    assert not app.exception
    after = shown(app)
    assert not changed or after != before
    again = start(page, **app.query_params)
    assert not again.exception
    found = shown(again)
    assert {kind for kind in after if after[kind] != found[kind]} == set()
