"""Every site's own account, the steps of a choice among candidates, and the exponents behind it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.views import plain
from analysis.views.look import Look, View
from data.grade import Grade

ACCOUNT = (
    *("name", "lat", "lon", "format", "state", "parcels_per_day", "own_loss", "rivals_loss", "nobody"),
    *("takes_per_day", "break_even_per_day", "profit_cny_per_month"),
)
"""Columns of an account: one row a site placed ("new") or a station shut ("shut": what it had and to whom it went).

own_loss, rivals_loss and nobody are parcels a day that come from (or go to, when shut) other stations of the network,
rivals, and demand out of reach of any station.
"""


def site_table(account: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The account in the reader's language, with the part lost by the network's own stations."""
    parcels = account["parcels_per_day"].to_numpy(float)
    own = np.divide(account["own_loss"] * 100, parcels, out=np.full(len(account), np.nan), where=parcels > 0)
    columns: dict[str, object] = {
        look.say("catch.site"): account["name"],
        look.say("station.format"): [look.say(f"station.format_{one}") for one in account["format"]],
        look.say("catch.state"): [look.say(f"catch.state_{one}") for one in account["state"]],
        look.say("catch.parcels_per_day"): account["parcels_per_day"].round(1),
        look.say("catch.profit"): account["profit_cny_per_month"].round(0),
        look.say("catch.break_even"): account["break_even_per_day"].replace(np.inf, np.nan).round(0),
        look.say("catch.takes"): account["takes_per_day"].replace(np.inf, np.nan).round(0),
        look.say("catch.own_part"): np.round(own, 1),
        look.say("catch.from_rivals"): account["rivals_loss"].round(1),
        look.say("catch.from_nobody"): account["nobody"].round(1),
        look.say("catch.latitude"): account["lat"].round(5),
        look.say("catch.longitude"): account["lon"].round(5),
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def site_finding(account: pd.DataFrame, look: Look) -> str:
    """How many new sites live on their parcels, and which are beyond what they can take."""
    new = account[account["state"] == "new"]
    if new.empty:
        return look.say("catch.account_shut", n=len(account))
    lives = int((new["profit_cny_per_month"] > 0).sum())
    said = look.say("catch.account", n=len(new), lives=lives)
    full = new.loc[new["parcels_per_day"] > new["takes_per_day"], "name"]
    return said + look.say("catch.beyond", names=look.few(list(full))) if len(full) else said


def steps(
    chosen: pd.DataFrame,
    look: Look,
    *,
    network: str,
    objective: str,
    exact: bool,
    gap: float,
    caption: str,
    grade: Grade,
) -> View:
    """Bars of what each step adds, best first.

    Parameters
    ----------
    chosen : DataFrame
        One row a step: name, gain (parcels a day or CNY a month, by `objective`), parcels_per_day (of the new site when
        it is placed) and own_loss (parcels a day its own network loses to it).
    objective : str
        "parcels" or "profit".
    exact : bool
        Whether the set is the best there is.
    gap : float
        Most that the best set could still add, as a part of what the greedy one gains; not a number where unknown.
    """
    unit = look.say(f"catch.unit_{objective}")
    table = pd.DataFrame(
        {
            look.say("catch.step"): range(1, len(chosen) + 1),
            look.say("catch.site"): chosen["name"].to_numpy(),
            look.say(f"catch.gain_{objective}"): chosen["gain"].round(1).to_numpy(),
            look.say("catch.parcels_per_day"): chosen["parcels_per_day"].round(1).to_numpy(),
            look.say("catch.own_loss"): chosen["own_loss"].round(1).to_numpy(),
            look.say("catch.latitude"): chosen["lat"].round(5).to_numpy(),
            look.say("catch.longitude"): chosen["lon"].round(5).to_numpy(),
        }
    )
    bars = {
        "type": "bar",
        "x": [str(name) for name in chosen["name"]],
        "y": plain.numbers(chosen["gain"]),
        "marker": {"color": look.theme.colour(network)},
        "text": [look.short(round(float(value), 1)) for value in chosen["gain"]],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": f"%{{x}} <b>%{{y:,.1f}}</b> {unit}<extra></extra>",
    }
    most = float(chosen["gain"].max()) if len(chosen) else 1.0
    figure = plain.figure(
        (bars,),
        look,
        height=220,
        bargap=0.55,
        x={"type": "category"},
        y={"visible": False, "range": [min(0.0, float(chosen["gain"].min()) if len(chosen) else 0.0), most * 1.2]},
    )
    total = float(chosen["gain"].sum())
    amount = look.say(
        f"catch.amount_{objective}", value=look.count(total) if objective == "parcels" else look.money(total)
    )
    title = look.say("catch.steps_finding", n=len(chosen), amount=amount)
    how = look.say("catch.exact") if exact else greedy_words(gap, look)
    items = look.join(f"{row.name} {row.gain:,.0f}" for row in chosen.itertuples(index=False))
    alt = look.say("catch.alt_steps", items=items)
    return View(figure, table, title, look.text([caption, how]), alt, grade)


def greedy_words(gap: float, look: Look) -> str:
    """How far a greedy set can be from the best one."""
    return look.say("catch.greedy_gap", gap=f"{gap * 100:.1f}") if np.isfinite(gap) else look.say("catch.greedy")


def exponent_table(rows: Sequence[Mapping[str, float]], names: Sequence[str], look: Look) -> pd.DataFrame:
    """Fitted exponents with standard error and 95 % interval; each of `rows` has value, std_error, low and high."""
    return pd.DataFrame(
        {
            look.say("catch.exponent"): list(names),
            look.say("catch.fitted_value"): [round(row["value"], 3) for row in rows],
            look.say("catch.std_error"): [round(row["std_error"], 3) for row in rows],
            look.say("data.from"): [round(row["low"], 3) for row in rows],
            look.say("data.to"): [round(row["high"], 3) for row in rows],
        }
    )
