"""Scores of forecasts against what came: point errors, bands, and the scale that makes series comparable.

Arrays broadcast; a score is the mean over `axis` of the targets that are known (missing ones are left out, none left
is NaN). `scale` is that of the training data before each forecast, see `scale`.
"""

import numpy as np

from analysis.growth.shapes import FloatArray

Axis = int | tuple[int, ...]
ROUNDING = 1e-9
"""Share of a target by which it may be outside its band and still on its end."""


def scale(train: FloatArray, period: int, power: int = 1) -> FloatArray:
    """Mean |change from the same season a year before|^power of the training data (..., n), shape (...).

    Its units are those of the series to the `power`: 1 scales MASE and MSIS, 2 scales RMSSE. NaN where no two values
    are a year apart or none has changed. Hyndman and Koehler (2006), International Journal of Forecasting 22(4).
    """
    found = mean(np.abs(train[..., period:] - train[..., :-period]) ** power, axis=-1)
    return np.where(found > 0, found, np.nan)


def mase(actual: FloatArray, forecast: FloatArray, scale: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Mean absolute error, in mean absolute errors of seasonal naive within the training data; dimensionless."""
    return mean(np.abs(actual - forecast) / scale, axis=axis)


def rmsse(actual: FloatArray, forecast: FloatArray, scale2: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Root mean squared error, `scale2` being the mean squared seasonal naive error in training; dimensionless.

    Makridakis, Spiliotis and Assimakopoulos (2022), International Journal of Forecasting 38(4).
    """
    return np.sqrt(mean((actual - forecast) ** 2 / scale2, axis=axis))


def smape(actual: FloatArray, forecast: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Symmetric mean absolute percentage error, 0 to 200 %; two zeros agree.

    Makridakis, Spiliotis and Assimakopoulos (2020), International Journal of Forecasting 36(1).
    """
    size = np.abs(actual) + np.abs(forecast)
    return mean(200 * np.abs(actual - forecast) / np.where(size == 0, 1.0, size), axis=axis)


def bias(actual: FloatArray, forecast: FloatArray, scale: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Mean of forecast minus actual in units of `scale`: positive when forecasts are too high; dimensionless."""
    return mean((forecast - actual) / scale, axis=axis)


def coverage(actual: FloatArray, low: FloatArray, high: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Share of known targets inside their band, ends included, to `ROUNDING`."""
    room = ROUNDING * np.abs(actual)
    inside = ((low - room <= actual) & (actual <= high + room)).astype(np.float64)
    return mean(np.where(np.isfinite(actual + low + high), inside, np.nan), axis=axis)


def msis(
    actual: FloatArray, low: FloatArray, high: FloatArray, scale: FloatArray, level: float = 0.95, *, axis: Axis = -1
) -> FloatArray:
    """Mean scaled interval score: width of the band, plus 2 / (1 - level) of what falls outside; dimensionless.

    Gneiting and Raftery (2007), JASA 102; scaled as in Makridakis, Spiliotis and Assimakopoulos (2020).
    """
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return mean((high - low + 2 / (1 - level) * outside) / scale, axis=axis)


def mean(values: FloatArray, *, axis: Axis = -1) -> FloatArray:
    """Mean of what is known along `axis`; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
