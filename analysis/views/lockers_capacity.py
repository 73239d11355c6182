"""What one set takes, and the few other numbers said of a set, in one table that reconciles them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.economics.locker import Locker, capacity
from analysis.space.lockers_need import Curve, Service
from analysis.views.lockers import level, part
from analysis.views.look import Look

DIGITS = 6
"""Digits of a part that a solved capacity has."""


def title(curve: Curve, look: Look, service: Service) -> str:
    """The one figure of the room."""
    takes = curve.takes(service)
    said = {"cells": f"{sum(curve.locker.cells):,}", "takes": _parcels(takes), "level": level(service)}
    return look.say("lockmap.capacity_title", when=look.say(f"lockmap.when_{service.judged}"), **said)


def table(
    curve: Curve, locker: Locker, look: Look, *, service: Service, given: float, uneven: float, where: str
) -> pd.DataFrame:
    """Parcels a day of one set of the kind chosen, and what is turned away then, alone and among unequal sets.

    Parameters
    ----------
    curve : Curve
        Of that set.
    locker : Locker
        The set.
    look : Look
        Language and theme.
    service : Service
        What is asked.
    given : float
        Parcels a day that the average set gets.
    uneven : float
        Part of the parcels of `where` turned away by its sets as they are; not a number without sets.
    where : str
        Whose average set.
    """
    alone = curve.takes(replace(service, spread=0.0))
    lasting = capacity(locker, tolerated=1 - service.level) if alone > 0 and locker.peak_share > 0 else 0.0
    rows: list[tuple[str, float, float]] = [
        ("takes", curve.takes(service), np.nan),
        ("alone", alone, np.nan),
        ("lasting", lasting, np.nan),
        ("given", given, uneven),
    ]
    cells, spread = f"{sum(locker.cells):,}", f"{service.spread * 100:g}%"
    kept = [row for row in rows if row[1] > 0]
    return pd.DataFrame(
        {
            look.say("lockmap.capacity_what"): [
                look.say(f"lockmap.capacity_{key}", spread=spread, where=where, cells=cells) for key, *_ in kept
            ],
            look.say("lockmap.capacity_parcels"): [_parcels(parcels) for _, parcels, _ in kept],
            look.say("lockmap.capacity_lost_alone"): [_lost(curve, parcels, service, 0.0) for _, parcels, _ in kept],
            look.say("lockmap.capacity_lost_uneven"): [
                _lost(curve, parcels, service, service.spread) if np.isnan(known) else part(known)
                for _, parcels, known in kept
            ],
        }
    )


def _parcels(number: float) -> str:
    return f"{number:,.0f}" if np.isfinite(number) else "∞"


def _lost(curve: Curve, parcels: float, service: Service, spread: float) -> str:
    lost = float(curve.at(parcels, service.judged, spread=spread)) if np.isfinite(parcels) else np.nan
    return part(round(lost, DIGITS))
