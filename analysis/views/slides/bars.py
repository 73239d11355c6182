"""Bars: stacked, beside each other, from a base of their own, falling and rising."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.views.slides import bases
from analysis.views.slides.panels import Panel, Trace, at, listed, number, plain, runs
from analysis.views.slides.read_bars import PIXEL, Stack, colours, keys, lengths, starts
from analysis.views.slides.scales import number_format, value_format
from analysis.views.slides.spec import Error, Label, Pen, Run, Series, Written

ROUNDED = 2e-3
"""Bases may differ from the ends of the bars before them by this part of the longest bar."""


def once(trace: Trace, *, lying: bool) -> list[Trace]:
    """Traces in which no category comes twice: the first of each, the second of each..."""
    seen: dict[Any, int] = {}
    turns: list[list[int]] = []
    for index, key in enumerate(keys(trace, lying=lying)):
        turn = seen[key] = seen.get(key, -1) + 1
        turns.extend([] for _ in range(turn + 1 - len(turns)))
        turns[turn].append(index)
    return [trace] if len(turns) < 2 else [_some(trace, turn) for turn in turns]


def _some(trace: Trace, wanted: Sequence[int]) -> Trace:
    size = len(listed(trace.get("y")))

    def cut(value: Any) -> Any:
        return [value[i] for i in wanted] if isinstance(value, list) and len(value) == size else value

    marker = {key: cut(value) for key, value in (trace.get("marker") or {}).items()}
    pattern = {key: cut(value) for key, value in (marker.get("pattern") or {}).items()}
    return {**{key: cut(value) for key, value in trace.items()}, "marker": {**marker, "pattern": pattern}}


def stack(panel: Panel, traces: Sequence[Trace], order: Sequence[Any], *, lying: bool) -> Stack | None:
    """Bars of a panel; None for bases that no stack can draw."""
    split = [part for trace in traces for part in once(trace, lying=lying)]
    mode = panel.layout.get("barmode")
    based = [trace for trace in split if any(number(one) for one in starts(trace, lying=lying))]
    if based and not _cumulative(split, order, lying=lying):
        return bases.made(split, order, lying=lying)
    stacked = bool(based) or (mode in ("stack", "relative") and len(split) > 1)
    made = tuple(_bar(trace, order, lying=lying, stacked=stacked) for trace in split)
    overlaid = not stacked and (len(made) == 1 or mode in ("overlay", "relative", "stack"))
    return Stack(made, stacked, _ends(made, stacked=stacked), overlaid)


def _cumulative(traces: Sequence[Trace], order: Sequence[Any], *, lying: bool) -> bool:
    """Whether the bases are no more than a stack written out, in whatever order in each row."""
    pieces: dict[Any, list[tuple[float, float]]] = {key: [] for key in order}
    for trace in traces:
        for key, base, length in zip(
            keys(trace, lying=lying), starts(trace, lying=lying), lengths(trace, lying=lying), strict=True
        ):
            if length:
                pieces[key].append((number(base) or 0.0, length))
    near = ROUNDED * max((abs(length) for some in pieces.values() for _, length in some), default=1.0)
    for some in pieces.values():
        reached = 0.0
        for base, length in sorted(some):
            if length < 0 or abs(base - reached) > near:
                return False
            reached = base + length
    return True


def _bar(trace: Trace, order: Sequence[Any], *, lying: bool, stacked: bool) -> Series:
    """One trace along all categories."""
    found, values = keys(trace, lying=lying), lengths(trace, lying=lying)
    where = {key: index for index, key in enumerate(found)}
    fills, striped = colours(trace, len(found))
    spread = [where.get(key) for key in order]
    laid = [None if index is None else values[index] for index in spread]
    painted = [fills[0] if index is None else fills[index] for index in spread] if fills else []
    uneven = len(set(painted)) > 1
    hatched = ["" if index is None else striped[index] for index in spread]
    rims = ((trace.get("marker") or {}).get("line") or {}).get("color")
    edges = ["" if index is None else str(at(rims, index) or "") for index in spread] if isinstance(rims, list) else []
    own = uneven or any(hatched) or len(set(edges)) > 1
    made = Series(
        plain(trace.get("name") or ""),
        laid,
        "bar",
        fill=painted[0] if painted else "",
        fills=painted if own else (),
        hatched=hatched,
        edge=str(at(rims, 0) or ""),
        edges=edges,
        error=_error(trace, spread, along="x" if lying else "y"),
        legend=trace.get("showlegend") is not False and bool(trace.get("name")),
    )
    return written(made, trace, spread, stacked=stacked)


def _error(trace: Trace, spread: Sequence[int | None], *, along: str) -> Error | None:
    given = trace.get(f"error_{along}") or {}
    if not given or given.get("visible") is False or not given.get("array"):
        return None
    plus = [0.0 if i is None else number(at(given["array"], i)) or 0.0 for i in spread]
    minus = [0.0 if i is None else number(at(given.get("arrayminus") or given["array"], i)) or 0.0 for i in spread]
    pen = Pen(str(given.get("color") or "#0b1220"), (number(given.get("thickness")) or 1.5) * PIXEL)
    return Error(plus, minus, pen, "x" if along == "x" else "y", cap=bool(given.get("width", 4)))


def written(made: Series, trace: Trace, spread: Sequence[int | None], *, stacked: bool) -> Series:
    """The series with the values that are written on it: by a number format where one says the same."""
    texts = trace.get("text")
    if not isinstance(texts, list) or not any(texts) or trace.get("textposition") == "none":
        return made
    where = str(at(trace.get("textposition"), 0) or "auto")
    place = "outEnd" if where == "outside" and not stacked else _inside(trace)
    ink = (trace.get("insidetextfont") or trace.get("textfont") or {}).get("color") if place != "outEnd" else None
    if stacked and where == "outside":
        return made
    labels: dict[int, Label] = {}
    shown: list[tuple[float, str]] = []
    for position, (value, index) in enumerate(zip(made.values, spread, strict=True)):
        if index is None or value is None:
            continue
        colour = str(at(ink, index) or "")
        text = str(texts[index] or "").strip()
        inked = tuple(run if run.colour else Run(run.text, colour, run.bold) for run in runs(text) if plain(text))
        labels[position] = Label(inked, place)
        shown += [(value, text)] if inked else []
    form = number_format([value for value, _ in shown], [text for _, text in shown])
    dressed = {run[1:] for label in labels.values() for run in label.runs}
    if form is not None and len(dressed) == 1 and not any(bold for _, bold in dressed):
        gone = {position: label for position, label in labels.items() if not label.runs}
        return replace(made, labels=gone, written=Written(form, place, dressed.pop()[0]))
    said = {position: label for position, label in labels.items() if label.runs}
    return replace(made, labels={position: live(label, made.values[position]) for position, label in said.items()})


def live(label: Label, value: float | None) -> Label:
    """The label as its value in a number format, where one says the same in one colour and weight; else as it is."""
    if value is None or len({run[1:] for run in label.runs}) != 1:
        return label
    return label._replace(format=value_format(value, "".join(run.text for run in label.runs)) or "")


def _inside(trace: Trace) -> str:
    anchor = trace.get("insidetextanchor") or "end"
    return {"start": "inBase", "middle": "ctr"}.get(str(anchor), "inEnd")


def _ends(made: Sequence[Series], *, stacked: bool) -> tuple[float, ...]:
    if not stacked:
        plain_ends = [value for one in made for value in one.values if value is not None]
        for one in made:
            if one.error is not None:
                plain_ends += [(v or 0) + p for v, p in zip(one.values, one.error.plus, strict=True)]
        return (0.0, *plain_ends)
    columns = zip(*(one.values for one in made), strict=True)
    sums = [[value for value in column if value is not None] for column in columns]
    return (0.0, *(sum(v for v in one if v > 0) for one in sums), *(sum(v for v in one if v < 0) for one in sums))
