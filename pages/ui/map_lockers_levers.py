"""What the reader can change of lockers: the set, its day, what is asked of it, and which parcels it gets."""

from dataclasses import dataclass, replace

import streamlit as st

from analysis.economics import STANDARD, Locker
from analysis.space.lockers_need import JUDGED, Service
from analysis.space.lockers_rhythm import DROPS, PICKED_UP, VISIT, Rhythm, rhythm
from analysis.views.look import Look
from pages.ui import inputs, state

IN_A_ROW, FIRST_ROW = 4, 5
FROM = ("market", "share")
"""Parcels offered to lockers: those of the market's networks of lockers, or a share of all hand-overs."""
_SMALL, _MEDIUM, _LARGE = STANDARD.cells
SERVICE = Service()
# fmt: off
SLIDERS: dict[str, tuple[float, float, float, float]] = {
    "small": (0.0, 150.0, _SMALL, 1.0),
    "medium": (0.0, 150.0, _MEDIUM, 1.0),
    "large": (0.0, 60.0, _LARGE, 1.0),
    "hours": (2.0, 24.0, STANDARD.hours_in_cell, 0.5),
    "mix_small": (0.0, 100.0, 100 * STANDARD.mix[0], 1.0),
    "mix_medium": (0.0, 100.0, 100 * STANDARD.mix[1], 1.0),
    "drops": (0.0, 90.0, 100 * STANDARD.peak_share, 5.0),
    "picked": (5.0, 90.0, 100 * PICKED_UP, 5.0),
    "first": (5.0, 12.0, float(DROPS[0]), 1.0),
    "last": (13.0, 18.0, float(DROPS[1]), 1.0),
    "visit": (1.0, 20.0, float(VISIT), 1.0),
    "level": (80.0, 99.9, 100 * SERVICE.level, 0.1),
    "spread": (0.0, 100.0, 100 * SERVICE.spread, 5.0),
    "busy": (100.0, 300.0, 100.0, 5.0),
}
"""Lowest, highest, default and step of each slider."""
# fmt: on
SHARE = (1.0, 60.0, 10.0, 0.5)
"""The same for the share of hand-overs in per cent; the default is the bureau's target for 2021."""


@dataclass(frozen=True, slots=True)
class Levers:
    """As the reader left them.

    Attributes
    ----------
    locker : Locker
        The set in which need is counted.
    rhythm : Rhythm
        Its day.
    service : Service
        What is asked.
    busy : float
        Parcels of the day looked at over those of the average day.
    share : float or None
        Part of all hand-overs that lockers get; None: what the market's networks of lockers have.
    """

    locker: Locker
    rhythm: Rhythm
    service: Service
    busy: float
    share: float | None


def levers(look: Look) -> Levers:
    """Draw them; the first rows are those asked for most."""
    with st.container(border=True, gap="small", key="card_lock_levers"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="lock_asked"):
            judged = inputs.switch(look, "lock_judged", JUDGED, label=lambda j: look.say(f"lockmap.judged_{j}"))
            source = inputs.switch(look, "lock_from", FROM, label=lambda f: look.say(f"lockmap.from_{f}"))
        with st.grid(FIRST_ROW, min_column_width=170, gap="small"):
            found = {name: _slider(look, name) for name in ("level", "hours", "visit", "busy", "spread")}
            share = None if source == FROM[0] else _amount(look, "share", SHARE) / 100
        with st.expander(look.say("lockmap.more"), key="lock_more"):
            with st.grid(IN_A_ROW, min_column_width=190, gap="small"):
                found |= {name: _slider(look, name) for name in SLIDERS if name not in found}
            mix = _mix(found["mix_small"] / 100, found["mix_medium"] / 100)
            large = look.say("lockmap.rest_large", part=f"{mix[2] * 100:.0f}%")
            st.caption(look.text([large, look.say("lockmap.sources")]))
            st.button(look.say("lockmap.reset"), icon=":material/restart_alt:", key="lock_reset", on_click=_reset)
        locker = _locker(found, mix)
        day = rhythm(
            locker,
            picked_up_in_peak=found["picked"] / 100,
            drops=(round(found["first"]), round(found["last"])),
            visit=round(found["visit"]),
        )
        _say_rhythm(look, day, found["picked"] / 100)
    when = next(one for one in JUDGED if one == judged)
    service = Service(found["level"] / 100, when, found["spread"] / 100)
    return Levers(locker, day, service, found["busy"] / 100, share)


def _slider(look: Look, name: str) -> float:
    return _amount(look, name, SLIDERS[name])


def _amount(look: Look, name: str, bounds: tuple[float, float, float, float]) -> float:
    low, high, default, step = bounds
    pattern = "%.1f" if step < 1 else "%.0f"
    label = look.say(f"lockmap.lever_{name}")
    return inputs.amount(look, f"lock_{name}", low, high, float(default), step, label=label, pattern=pattern)


def _mix(small: float, medium: float) -> tuple[float, float, float]:
    """Parts by size; large parcels are the rest, and none where the others take all."""
    whole = max(small + medium, 1.0)
    return small / whole, medium / whole, max(1 - (small + medium) / whole, 0.0)


def _locker(found: dict[str, float], mix: tuple[float, float, float]) -> Locker:
    cells = tuple(round(found[size]) for size in ("small", "medium", "large"))
    return replace(STANDARD, cells=cells, mix=mix, hours_in_cell=found["hours"], peak_share=found["drops"] / 100)


def _say_rhythm(look: Look, day: Rhythm, asked: float) -> None:
    """What the day comes to, and where what was asked cannot be reached."""
    said = {
        "hours": f"{day.hours_in_cell:.1f}",
        "picked": f"{day.picked_up_in_peak * 100:.0f}%",
        "long": f"{day.longer_than_a_day * 100:.0f}%",
        "peak": look.say("lockmap.hours", first=day.peak[0], last=day.peak[1]),
    }
    words = [look.say("lockmap.all_networks"), look.say("lockmap.rhythm", **said)]
    if abs(day.picked_up_in_peak - asked) > 0.005:
        words.append(look.say("lockmap.nearest", asked=f"{asked * 100:.0f}%"))
    st.caption(look.text(words))


def _reset() -> None:
    """Every slider back to its default; widgets start anew from the value the session holds."""
    for name, (*_, default, _step) in {**SLIDERS, "share": SHARE}.items():
        state.put(f"lock_{name}", float(default), float(default))
        for key in [key for key in st.session_state if str(key).startswith(f"lock_{name}.")]:
            del st.session_state[key]
