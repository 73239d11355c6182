"""Outlines of every map: the reader's own where there are some, else the built-in ones, at one address."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.ui import layers, owner, root, sign_in_door

TYPE = "application/geo+json"
LEVELS = ("prefectures", "provinces")
"""As in `data.boundaries`, which brings more than a server needs before it listens."""
MARK = 8
"""Letters of a digest in an address."""
SEA = ("100000", "100000_JD")
"""Codes under which files carry the line in the South China Sea."""


def own() -> dict[str, str]:
    """Digests of the reader's own outlines by level; none where no route could send them."""
    from data import boundaries

    return boundaries.used(owner.owner()) if layers.served() else {}


def addresses() -> tuple[str, str]:
    """Where the browser fetches the outlines of prefectures, and those of the ground below them.

    The route knows whose they are; the mark at the end makes a browser ask again after a change. Prefectures of one's
    own are their own ground, unless there are provinces that fit them.
    """
    from data.geo import PREFECTURES_URL, PROVINCES_URL

    used = own()
    urls = {"prefectures": PREFECTURES_URL, "provinces": PROVINCES_URL}
    found = {level: f"{url}?v={used[level][:MARK]}" if level in used else url for level, url in urls.items()}
    alone = "prefectures" in used and "provinces" not in used
    return found["prefectures"], found["prefectures" if alone else "provinces"]


def drawn(figure: Any) -> Any:
    """A figure with the reader's own outlines in place of the built-in ones; the figure itself is not changed."""
    from data.geo import PREFECTURES_URL, PROVINCES_URL

    here, ground = addresses()
    if (here, ground) == (PREFECTURES_URL, PROVINCES_URL) or not isinstance(figure, dict):
        return figure
    return {**figure, "data": [_trace(trace, here, ground) for trace in figure["data"]]}


def _trace(trace: Mapping[str, Any], here: str, ground: str) -> Mapping[str, Any]:
    from data import geo
    from data.cities import cities

    match trace.get("geojson"):
        case geo.PREFECTURES_URL:
            return {**trace, "geojson": here}
        case geo.PROVINCES_URL if ground == here:
            codes = list(dict.fromkeys([*trace["locations"], *map(str, cities().index), *SEA]))
            return {**trace, "geojson": here, "locations": codes, "z": [0] * len(codes)}
        case geo.PROVINCES_URL:
            return {**trace, "geojson": ground}
    return trace


def routes() -> list[Route]:
    """Routes that stand before those of the static files: see `data.geo.PREFECTURES_URL`."""
    return [Route(root.below(f"/app/static/geo/{level}.geojson"), _answer, name=level) for level in LEVELS]


async def _answer(request: Request) -> Response:
    level = request.url.path.rpartition("/")[2].partition(".")[0]
    reader = sign_in_door.reader(request.headers.get("cookie", ""))
    content = await run_in_threadpool(_content, level, reader)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie", "X-Content-Type-Options": "nosniff"}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPE, headers=headers)


def _content(level: str, reader: str) -> bytes:
    from data import boundaries, geo

    found = boundaries.content(boundaries.used(reader).get(level, "")) if reader else None
    return found if found is not None else (geo.FOLDER / f"{level}.geojson").read_bytes()
