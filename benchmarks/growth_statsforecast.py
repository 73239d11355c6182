"""What `benchmarks.growth` runs with the other interpreter: forecasts by statsforecast, timed after one to compile.

Reads series (a JSON list of lists) and prints, for each model, seconds and the last step of every forecast.
"""

import json
import sys
from time import perf_counter

import numpy as np
from statsforecast.models import AutoETS, AutoTheta

HORIZON = 12


def main() -> None:
    """Read, forecast, print."""
    series = [np.array(values) for values in json.load(sys.stdin)]
    models = {
        "AutoETS AAN damped": AutoETS(season_length=1, model="AAN", damped=True),
        "AutoTheta": AutoTheta(season_length=12),
    }
    found = {}
    for name, model in models.items():
        model.forecast(y=series[0], h=HORIZON)
        start = perf_counter()
        last = [float(model.forecast(y=values, h=HORIZON)["mean"][-1]) for values in series]
        found[name] = {"seconds": perf_counter() - start, "last": last}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
