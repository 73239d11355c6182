"""GeoJSON of a reader's own, keyed by adcode: checked, and made ready for drawing."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import geo, places
from data.cities import cities

LEVELS = ("prefectures", "provinces")
LARGEST = 20 * 2**20
"""Bytes of a file."""
MOST_FEATURES, MOST_POINTS = 5_000, 500_000
DECIMALS = 4
"""Of a degree, about 10 m: more is not seen on these maps."""
BOX = (73.0, 3.0, 136.0, 54.0)
"""West, south, east and north of China with its seas, degrees."""
LISTED = 50
"""Most codes of a list that are kept."""
KEYS = ("adcode", "adcode99", "adcd", "code", "gb", "pac", "adm_code", "区划代码", "行政区划代码", "行政代码", "代码")
"""Names, in any case, of the property that holds the code, the first that a file has."""
MESSAGES = {
    "too_large": "the file has {size} bytes and {most} are read: simplify the outlines",
    "not_json": "the file is no JSON: save it as GeoJSON in UTF-8",
    "not_collection": "the file is no GeoJSON FeatureCollection: export the layer as GeoJSON",
    "too_many": "the file has more than {most} outlines or points: simplify it",
    "no_code": "no outline has a property {keys}: add one that holds the six-digit code",
    "nothing_known": "no code is that of a prefecture or a province, such as {example}: give six-digit adcodes",
    "outside": "the outlines lie outside China: give longitude and latitude in degrees (WGS-84), in that order",
    "no_polygons": "there is no polygon in the file: export areas, not points or lines",
}


class BoundaryError(ValueError):
    """Why a file cannot be used: `code` of `MESSAGES` and the values in it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(MESSAGES[code].format(**values))
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Found:
    """Outlines of a file, checked and made ready.

    Attributes
    ----------
    level : str
        One of `LEVELS`.
    known, missing : tuple of str
        Adcodes of the level that the file has and lacks.
    unknown : tuple of str
        Other codes of the file, at most `LISTED`; their outlines are drawn as ground.
    left_out : int
        Features without a usable polygon.
    content : bytes
        GeoJSON FeatureCollection: properties adcode alone, clockwise rings, `DECIMALS` decimals.
    """

    level: str
    known: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    left_out: int
    content: bytes

    @property
    def digest(self) -> str:
        """Name of the content."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def check(raw: bytes) -> Found:
    """Read a file that may hold anything.

    Raises
    ------
    BoundaryError
        When nothing in it can be drawn.
    """
    features = list(_features(raw))
    key = _key(features)
    level, codes = _level([_code(feature["properties"].get(key)) for feature in features])
    shapes: list[dict[str, Any]] = []
    points, outside, left_out = 0, 0, 0
    for feature, code in zip(features, codes, strict=True):
        try:
            rings = _shape(feature["geometry"])
        except _Outside:
            outside += 1
            continue
        if rings is None:
            left_out += 1
            continue
        points += sum(len(ring) for polygon in rings for ring in polygon)
        if points > MOST_POINTS:
            raise BoundaryError("too_many", most=f"{MOST_POINTS:,}")
        shape = {"type": "MultiPolygon", "coordinates": rings}
        shapes.append({"type": "Feature", "properties": {"adcode": code}, "geometry": shape})
    drawn = [str(shape["properties"]["adcode"]) for shape in shapes]
    wanted, sought = _codes(level), _known(level)
    there = set(drawn)
    known = tuple(code for code in wanted if code in there)
    if not known:
        raise BoundaryError("outside" if outside else "no_polygons")
    unknown = tuple(dict.fromkeys(code for code in drawn if code not in sought))[:LISTED]
    content = json.dumps({"type": "FeatureCollection", "features": shapes}, separators=(",", ":")).encode()
    missing = tuple(code for code in wanted if code not in there)
    return Found(level, known, missing, unknown, left_out + outside, content)


def _refuse(text: str) -> float:
    raise ValueError(text)


def _features(raw: bytes) -> Iterator[dict[str, Any]]:
    """Features that have properties and a geometry, as far as can be told without looking into them."""
    if len(raw) > LARGEST:
        raise BoundaryError("too_large", size=f"{len(raw):,}", most=f"{LARGEST:,}")
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BoundaryError("not_json") from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection":
        raise BoundaryError("not_collection")
    if len(features) > MOST_FEATURES:
        raise BoundaryError("too_many", most=f"{MOST_FEATURES:,}")
    for feature in features:
        parts = [feature.get(name) for name in ("properties", "geometry")] if isinstance(feature, dict) else []
        if len(parts) == 2 and all(isinstance(part, dict) for part in parts):
            yield {"properties": parts[0], "geometry": parts[1]}


def _key(features: list[dict[str, Any]]) -> str:
    if not features:
        raise BoundaryError("no_polygons")
    spelled = {str(name).casefold(): str(name) for feature in features for name in feature["properties"]}
    for key in KEYS:
        if key in spelled:
            return spelled[key]
    raise BoundaryError("no_code", keys=", ".join(KEYS[:4]))


def _code(value: object) -> str:
    """Six digits of 330100, "330100000000" or "156330100"; other marks as they are, made harmless."""
    text = str(value).strip().removesuffix(".0") if isinstance(value, str | int | float) else ""
    if re.fullmatch(r"156\d{6}", text):
        text = text[3:]
    if re.fullmatch(r"\d{12}|\d{9}", text) and not text[6:].strip("0"):
        text = text[:6]
    if re.fullmatch(r"\d{2}|\d{4}", text):
        text = text.ljust(6, "0")
    return re.sub(r"[^0-9A-Za-z_-]", "", text)[:20]


@lru_cache(maxsize=2)
def _codes(level: str) -> tuple[str, ...]:
    """Adcodes of a level that the built-in outlines and the list of cities know."""
    if level == "provinces":
        return tuple(sorted(str(one["properties"]["adcode"]) for one in geo.provinces()["features"]))
    return tuple(sorted(str(code) for code in cities().index))


@lru_cache(maxsize=2)
def _known(level: str) -> frozenset[str]:
    """The same, to look up in."""
    return frozenset(_codes(level))


def _level(codes: list[str]) -> tuple[str, list[str]]:
    """Which level most codes are of, and the codes as that level spells them today."""
    today = [_today(code) for code in codes]
    counts = {"prefectures": len(set(today) & _known("prefectures"))}
    counts["provinces"] = len(set(codes) & _known("provinces"))
    level = "provinces" if counts["provinces"] > counts["prefectures"] else "prefectures"
    if not counts[level]:
        raise BoundaryError("nothing_known", example=next((code for code in codes if code), "–"))
    return level, codes if level == "provinces" else today


def _today(code: str) -> str:
    """Today's code of a prefecture that had another one."""
    if code in _known("prefectures") or not re.fullmatch(r"\d{6}", code):
        return code
    return places.read(code).code or code


class _Outside(Exception):
    """A point lies outside China."""


def _shape(geometry: Mapping[str, Any]) -> list[list[list[list[float]]]] | None:
    """Polygons of rings, outer ones clockwise and holes the other way; None where there is none."""
    kind, given = geometry.get("type"), geometry.get("coordinates")
    polygons = given if kind == "MultiPolygon" else [given] if kind == "Polygon" else None
    if not isinstance(polygons, list):
        return None
    found = []
    for polygon in polygons:
        rings = [_ring(ring) for ring in polygon] if isinstance(polygon, list) else []
        if rings and rings[0] is not None:
            kept = [ring for ring in rings if ring is not None]
            found.append([_turned(ring, clockwise=not number).tolist() for number, ring in enumerate(kept)])
    return found or None


def _ring(points: object) -> NDArray[np.float64] | None:
    """Closed ring (points, 2) without points on the spot; None where fewer than three corners are left."""
    if not isinstance(points, list) or len(points) > MOST_POINTS:
        return None
    if not all(isinstance(p, list) and len(p) >= 2 and all(_is_number(v) for v in p[:2]) for p in points):
        return None
    ring = np.array([p[:2] for p in points], dtype=np.float64).reshape(-1, 2)
    west, south, east, north = BOX
    if len(ring) and not ((ring >= (west, south)) & (ring <= (east, north))).all():
        raise _Outside
    ring = np.round(ring, DECIMALS)
    moved = np.ones(len(ring), dtype=bool)
    moved[1:] = (np.diff(ring, axis=0) != 0).any(axis=1)
    ring = ring[moved]
    if len(ring) and (ring[0] != ring[-1]).any():
        ring = np.vstack([ring, ring[:1]])
    return ring if len(ring) >= 4 and area(ring) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def area(ring: NDArray[np.float64]) -> float:
    """Twice the area of a closed ring (points, 2), square degrees: below zero where it runs clockwise."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    return float((x0 * y1 - x1 * y0).sum())


def _turned(ring: NDArray[np.float64], *, clockwise: bool) -> NDArray[np.float64]:
    return ring if (area(ring) < 0) == clockwise else ring[::-1]
