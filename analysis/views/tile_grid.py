"""Tile-grid maps: equal squares in place of borders, for slides and wherever outlines may not be shown."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.views import plain
from analysis.views.heat import steps
from analysis.views.look import Look, View, percent
from analysis.views.nation_map import colour_bar
from analysis.views.nation_scale import Scale, hexes, legend, names, paint, said, scale, words
from analysis.views.nation_values import Frames, graded
from analysis.views.theme import ink_on
from data.cities import cities
from data.geo import provinces
from data.grade import Grade

TILES = {
    "230000": (0, 6),
    **{"220000": (1, 6), "150000": (2, 4), "110000": (2, 5), "210000": (2, 6)},
    **{"650000": (3, 0), "620000": (3, 1), "640000": (3, 2), "140000": (3, 3), "130000": (3, 4), "120000": (3, 5)},
    **{"540000": (4, 0), "630000": (4, 1), "610000": (4, 2), "410000": (4, 3), "370000": (4, 4), "320000": (4, 5)},
    **{"310000": (4, 6), "510000": (5, 1), "500000": (5, 2), "420000": (5, 3), "340000": (5, 4), "330000": (5, 5)},
    **{"530000": (6, 1), "520000": (6, 2), "430000": (6, 3), "360000": (6, 4), "350000": (6, 5), "710000": (6, 6)},
    **{"450000": (7, 2), "440000": (7, 3), "810000": (7, 4), "820000": (7, 5), "460000": (8, 2)},
}
"""Row and column of each province, by its six-digit code: north is up, neighbours stay close."""
ROWS, COLUMNS = 9, 7
SIDE = 5
"""Squares across a province that holds one for each prefecture: 25 places for at most 21."""
STEP = SIDE + 2
"""Squares from one province to the next: two are left for its name."""
HEIGHT, TALL = 590, 760
"""Pixels of provinces, and of prefectures."""
NAMED = 5
LARGE = 100
LEGEND = 11
"""Lines of a legend that fit into the empty corner."""
Cells = dict[str, tuple[int, int]]


def tiles(
    frames: Frames,
    look: Look,
    *,
    title: str,
    caption: str,
    grade: Grade,
    table: pd.DataFrame,
    month: pd.Timestamp | None = None,
    on: Scale | None = None,
    height: int = 0,
) -> View:
    """Tile-grid map of one month.

    Parameters
    ----------
    frames : Frames
        By province: equal squares with name and value. By city: a tile for each prefecture, gathered by province, all
        of one size; they take the whole width.
    title, caption : str
        The finding, and what is measured; `table` holds the same numbers.
    month : Timestamp, optional
        The last of the frames by default.
    on : Scale, optional
        A scale that other maps share; otherwise that of all months of the frames.
    """
    at = -1 if month is None else int(frames.months.get_indexer([month])[0])
    whole, said_of = frames.by == "province", dict(zip(frames.cities, words(frames, look, month=month), strict=True))
    colours = dict(zip(frames.cities, hexes(paint(frames, look, on=on)[at]), strict=True))
    where = TILES if whole else squares(frames.cities)
    called = province_names(look) | dict(zip(frames.cities, names(frames, look), strict=True))
    edges = dict.fromkeys(where, look.theme.colour(""))
    traces = [_squares(where, edges, {}, {}, look, gap=2)] if whole else []
    traces.append(_squares(where, colours, called, said_of, look, gap=4 if whole else 1))
    traces.append(_values(frames, look, at, colours) if whole else _heads(look))
    height = height or (HEIGHT if whole else TALL)
    if frames.lead is None:
        traces.append(colour_bar(on or scale(frames, look), frames.measure, look, flat=True))
    side, above = (1, 0.5) if whole else (STEP, 2.2)
    hidden = {"visible": False, "showgrid": False, "automargin": False}
    figure = plain.figure(
        traces,
        look,
        height=height,
        x={**hidden, "range": [-0.6, (COLUMNS - 1) * side + (0.6 if whole else SIDE)]},
        y={**hidden, "range": [(ROWS - 1) * side + (0.6 if whole else SIDE), -above]}
        | ({"scaleanchor": "x"} if whole else {}),
        annotations=_key(frames, look),
        uirevision="tiles",
    )
    items = look.join(f"{called[code]} {said_of[code]}" for code in frames.cities[:NAMED])
    alt = look.say("nation.tiles_alt", title=title, items=items)
    return View(figure, table, title, caption, alt, graded(frames.measure, grade))


@lru_cache(maxsize=16)
def squares(codes: tuple[str, ...]) -> Cells:
    """Row and column of each prefecture, `STEP` apart from province to province.

    Within its province, prefectures stand in rows from north to south, and in each from west to east. A province
    without any keeps one square, under its own code. Shared: do not change it.
    """
    table = cities()
    known = table[table.index.isin(list(codes))]
    found = {code: (row * STEP + SIDE // 2, column * STEP + SIDE // 2) for code, (row, column) in TILES.items()}
    for digits, group in known.groupby(known.index.str[:2], sort=False):
        row, column = TILES[f"{digits}0000"]
        del found[f"{digits}0000"]
        across = int(np.ceil(np.sqrt(len(group))))
        down = -(-len(group) // across)
        top, left = row * STEP + (SIDE - down) // 2, column * STEP + (SIDE - across) // 2
        north = list(group.sort_values("lat", ascending=False).index)
        for line in range(down):
            rank = group.loc[north[line * across : (line + 1) * across]].sort_values("lon").index
            found |= {str(code): (top + line, left + place) for place, code in enumerate(rank)}
    return found


def province_names(look: Look) -> dict[str, str]:
    """Short names of all provinces by six-digit code, those without data among them."""
    found = (feature["properties"] for feature in provinces()["features"])
    return {str(one["adcode"]): str(one[f"name_{look.lang}"]) for one in found}


def _squares(
    where: Cells,
    colours: Mapping[str, str],
    called: Mapping[str, str],
    said_of: Mapping[str, str],
    look: Look,
    gap: int,
) -> plain.Trace:
    """One cell for each place, in its own colour; what has no data in the neutral one."""
    codes, none = list(where), look.say("nation.no_data")
    down, across = (max(place[axis] for place in where.values()) + 1 for axis in (0, 1))
    z, hover = np.full((down, across), None, dtype=object), np.full((down, across), "", dtype=object)
    for number, (row, column) in enumerate(where.values()):
        z[row, column] = number
        hover[row, column] = f"<b>{called.get(codes[number], '')}</b><br>{said_of.get(codes[number], none)}"
    return {
        "type": "heatmap",
        "z": z.tolist(),
        "zmin": 0,
        "zmax": max(len(codes) - 1, 1),
        "colorscale": steps([colours.get(code, look.theme.grid) for code in codes]),
        "showscale": False,
        "xgap": gap,
        "ygap": gap,
        "hoverongaps": False,
        "text": hover.tolist(),
        "texttemplate": "",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _values(frames: Frames, look: Look, at: int, colours: Mapping[str, str]) -> plain.Trace:
    """Name and value in every province's square, in the ink that reads best on it."""
    inks = {code: ink_on(colours.get(code, look.theme.grid)) for code in TILES}
    shown = dict(zip(frames.cities, _short(frames, look, at), strict=True))
    called = {code: name.replace(" ", "<br>") for code, name in province_names(look).items()}
    return {
        "type": "scatter",
        "mode": "text",
        "x": [column for _, column in TILES.values()],
        "y": [row for row, _ in TILES.values()],
        "text": [f"{called[code]}<br><b>{shown[code]}</b>" if shown.get(code) else called[code] for code in TILES],
        "textfont": {"size": 10 if look.lang == "en" else 12, "color": [inks[code] for code in TILES]},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _short(frames: Frames, look: Look, at: int) -> list[str]:
    """The value alone, without the words of its unit; empty where there is none."""
    values = frames.values[at] if frames.share is None else frames.share[at]
    if frames.measure in ("leader", "network_share"):
        return [percent(float(v), 0) if np.isfinite(v) else "" for v in values]
    if frames.measure == "growth":
        return [f"{100 * v:+.0f}%".replace("-", "−") if np.isfinite(v) else "" for v in values]
    if frames.measure == "income_per_station":
        return [look.short(round(float(v), -2)).replace("-", "−") if np.isfinite(v) else "" for v in values]
    return [said(float(v), "", look) if abs(v) >= LARGE else f"{v:.2g}" if np.isfinite(v) else "" for v in values]


def _heads(look: Look) -> plain.Trace:
    """Names of the provinces above their squares."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [column * STEP + (SIDE - 1) / 2 for _, column in TILES.values()],
        "y": [row * STEP - 1.2 for row, _ in TILES.values()],
        "text": [province_names(look)[code] for code in TILES],
        "textfont": {"size": 11, "color": look.theme.text},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _key(frames: Frames, look: Look) -> list[dict[str, object]]:
    """Networks that lead, in the empty corner; other measures have a bar of colours there."""
    if frames.lead is None:
        return []
    lines = [f'<span style="color:{colour}">■</span> {name}' for colour, name in legend(frames, look)[:LEGEND]]
    at = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
    return [plain.note(look, "<br>".join(lines), **at)]
