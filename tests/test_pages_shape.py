"""Files of days, districts and merged cells on the Data page: added up and filled down when the reader says so."""

import pytest

from data.text import LANGUAGES, say
from tests.test_pages import start
from tests.uploads import drop

DAYS = "日期,城市,品牌,件量\n2025-01-01,杭州,菜鸟,3\n2025-01-02,杭州,菜鸟,4\n"
MERGED = "月份,城市,品牌,件量\n2025-01,杭州,菜鸟,3\n,,多多,4\n"


def used(app):
    """Parcels of the good rows."""
    app.button(key="session_only").click().run()
    assert not app.exception
    return app.session_state["intake.market"].volumes["parcels"].to_list()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_days_are_added_up_by_a_switch(lang):
    app = drop(start("data", lang=lang), {"days.csv": DAYS.encode()})
    assert app.toggle[0].label == say("data.add_up", lang)
    app.toggle[0].set_value(True).run()
    assert used(app) == [7]


def test_merged_cells_are_filled_down():
    app = drop(start("data", lang="zh"), {"merged.csv": MERGED.encode()})
    pills = next(group for group in app.button_group if group.label == say("data.fill_down", "zh"))
    pills.set_value(["月份", "城市"]).run()
    assert used(app) == [3, 4]
