"""A million stations to the map's layers, in one run: `python -m benchmarks.map [--browser]`.

Beside what a Streamlit page does with points (pydeck JSON, as `st.pydeck_chart` sends it) and what pandas does by hand
(cells of rounded degrees, points to JSON). `--browser` then opens Chromium on the Map page with the
same million stations: first pixels, each new layer after a zoom, every station at once to the draw call; and
`st.pydeck_chart` of the same points on a bare page.
"""

import json
import statistics
import sys
import time
import zlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.space.cloud import RESOLUTIONS, Cloud, cloud
from analysis.views import nation, zoom
from analysis.views.look import Look
from analysis.views.theme import Theme
from benchmarks.map_stations import million
from benchmarks.timing import over
from data import demo

REPEATS = 5


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def row(name: str, took: float, body: bytes | str) -> None:
    """One line of the table."""
    raw = body.encode() if isinstance(body, str) else body
    squeezed = len(zlib.compress(raw, 1)) / 1e6
    print(f"{name:48}{1e3 * took:>10,.1f} ms {len(raw) / 1e6:>9.3f} MB {squeezed:>9.3f} MB")


def ours(stations: pd.DataFrame) -> None:
    """Laying out once, then every layer of one month."""
    market = demo.load()
    assert market.panel is not None
    first = pd.Timestamp(market.panel["month"].min())
    last = pd.Timestamp(market.panel["month"].max())
    laid: Cloud = cloud(stations, first=first)
    took = seconds(lambda: cloud(stations, first=first), 3)
    print(f"{'laying a million stations out, once a market':48}{1e3 * took:>10,.1f} ms")
    frames = nation.frames(market.panel, "duoduo", "network_share")
    made = zoom.region_packets(frames, Look("en", Theme("light")))
    body = made("colours") or b""
    row("prefectures, 92 months of one measure", seconds(lambda: made("colours")), body)
    took = seconds(lambda: nation.frames(market.panel, "duoduo", "network_share"))
    print(f"{'  its values from the panel, once a measure':48}{1e3 * took:>10,.1f} ms")
    make, month = zoom.station_packets(laid, 1_000, None), laid.month(last)
    for resolution in RESOLUTIONS:
        name = f"hex/{resolution}/{month}/2"
        row(f"hexagons, resolution {resolution}", seconds(lambda name=name: make(name)), make(name) or b"")
    x, y = max(laid.tiles, key=lambda tile: laid.tiles[tile].stop - laid.tiles[tile].start)
    row(
        "fullest tile, single stations of all months",
        seconds(lambda: make(f"tile/{x}/{y}")),
        make(f"tile/{x}/{y}") or b"",
    )
    row("every station open", seconds(lambda: make(f"every/{month}")), make(f"every/{month}") or b"")


def pydeck_json(stations: pd.DataFrame) -> str:
    """What `st.pydeck_chart` sends for a layer of points."""
    import pydeck

    points = stations[["lon", "lat", "platform"]].assign(platform=stations["platform"].astype(str))
    layer = pydeck.Layer("ScatterplotLayer", data=points, get_position="[lon, lat]")
    return pydeck.Deck(layers=[layer], map_provider=None).to_json()


def pandas_cells(stations: pd.DataFrame) -> str:
    """Stations by cell of rounded degrees and network, as JSON."""
    places = stations.assign(x=stations["lon"].round(1), y=stations["lat"].round(1))
    counts = places.groupby(["x", "y", places["platform"].astype(str)]).size().unstack(fill_value=0).reset_index()
    return counts.to_json(orient="records")


def streamlit_points(stations: pd.DataFrame) -> None:
    """The JSON that `st.pydeck_chart` sends for a layer of points."""
    start = time.perf_counter()
    body = pydeck_json(stations)
    row("st.pydeck_chart: points as JSON", time.perf_counter() - start, body)


def naive_pandas(stations: pd.DataFrame) -> None:
    """Cells of rounded degrees counted by group, and all points as records."""
    start = time.perf_counter()
    body = pandas_cells(stations)
    row("pandas: cells of 0.1 degree to JSON", time.perf_counter() - start, body)
    start = time.perf_counter()
    body = json.dumps(stations[["lon", "lat", "platform"]].astype({"platform": str}).to_dict("records"))
    row("pandas: points to records to JSON", time.perf_counter() - start, body)


def ratios(*, quick: bool) -> dict[str, float]:
    """A million stations: `st.pydeck_chart` over every station at once, pandas by hand over hexagons."""
    stations = million()
    market = demo.load()
    assert market.panel is not None
    laid = cloud(stations, first=pd.Timestamp(market.panel["month"].min()))
    month = laid.month(pd.Timestamp(market.panel["month"].max()))
    make = zoom.station_packets(laid, 1_000, None)
    named = {"every": f"every/{month}", "hexagons": f"hex/{RESOLUTIONS[0]}/{month}/2"}
    rivals = {"every": pydeck_json, "hexagons": pandas_cells}
    return {
        key: over(lambda key=key: rivals[key](stations), lambda name=name: make(name), theirs_runs=1 if quick else 2)
        for key, name in named.items()
    }


def main() -> None:
    """Measure and print."""
    stations = million()
    np.testing.assert_equal(len(stations), 1_000_000)
    print(f"{'':48}{'made':>13} {'raw':>12} {'gzip -1':>12}")
    ours(stations)
    streamlit_points(stations)
    naive_pandas(stations)
    if "--browser" in sys.argv:
        from benchmarks.map_browser import browse

        browse()


if __name__ == "__main__":
    main()
