"""What a growth fit refuses, and what to do about it."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from analysis.growth.curves import CURVES, Curve, Method
from analysis.growth.timeline import Label


class GrowthError(ValueError):
    """A series that a curve cannot be fitted to.

    Attributes
    ----------
    code : str
        One of unknown_curve, not_a_series, index, not_numeric, infinite, too_few, one_time, non_positive, constant,
        fixed, per_year, uneven, calendar, calendar_years, no_optimum, other_index.
    values : dict
        What the code's text needs.
    """

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = values

    def __reduce__(self) -> tuple[Callable[[], "GrowthError"], tuple[()]]:
        """Survive a pickle, which caches make: an exception is otherwise rebuilt without its code."""
        return partial(GrowthError, self.code, str(self), **self.values), ()


def declared(curve: str) -> Curve | Method:
    """Look a curve up by its key."""
    if curve not in CURVES:
        raise GrowthError("unknown_curve", f"no curve {curve!r}: choose one of {', '.join(CURVES)}", curve=curve)
    return CURVES[curve]


def values(series: pd.Series) -> tuple[pd.Series, int]:
    """Values as floats, and how many are missing."""
    if not isinstance(series, pd.Series):
        raise GrowthError("not_a_series", f"expected a pandas Series, got {type(series).__name__}: select one column")
    index = series.index
    dated = isinstance(index, pd.PeriodIndex | pd.DatetimeIndex)
    numeric = pd.api.types.is_numeric_dtype(index.dtype) and not pd.api.types.is_bool_dtype(index.dtype)
    if index.hasnans or not (dated or (numeric and np.isfinite(index.to_numpy(dtype=np.float64)).all())):
        raise GrowthError(
            "index",
            f"the index ({index.dtype}) must be periods, dates or finite numbers, none missing: use pd.to_datetime",
        )
    if not pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype):
        raise GrowthError("not_numeric", f"values are {series.dtype}: convert them with pd.to_numeric")
    values = pd.Series(series.to_numpy(dtype=np.float64, na_value=np.nan), index=index, name=series.name)
    if np.isinf(values).any():
        raise GrowthError("infinite", "values are infinite: replace them by the true figure or by a missing value")
    return values, int(values.isna().sum())


def check(ordered: pd.Series, curve: Curve | Method, fixed: Mapping[str, Label], per_year: float | None) -> None:
    """Refuse what cannot be fitted; `ordered` has no missing values and an ascending index."""
    _check_options(ordered, curve, fixed, per_year)
    if isinstance(curve, Method):
        if ordered.index.nunique() < 2:
            raise _too_few(curve.key, curve.least(1), len(ordered))
        return
    enough(curve, fixed, len(ordered))
    need = _free(curve, fixed) + 1
    if ordered.index.nunique() < max(need - 1, 2):
        message = f"{curve.key} needs observations at {need - 1} different times"
        raise GrowthError("one_time", message, need=need - 1)
    bad = int((ordered <= 0).sum())
    rises = any(p.positive and p.role in ("level", "stock") for p in curve.parameters)
    if bad and (curve.logs or (rises and bad == len(ordered))):
        message = f"{bad} values are not positive: choose another curve, or mark them missing"
        raise GrowthError("non_positive", message, count=bad)
    if not curve.logs and float(ordered.max()) == float(ordered.min()):
        raise GrowthError("constant", f"every value is {ordered.iloc[0]:g}: there is no growth to fit a curve to")


def enough(curve: Curve, fixed: Mapping[str, Label], got: int, *, effects: int = 0) -> None:
    """Refuse observations that leave no degree of freedom beside the free parameters and so many calendar effects."""
    need = _free(curve, fixed) + effects + 1
    if got < need:
        raise _too_few(curve.key, need, got)


def _free(curve: Curve, fixed: Mapping[str, Label]) -> int:
    return len(curve.names) - len({*curve.held, *fixed})


def refused(code: str, method: Method, got: int, period: int) -> GrowthError:
    """What a method says of a row that it could not fit."""
    messages = {
        "uneven": f"{method.key} needs evenly spaced dates: choose a curve, or add the dates between",
        "non_positive": f"{method.key} works on logs and a value is not positive: choose another, or mark it missing",
        "constant": f"every value is the same: {method.key} has nothing to learn from",
        "no_optimum": f"{method.key} does not settle on these values: choose another method or a curve",
    }
    if code in messages:
        return GrowthError(code, messages[code], count=1, value="")
    return _too_few(method.key, method.least(period), got)


def _too_few(key: str, need: int, got: int) -> GrowthError:
    message = f"{key} needs {need} observations, got {got}: add some or choose a simpler curve"
    return GrowthError("too_few", message, need=need, got=got)


def _check_options(
    ordered: pd.Series, curve: Curve | Method, fixed: Mapping[str, Label], per_year: float | None
) -> None:
    dated = isinstance(ordered.index, pd.PeriodIndex | pd.DatetimeIndex)
    if per_year is not None and (dated or not per_year > 0):
        raise GrowthError("per_year", "per_year is for plain numbers (dates have 12 months) and positive: leave it out")
    given = set(fixed) if isinstance(curve, Method) else {*curve.held, *fixed}
    wrong = [name for name in fixed if curve.logs or isinstance(curve, Method) or name not in curve.names]
    if wrong or (fixed and len(given) == len(curve.names)):
        message = f"cannot fix {', '.join(fixed)} of {curve.key}: fix some, not all, of its parameters"
        raise GrowthError("fixed", message, names=list(fixed))
    for parameter in curve.parameters:
        value = fixed.get(parameter.name, 1.0)
        if isinstance(value, float | int) and not (np.isfinite(value) and (value > 0 or not parameter.positive)):
            raise GrowthError("fixed", f"{parameter.name} is fixed at {value}: give a positive, finite number")
