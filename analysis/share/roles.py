"""Which column is what in an instrumented regression, and how strong its instruments are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.share.absorb import Floats
from analysis.share.products import Products, check_independent, wald


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns of `found` by what they do, as combinations (width, k); instruments net of the exogenous drivers.

    `own` (endogenous, instruments) says which instruments are there for which driver.
    """

    found: Products
    outcome: Floats
    endogenous: Floats
    instruments: Floats
    exogenous: Floats
    own: npt.NDArray[np.bool_]

    @property
    def all_instruments(self) -> Floats:
        """Excluded instruments and exogenous drivers."""
        return np.hstack([self.instruments, self.exogenous])

    def first_stage(self, position: int) -> float:
        """F of the excluded instruments in one first stage."""
        coefficients, covariance = self._first(position)
        statistic, rank = wald(coefficients, covariance)
        return statistic / rank

    def effective(self) -> float:
        """Effective F of Montiel Olea and Pflueger (2013) of the first endogenous driver."""
        coefficients, covariance = self._first(0)
        size = self.found.cross(self.instruments, self.instruments)
        return float(coefficients @ size @ coefficients / np.trace(covariance @ size))

    def _first(self, position: int) -> tuple[Floats, Floats]:
        return reduced(self.found, self.endogenous[:, [position]], self.instruments, self.exogenous)

    def partial_r_squared(self) -> Floats:
        """Part of each endogenous driver, net of the exogenous ones, that the instruments explain."""
        _, left = self.found.project(self.endogenous, self.all_instruments)
        net = _net(self.found, self.endogenous, self.exogenous)
        return 1 - np.diag(self.found.cross(left, left)) / np.diag(self.found.cross(net, net))

    def likeness(self) -> Floats:
        """Squared correlation (endogenous, instruments) of each driver with each instrument, net of the exogenous."""
        net = _net(self.found, self.endogenous, self.exogenous)
        length = [np.diag(self.found.cross(part, part)) for part in (net, self.instruments)]
        return self.found.cross(net, self.instruments) ** 2 / np.outer(*length)

    def concentrated(self, position: int) -> "Single":
        """The problem with one endogenous driver: the others are taken out by two-stage least squares.

        Of the driver's own instruments, net of the others, the combinations that say nothing of the other endogenous
        drivers are left: an instrument of another tier's driver that is not valid does not enter.
        """
        rest = np.delete(self.endogenous, position, axis=1)
        driver = self.endogenous[:, [position]]
        if not rest.shape[1]:
            return Single(self.found, self.outcome, driver, self.instruments, self.exogenous)
        predicted = rest - self.found.project(rest, self.all_instruments)[1]
        controls = np.hstack([predicted, self.exogenous])
        check_independent(self.found.cross(controls, controls), "drivers as their instruments predict them")
        both = np.hstack([self.outcome, driver])
        slopes = self.found.project(both, controls)[0][: rest.shape[1]]
        outcome, driver = np.split(both - rest @ slopes, 2, axis=1)
        return Single(self.found, outcome, driver, self._clear(position, rest, predicted), controls)

    def _clear(self, position: int, rest: Floats, predicted: Floats) -> Floats:
        """Own instruments without what they say of the drivers in `rest`, those that share some of them last."""
        mine = self.instruments[:, self.own[position]]
        mates = np.delete((self.own & self.own[position]).any(axis=1), position)
        net = _net(self.found, mine, _net(self.found, predicted[:, ~mates], self.exogenous))
        if not mates.any():
            return net
        return net @ np.linalg.svd(self.found.cross(rest[:, mates], net))[2][int(mates.sum()) :].T


@dataclass(frozen=True, slots=True)
class Single:
    """One endogenous driver, its instruments and the controls, as combinations (width, k) of the columns."""

    found: Products
    outcome: Floats
    driver: Floats
    instruments: Floats
    controls: Floats

    def strength(self) -> float:
        """F of the instruments."""
        statistic, rank = wald(*reduced(self.found, self.driver, self.instruments, self.controls))
        return statistic / rank


def reduced(found: Products, target: Floats, instruments: Floats, controls: Floats) -> tuple[Floats, Floats]:
    """Coefficients of `target` (width, 1) on `instruments`, which are orthogonal to `controls`; their covariance."""
    _, left = found.project(target, np.hstack([instruments, controls]))
    bread = np.linalg.inv(found.cross(instruments, instruments))
    coefficients = bread @ found.cross(instruments, target)[:, 0]
    lost = instruments.shape[1] + controls.shape[1]
    return coefficients, bread @ found.meat(instruments, left[:, 0], left[:, 0], lost=lost) @ bread


def _net(found: Products, columns: Floats, of: Floats) -> Floats:
    return found.project(columns, of)[1] if of.shape[1] else columns


def assign(found: Products, endogenous: int, instruments: int, *, own: npt.NDArray[np.bool_] | None = None) -> Roles:
    """Roles of the columns [outcome, endogenous, instruments, exogenous] of `found`; by default all are `own`."""
    if not 0 < endogenous <= instruments:
        raise ValueError(
            f"{endogenous} endogenous drivers and {instruments} instruments: give at least one instrument for each"
        )
    width = len(found.total)
    outcome, drivers, excluded, exogenous = (
        found.unit(range(start, end))
        for start, end in (
            (0, 1),
            (1, 1 + endogenous),
            (1 + endogenous, 1 + endogenous + instruments),
            (1 + endogenous + instruments, width),
        )
    )
    every = np.hstack([excluded, exogenous])
    check_independent(found.cross(every, every), "instruments and exogenous drivers")
    every_own = np.ones((endogenous, instruments), bool) if own is None else own
    return Roles(found, outcome, drivers, _net(found, excluded, exogenous), exogenous, every_own)
