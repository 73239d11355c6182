"""A million stations like those of the illustrative market; and a server whose market holds them.

`python -m benchmarks.map_stations --port N` serves the app with the million in place of the market's own.
"""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd

from data import demo

COUNT = 1_000_000


def million() -> pd.DataFrame:
    """Stations that stand, drawn again and moved by some 300 m until there are a million."""
    stations = demo.load().stations
    assert stations is not None
    draw = np.random.default_rng(20261121)
    standing = stations[stations["closed"].isna()]
    found = standing.iloc[draw.integers(0, len(standing), COUNT)].reset_index(drop=True)
    moved = {axis: (found[axis] + draw.normal(0, 0.003, COUNT)).round(5) for axis in ("lat", "lon")}
    return found.assign(**moved, station_id=[f"s{i}" for i in range(COUNT)])


def main() -> int:
    """Serve the app on `--port`."""
    from pages.ui import server, setup

    market = replace(demo.load(), stations=million(), version="million")
    demo.load = lambda: market
    return server.serve(setup.ROOT / "app.py", setup.parse(sys.argv[1:]).port)


if __name__ == "__main__":
    raise SystemExit(main())
