"""Growth curves as declarations. A new curve is one entry in `CURVES`; fits, menus and tests read the table."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from analysis.growth import shapes
from analysis.growth.batch import Batch, Run
from analysis.growth.batched import bends
from analysis.growth.methods import airline, ets, naive, theta
from analysis.growth.shapes import FloatArray, Shape

Role = Literal["level", "stock", "log level", "rate", "time", "dimensionless"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a curve.

    Attributes
    ----------
    name : str
        Label in every result.
    role : str
        Its unit: "level" (that of the series), "stock" (that of the series times time: what a flow adds up to),
        "log level", "rate" (per unit of time: month, or unit of a numeric index), "time" (months since the first
        observation, or a value of a numeric index), "dimensionless".
    positive : bool
        Estimated on the log scale.
    typical : tuple of float or None
        Published range per year, where there is one.
    """

    name: str
    role: Role
    positive: bool = False
    typical: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Declaration of a growth curve.

    Attributes
    ----------
    key : str
        Name in `CURVES`.
    formula, reference : str
        What it says and where it comes from.
    parameters : tuple of Parameter
        k parameters, in the order of `value`, `jacobian` and `starts`.
    value : callable
        (t (..., n), params (..., k)) -> (..., n), units of the series; of many series leading axes broadcast.
    jacobian : callable
        (t (..., n), params (..., k)) -> (..., n, k), derivatives of `value`.
    starts : callable or None
        (t (n,) ascending, y (n,)) -> (s, k) points to start from. None when the curve is linear in logs.
    grid : callable or None
        step -> (s, k) points to start many series from, on times scaled to [0, 1] with observations `step` apart; of
        levels and stocks those that fit best are taken. None: `starts` of each series.
    lag : callable or None
        params (S, k) -> (lag (S,), its derivatives (S, k) by them, positive ones by their logs): the last parameter is
        a time that is searched as itself plus this lag, which the data know better. Of `grid`.
    bend : Bend or None
        Coordinates, on scaled axes, in which those of many series are searched again that show no ceiling.
    ceiling : str or None
        Parameter that is the level approached (or the market potential).
    peak : callable or None
        params (k,) -> time of fastest growth.
    held : tuple of str
        Parameters that stay at their first start unless the caller fixes them elsewhere.
    cumulative : callable or None
        For a flow: what it adds up to, as `value`; this is what approaches the ceiling.
    logs : bool
        Fitted as ln y = a + g t by ordinary least squares.
    """

    key: str
    formula: str
    reference: str
    parameters: tuple[Parameter, ...]
    value: Shape
    jacobian: Shape
    starts: Shape | None = None
    grid: Callable[[float], FloatArray] | None = None
    lag: Callable[[FloatArray], tuple[FloatArray, FloatArray]] | None = None
    bend: bends.Bend | None = None
    ceiling: str | None = None
    peak: Callable[[FloatArray], float] | None = None
    held: tuple[str, ...] = ()
    cumulative: Shape | None = None
    logs: bool = False

    @property
    def names(self) -> list[str]:
        """Parameter names in order."""
        return [p.name for p in self.parameters]


@dataclass(frozen=True, slots=True)
class Method:
    """Declaration of a time-series method: it extrapolates what came last, without a curve and without a ceiling.

    Attributes
    ----------
    key : str
        Name in `CURVES`.
    formula, reference : str
        What it says and where it comes from.
    parameters : tuple of Parameter
        k parameters, in the order of `Run.params`.
    run : callable
        (batch, params (S, k) or None) -> Run; estimates the parameters where none are given.
    least : callable
        period -> observations it needs.
    covariance : callable or None
        (batch of one row, its run) -> (k, k) covariance of the parameters; None when it has no parameters.
    effect_errors : callable or None
        (batch, its run) -> (S, m) standard errors of the calendar effects, on logs; None where they are not known.
    logs : bool
        Works on logs, and so needs positive values.
    even : bool
        Needs evenly spaced dates.
    calendar : bool
        Takes calendar regressors.
    """

    key: str
    formula: str
    reference: str
    parameters: tuple[Parameter, ...]
    run: Callable[[Batch, FloatArray | None], Run]
    least: Callable[[int], int]
    covariance: Callable[[Batch, Run], FloatArray] | None = None
    effect_errors: Callable[[Batch, Run], FloatArray] | None = None
    logs: bool = False
    even: bool = True
    calendar: bool = False
    ceiling: None = None

    @property
    def names(self) -> list[str]:
        """Parameter names in order."""
        return [p.name for p in self.parameters]


_S_CURVE = (Parameter("K", "level", positive=True), Parameter("t0", "time"), Parameter("r", "rate", positive=True))
_DIFFUSION = (
    Parameter("p", "rate", positive=True, typical=(0.01, 0.03)),
    Parameter("q", "rate", positive=True, typical=(0.3, 0.5)),
    Parameter("launch", "time"),
)

_LIST: tuple[Curve | Method, ...] = (
    Curve(
        "log-linear",
        "exp(a + g t)",
        "Malthus (1798)",
        (Parameter("a", "log level"), Parameter("g", "rate")),
        shapes.exponential,
        shapes.exponential_jacobian,
        logs=True,
    ),
    Curve(
        "logistic",
        "K / (1 + exp(-r (t - t0)))",
        "Verhulst (1838)",
        _S_CURVE,
        shapes.logistic,
        shapes.logistic_jacobian,
        shapes.s_starts(shapes.logit),
        shapes.grid((1.0,), (0.2, 0.5, 0.8, 1.5), (2.0, 5.0, 12.0)),
        bend=bends.s_curve(1.0),
        ceiling="K",
        peak=itemgetter(1),
    ),
    Curve(
        "gompertz",
        "K exp(-exp(-r (t - t0)))",
        "Gompertz (1825); Winsor (1932)",
        _S_CURVE,
        shapes.gompertz,
        shapes.gompertz_jacobian,
        shapes.s_starts(shapes.loglog),
        shapes.grid((1.0,), (0.0, 0.3, 0.6, 1.2), (1.5, 4.0, 10.0)),
        bend=bends.s_curve(0.0),
        ceiling="K",
        peak=itemgetter(1),
    ),
    Curve(
        "richards",
        "K (1 + nu exp(-r (t - t0)))^(-1 / nu)",
        "Richards (1959), Journal of Experimental Botany 10(2)",
        (*_S_CURVE, Parameter("nu", "dimensionless", positive=True)),
        shapes.richards,
        shapes.richards_jacobian,
        shapes.richards_starts,
        shapes.grid((1.0,), (0.1, 0.4, 0.7, 1.2), (2.0, 5.0, 12.0), (0.3, 2.0, 10.0)),
        bend=bends.s_curve(None),
        ceiling="K",
        peak=itemgetter(1),
    ),
    Curve(
        "four-parameter logistic",
        "A + (B - A) / (1 + exp(-r (t - t0)))",
        "Pinheiro and Bates (2000), appendix C",
        (Parameter("A", "level"), Parameter("B", "level"), *_S_CURVE[1:]),
        shapes.four,
        shapes.four_jacobian,
        shapes.four_starts,
        shapes.grid((0.0,), (1.0,), (-0.5, 0.2, 0.4, 0.6, 0.8, 1.5), (2.0, 5.0, 12.0, 30.0)),
        bend=bends.FOUR,
        ceiling="B",
        peak=itemgetter(2),
    ),
    Curve(
        "bass",
        "m (1 - e) / (1 + (q / p) e), e = exp(-(p + q)(t - launch)): what is installed by t",
        "Bass (1969), Management Science 15(5)",
        (Parameter("m", "level", positive=True), *_DIFFUSION),
        shapes.bass,
        shapes.bass_jacobian,
        shapes.bass_starts(shapes.bass),
        shapes.bass_grid(spans=(1.0,)),
        shapes.bass_lag,
        bend=bends.BASS,
        ceiling="m",
        peak=shapes.bass_peak,
    ),
    Curve(
        "bass adoptions",
        "m ((p + q)^2 / p) e / (1 + (q / p) e)^2, e = exp(-(p + q)(t - launch)): what is added at t",
        "Bass (1969), Management Science 15(5); Srinivasan and Mason (1986), Marketing Science 5(2)",
        (Parameter("m", "stock", positive=True), *_DIFFUSION),
        shapes.adoptions,
        shapes.adoptions_jacobian,
        shapes.bass_starts(shapes.adoptions),
        shapes.bass_grid(spans=()),
        ceiling="m",
        peak=shapes.bass_peak,
        held=("launch",),
        cumulative=shapes.bass,
    ),
    Method(
        "naive",
        "the last value",
        "Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, section 5.2",
        (),
        naive.naive,
        lambda period: 2,
        even=False,
    ),
    Method(
        "seasonal naive",
        "the value of the same season a year before",
        "Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, section 5.2",
        (),
        naive.seasonal,
        lambda period: period + 1,
        even=False,
    ),
    Method(
        "damped trend",
        "ETS(A,Ad,A) of logs with seasons, ETS(A,Ad,N) without",
        "Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing",
        tuple(Parameter(name, "dimensionless") for name in ("alpha", "beta", "phi", "gamma")),
        ets.damped,
        lambda period: ets.LEAST,
        ets.covariance,
        logs=True,
        calendar=True,
    ),
    Method(
        "theta",
        "simple exponential smoothing with half the slope of the trend, seasons as ratios",
        "Assimakopoulos and Nikolopoulos (2000), International Journal of Forecasting 16(4)",
        (Parameter("alpha", "dimensionless"), Parameter("slope", "level")),
        theta.theta,
        lambda period: theta.LEAST,
        theta.covariance,
        logs=True,
        calendar=True,
    ),
    Method(
        "sarima",
        "(0,1,1)(0,1,1) of logs with seasons, (0,1,1) and a steady rate without",
        "Box and Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 9",
        (Parameter("ma", "dimensionless"), Parameter("sma", "dimensionless"), Parameter("rate", "rate")),
        airline.run,
        airline.least,
        airline.covariance,
        airline.effect_errors,
        logs=True,
        calendar=True,
    ),
)

CURVES: dict[str, Curve | Method] = {c.key: c for c in _LIST}
