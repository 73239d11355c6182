"""What a scenario asks for and a market does not have: networks, tiers, regions, provinces, cities."""

from dataclasses import replace

from analysis.scenario.contest import MarketModel
from analysis.scenario.levers import Lever, Scenario


def absent(scenario: Scenario, model: MarketModel) -> tuple[Lever, ...]:
    """Levers that miss something: whole ones, and of those that miss some of their cities the part in these."""
    return tuple(lost for lever in scenario.levers if (lost := _lost(lever, model)) is not None)


def _lost(lever: Lever, model: MarketModel) -> Lever | None:
    asked = (
        (lever.platform, model.platforms),
        (lever.tier, model.tiers),
        (lever.region, model.region),
        (lever.province, model.province),
    )
    if any(name is not None and name not in known for name, known in asked):
        return lever
    cities = tuple(city for city in lever.cities if city not in model.cities)
    return replace(lever, cities=cities) if cities else None
