"""A saved scenario on today's market: what its result moved by, and whether data, fitted effects or defaults moved it.

With a save may go a snapshot: the arrays of its market and the default assumptions of the day. The move is split in
this order: today's data under the effects fitted then; then today's effects; then today's defaults. Another order would
give other parts, the same sum. Without a snapshot there is today's result alone.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.scenario import Lever, MarketModel, Scenario, fitting, measure, simulate
from analysis.scenario.absent import absent
from analysis.scenario.fields import ScenarioFileError

FORMAT = 1
_TEXTS = ("platforms", "tiers", "cities", "region", "province", "groups")
_NUMBERS = {"bounds": int, "observed_range": float, "growth": float}
_EFFECTS = ("slopes", "density", "covariance", "df", "groups")
_DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
"""What reading a damaged archive raises; encrypted or unknown compression is a RuntimeError."""
ALL = "all"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a result moved by since its scenario was saved, in the unit of the measure.

    Attributes
    ----------
    measure, platform, tier : str
        What is followed; a name of `analysis.scenario.MEASURES`.
    before : float
        On the market of the save; not a number when that was not kept.
    data, effects, assumptions : float
        What today's data, fitted effects and default assumptions add, in this order; not numbers when the market was
        not kept.
    after : float
        On today's market: the sum of the four.
    month_before : pandas.Timestamp or None
        Observed month of the market of the save; None when that was not kept.
    month_after : pandas.Timestamp
        Observed month of today's market.
    changed : tuple of str
        Keys of the assumptions whose defaults changed and that the scenario does not set itself.
    left_out : tuple of Lever
        Levers on networks and places that today's market does not have; of a list of cities, those missing.
    """

    measure: str
    platform: str
    tier: str
    before: float
    data: float
    effects: float
    assumptions: float
    after: float
    month_before: pd.Timestamp | None
    month_after: pd.Timestamp
    changed: tuple[str, ...]
    left_out: tuple[Lever, ...]

    @property
    def parts(self) -> pd.Series:
        """`data`, `effects` and `assumptions`, in the order in which they were changed."""
        return pd.Series({"data": self.data, "effects": self.effects, "assumptions": self.assumptions})


def snapshot(model: MarketModel) -> bytes:
    """The market and the default assumptions of the day, as a compressed archive of plain arrays."""
    arrays = {field.name: getattr(model, field.name) for field in fields(model)}
    arrays |= {name: np.array(arrays[name], dtype=np.str_) for name in _TEXTS}
    arrays |= {"month": np.array(model.month.isoformat()), "format": np.array(FORMAT)}
    arrays |= {"keys": np.array(list(ASSUMPTIONS)), "values": np.array([a.value for a in ASSUMPTIONS.values()])}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def restore(data: bytes) -> MarketModel:
    """Market of a snapshot.

    Raises
    ------
    ScenarioFileError
        "no_snapshot" when there is none, or another version wrote it.
    """
    return _market(_arrays(data))


def moved(
    scenario: Scenario,
    before: bytes,
    model: MarketModel,
    *,
    platform: str,
    measure: str = "share",
    tier: str = ALL,
) -> Moved:
    """What the result of a saved scenario moved by.

    Parameters
    ----------
    before : bytes
        Snapshot of the save; empty when none was kept.
    model : MarketModel
        Today's market.
    platform, measure, tier : str
        What is followed: change against the same market without levers, at the estimates.

    Raises
    ------
    ScenarioFileError
        "no_snapshot", or "unknown" when either market lacks the network or the tier.
    """
    _check(model, platform, tier)
    if not before:
        return _today(scenario, model, measure, platform, tier)
    arrays = _arrays(before)
    old = _market(arrays)
    _check(old, platform, tier)
    defaults = _changed(dict(zip(arrays["keys"].tolist(), arrays["values"].tolist(), strict=True)), scenario)
    then = replace(scenario, assumptions=(*scenario.assumptions, *defaults.items()))
    steps = ((then, old), (then, _with_effects(model, old)), (then, model), (scenario, model))
    found = [_result(story, market, measure, platform, tier) for story, market in steps]
    data, effects, assumptions = (later - earlier for earlier, later in pairwise(found))
    return Moved(
        measure,
        platform,
        tier,
        before=found[0],
        data=data,
        effects=effects,
        assumptions=assumptions,
        after=found[-1],
        month_before=old.month,
        month_after=model.month,
        changed=tuple(defaults),
        left_out=absent(scenario, model),
    )


def _today(scenario: Scenario, model: MarketModel, name: str, platform: str, tier: str) -> Moved:
    """Where nothing is known of the market of the save."""
    return Moved(
        name,
        platform,
        tier,
        before=np.nan,
        data=np.nan,
        effects=np.nan,
        assumptions=np.nan,
        after=_result(scenario, model, name, platform, tier),
        month_before=None,
        month_after=model.month,
        changed=(),
        left_out=absent(scenario, model),
    )


def _result(scenario: Scenario, model: MarketModel, name: str, platform: str, tier: str) -> float:
    return measure(simulate(fitting(scenario, model)[0], model, draws=0), name, platform, tier)


def _check(model: MarketModel, platform: str, tier: str) -> None:
    for field, value, known in (("platform", platform, model.platforms), ("tier", tier, (ALL, *model.tiers))):
        if value not in known:
            raise ScenarioFileError("unknown", field=field, value=value, choices=", ".join(known))


def _changed(then: Mapping[str, float], scenario: Scenario) -> dict[str, float]:
    """Defaults of the save that are others today, where the scenario does not set its own."""
    own = dict(scenario.assumptions)
    known = {key: value for key, value in then.items() if key in ASSUMPTIONS and key not in own}
    return {key: value for key, value in known.items() if value != ASSUMPTIONS[key].value}


def _with_effects(model: MarketModel, old: MarketModel) -> MarketModel:
    """Today's data under the effects of `old`: a city keeps its coefficient, a new one takes that of its group."""
    by_city = dict(zip(old.cities, old.group.tolist(), strict=True))
    by_name = {name: place for place, name in enumerate(old.groups)}
    usual = int(np.bincount(old.group).argmax())
    names = (model.groups[place] for place in model.group)
    places = (by_city.get(city, by_name.get(name, usual)) for city, name in zip(model.cities, names, strict=True))
    return replace(model, group=np.array(list(places), dtype=np.int64), **{key: getattr(old, key) for key in _EFFECTS})


def _arrays(data: bytes) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            broken = archive.testzip()
        if broken is not None:
            raise ScenarioFileError("no_snapshot")
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            found = {name: kept[name] for name in kept.files}
    except _DAMAGE as error:
        raise ScenarioFileError("no_snapshot") from error
    wanted = {"format", "keys", "values", *(field.name for field in fields(MarketModel))}
    if set(found) != wanted or int(found["format"]) != FORMAT:
        raise ScenarioFileError("no_snapshot")
    return found


def _market(arrays: Mapping[str, np.ndarray]) -> MarketModel:
    plain: dict[str, object] = {field.name: arrays[field.name] for field in fields(MarketModel)}
    plain |= {name: tuple(map(str, arrays[name].tolist())) for name in _TEXTS}
    plain |= {name: tuple(map(kind, arrays[name].tolist())) for name, kind in _NUMBERS.items()}
    return MarketModel(**{**plain, "month": pd.Timestamp(str(arrays["month"]))})
