"""Every measure in every month, as the rooms of the Map page draw it."""

from analysis.views import nation
from data.markets import Market
from pages.ui import cached
from pages.ui.inputs import Filters


def frames(market: Market, filters: Filters, network: str, measure: str, by: str = "city") -> nation.Frames:
    """A measure by prefecture or province (`by`) in all months, of the cities that fit the filters. Shared."""
    panel = market.panel
    assert panel is not None
    key = market.version, filters.tiers, filters.regions, filters.area, network, measure, by
    return cached.kept("frames", key, lambda: nation.frames(filters.rows(panel), network, measure, by=by))
