"""What a city's catchments leave out or cannot say, in words."""

import pandas as pd

from analysis.space.catchment import Base
from analysis.space.sizes import capacities
from analysis.views.look import Look, percent
from pages.ui.map_catchment_model import City

FACTOR = 2.0
"""How far the parcels of the session's own demand points may be from the market's before it is said."""
LEAST_BEYOND = 0.005


def cautions(today: City, network: str, look: Look) -> list[str]:
    """Sentences below the room."""
    base, model = today.base, today.base.model
    said = [look.say("catch.demand_reported" if today.own else "catch.demand_modelled")]
    said += [_far_from_market(today, look)] if today.own and today.market_per_day > 0 else []
    edge = look.say("catch.edge", most=model.most, lockers=model.most_lockers)
    said.append(edge if today.own else look.text([look.say("catch.spread"), edge]))
    if base.beyond >= LEAST_BEYOND:
        said.append(look.say("catch.out_of_reach", part=percent(base.beyond, 1), km=f"{model.reach_m / 1000:g}"))
    for key, networks in (("no_stations_of", base.without_stations), ("no_parcels_of", base.without_parcels)):
        if networks:
            said.append(look.say(f"catch.{key}", names=look.few([look.name(one) for one in networks])))
    if not base.brands.reached and base.short:
        names = look.few([look.name(one) for one in base.short])
        said.append(look.say("catch.short_of", names=names, points=f"{base.brands.gap * 100:.1f}"))
    if base.part > 1:
        said.append(look.say("catch.more_than_demand", part=percent(base.part, 0)))
    said.append(above_the_top(base, network, look))
    return [one for one in said if one]


def _far_from_market(today: City, look: Look) -> str:
    """How far the parcels of the own points are from the market's, where that is far."""
    points = float(today.base.demand["parcels_per_day"].sum())
    if today.market_per_day / FACTOR <= points <= today.market_per_day * FACTOR:
        return ""
    return look.say("catch.far_from_market", points=look.count(points), market=look.count(today.market_per_day))


def above_the_top(base: Base, network: str, look: Look) -> str:
    """Formats whose mean station of the network has more parcels than one is taken to handle, in words."""
    mine = base.stations[base.stations["inside"] & (base.stations["platform"].astype(str) == network)]
    table = pd.DataFrame(
        {"format": mine["format"].astype(str), "parcels": mine["parcels_per_day"], "takes": capacities(mine)}
    )
    means = table.groupby("format").mean()
    over = means[means["parcels"] > means["takes"]]
    if over.empty:
        return ""
    each = [
        look.say(
            "catch.mean_of_format",
            format=look.say(f"station.format_{format}"),
            mean=look.count(row["parcels"]),
            takes=look.count(row["takes"]),
        )
        for format, row in over.iterrows()
    ]
    return look.say("catch.above_the_top", name=look.name(network), formats=look.join(each))
