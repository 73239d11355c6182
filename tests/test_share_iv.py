"""Instrumented regression: against plain formulas, laws, weak instruments, refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import fdtri
from statsmodels.sandbox.regression.gmm import IV2SLS

from analysis.share import ShareError, iv
from analysis.share.regression import regress

SAME = 1e-8  # the same numbers by another route, through cross-products of condition 1e4
CLUSTERS, EACH = 30, 20


@pytest.fixture(scope="module")
def data() -> dict[str, np.ndarray]:
    """Two endogenous drivers, four valid instruments, two exogenous drivers, errors correlated in 30 clusters."""
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(CLUSTERS), EACH)
    n = clusters.size
    z, w = rng.normal(size=(4, n)), rng.normal(size=(2, n))
    u = rng.normal(size=n) + rng.normal(size=CLUSTERS)[clusters]
    first = z[0] + 0.5 * z[1] + w[0] + 0.7 * u + rng.normal(size=n)
    second = z[2] + 0.3 * z[3] - 0.5 * u + rng.normal(size=n)
    outcome = 2 * first - second + w[0] + u
    return {"y": outcome, "w": w, "x": np.stack([first, second]), "z": z, "clusters": clusters}


def fitted(data, *, drivers=slice(None), clusters="clusters", **options) -> iv.TwoStage:
    groups = data[clusters] if isinstance(clusters, str) else clusters
    outcome = data["y"] + (0 if drivers == slice(None) else data["x"][1])
    return iv.two_stage(outcome, data["w"], data["x"][drivers], data["z"], clusters=groups, **options)


def by_rows(data, codes: np.ndarray, *, absorbed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, sandwich and residual from the rows themselves."""
    x, z = np.vstack([data["x"], data["w"]]).T, np.vstack([data["z"], data["w"]]).T
    fit = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    params = np.linalg.lstsq(fit, data["y"], rcond=None)[0]
    residual = data["y"] - x @ params
    scores = pd.DataFrame(fit * residual[:, None]).groupby(codes).sum().to_numpy()
    bread, (n, k), c = np.linalg.inv(fit.T @ fit), x.shape, len(scores)
    factor = c / (c - 1) * (n - 1) / (n - k - absorbed)
    return params, factor * bread @ scores.T @ scores @ bread, residual


def test_classical_errors_are_those_of_statsmodels(data):
    found = fitted(data, clusters=None)
    columns, every = np.vstack([data["x"], data["w"]]).T, np.vstack([data["z"], data["w"]]).T
    theirs = IV2SLS(data["y"], columns, every).fit()
    assert found.params == pytest.approx(theirs.params, rel=SAME)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(theirs.bse, rel=SAME)


@pytest.mark.parametrize("kind", ["clusters", "rows"])
@pytest.mark.parametrize("absorbed", [0, 25])
def test_robust_errors_are_the_sandwich(data, kind, absorbed):
    codes = data["clusters"] if kind == "clusters" else np.arange(data["y"].size)
    found = fitted(data, clusters=codes, absorbed=absorbed)
    params, covariance, residual = by_rows(data, codes, absorbed=absorbed)
    assert found.params == pytest.approx(params, rel=SAME)
    assert found.covariance == pytest.approx(covariance, rel=SAME)
    assert found.residuals == pytest.approx(residual, rel=SAME, abs=SAME)


def test_order_of_rows_and_names_of_clusters_do_not_matter(data):
    order = np.random.default_rng(1).permutation(data["y"].size)
    names = np.random.default_rng(2).permutation(CLUSTERS)
    mixed = {k: v[..., order] for k, v in data.items()}
    other = fitted(mixed | {"clusters": names[mixed["clusters"]]})
    found = fitted(data)
    assert other.params == pytest.approx(found.params, rel=SAME)
    assert other.covariance == pytest.approx(found.covariance, rel=SAME)
    assert other.overid.statistic == pytest.approx(found.overid.statistic, rel=SAME)


def test_units_leave_the_evidence_alone(data):
    fen = data | {"x": data["x"] * np.array([[100.0], [1.0]]), "z": data["z"] * 1e-3}
    found, other = fitted(data), fitted(fen)
    assert other.params[0] == pytest.approx(found.params[0] / 100, rel=SAME)
    assert other.params[1:] == pytest.approx(found.params[1:], rel=SAME)
    for name in ("first_stage", "conditional_f", "partial_r_squared"):
        assert getattr(other, name) == pytest.approx(getattr(found, name), rel=SAME)
    low, high = found.anderson_rubin(0, level=0.9999).parts[0]
    assert other.anderson_rubin(0, level=0.9999).parts[0] == pytest.approx((low / 100, high / 100), rel=1e-6)


def test_combinations_of_the_instruments_are_the_same_instruments(data):
    turned = data | {"z": np.array([[1, 2, 0, 0], [0, 1, 1, 0], [0, 0, 1, 3], [1, 0, 0, 1.0]]) @ data["z"]}
    found, other = fitted(data), fitted(turned)
    assert other.params == pytest.approx(found.params, rel=SAME)
    assert other.first_stage == pytest.approx(found.first_stage, rel=SAME)
    assert other.overid.statistic == pytest.approx(found.overid.statistic, rel=SAME)


def test_one_instrument_gives_the_ratio_of_covariances():
    rng = np.random.default_rng(3)
    z, u = rng.normal(size=(2, 200))
    x = z + u
    y = 3 * x + u
    found = iv.two_stage(y, np.empty((0, 200)), x[None], z[None], clusters=np.arange(200))
    assert found.params[0] == pytest.approx((z @ y) / (z @ x), rel=SAME)
    assert found.overid is None
    assert found.effective_f == pytest.approx(found.first_stage[0], rel=SAME)


def test_first_stage_is_the_joint_test_of_the_excluded_instruments(data):
    found = fitted(data)
    columns = np.vstack([data["z"], data["w"]])
    for driver, mine, part in zip(data["x"], found.first_stage, found.partial_r_squared, strict=True):
        theirs = regress(driver, columns, clusters=data["clusters"])
        b = theirs.params[:4]
        assert mine == pytest.approx(b @ np.linalg.solve(theirs.covariance[:4, :4], b) / 4, rel=SAME)
        net = driver - regress(driver, data["w"], clusters=None).params @ data["w"]
        assert part == pytest.approx(1 - theirs.residuals @ theirs.residuals / (net @ net), rel=SAME)


def test_effective_f_is_the_classical_f_when_errors_are():
    rng = np.random.default_rng(4)
    z, u = rng.normal(size=(3, 400)), rng.normal(size=400)
    x = 0.3 * z.sum(axis=0) + u
    found = iv.two_stage(x + u, np.empty((0, 400)), x[None], z, clusters=None)
    assert found.effective_f == pytest.approx(found.first_stage[0], rel=SAME)


def blocks(tiers: int = 3, clusters: int = 12, each: int = 15) -> dict[str, np.ndarray]:
    """A driver with a coefficient of its own in each tier: drivers and instruments zero outside their tier."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(tiers * clusters), each)
    tier = np.arange(tiers)[:, None] == codes[None] % tiers
    z, u = rng.normal(size=codes.size), rng.normal(size=codes.size) + rng.normal(size=tiers * clusters)[codes]
    x = np.array([1.0, 0.5, 0.4])[codes % tiers] * z + 0.5 * u + rng.normal(size=codes.size)
    y = np.array([4.0, 8.0, 12.0])[codes % tiers] * x + u
    return {"y": y, "x": tier * x, "z": tier * z, "clusters": codes, "tier": tier, "w": np.empty((0, codes.size))}


def test_with_separate_blocks_each_tier_has_its_own_f_and_interval():
    data = blocks()
    joint = iv.two_stage(data["y"], data["w"], data["x"], data["z"], clusters=data["clusters"])
    n, c = data["y"].size, data["clusters"].max() + 1
    for k, inside in enumerate(data["tier"]):
        codes = np.unique(data["clusters"][inside], return_inverse=True)[1]
        own = iv.two_stage(
            data["y"][inside],
            data["w"][:, inside],
            data["x"][k : k + 1, inside],
            data["z"][k : k + 1, inside],
            clusters=codes,
        )
        rows, held = inside.sum(), codes.max() + 1
        factor = (c / (c - 1) * (n - 1) / (n - 3)) / (held / (held - 1) * (rows - 1) / (rows - 1))
        assert joint.params[k] == pytest.approx(own.params[0], rel=SAME)
        assert joint.conditional_f[k] * factor == pytest.approx(own.first_stage[0], rel=SAME)
        assert joint.first_stage[k] * factor == pytest.approx(own.first_stage[0], rel=SAME)
        mine, theirs = joint.anderson_rubin(k, held=held), own.anderson_rubin()
        assert mine.kind == theirs.kind
        width = 0.02 * (theirs.high - theirs.low)  # apart by the small-sample factor alone
        assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=width)


def anderson_rubin_f(data, value: float, clusters) -> tuple[float, float]:
    """F of the instruments in the regression of y - value x on them and the exogenous drivers; its denominator df."""
    columns = np.vstack([data["z"], data["w"]])
    found = regress(data["y"] - value * data["x"][0], columns, clusters=clusters)
    q = len(data["z"])
    b = found.params[:q]
    df = data["y"].size - len(columns) if clusters is None else CLUSTERS - 1
    return float(b @ np.linalg.solve(found.covariance[:q, :q], b) / q), df


@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize("strength", [1.0, 0.05, 0.0])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_ends_of_the_anderson_rubin_set_are_where_its_f_is_critical(data, clustered, strength, count):
    rng = np.random.default_rng(count)
    u = data["y"] - 2 * data["x"][0] + data["x"][1] - data["w"][0]
    z = data["z"][:count]
    x = strength * z.sum(axis=0) + u + rng.normal(size=u.size)
    one = data | {"y": 0.5 * x + u, "x": x[None], "z": z}
    clusters = data["clusters"] if clustered else None
    found = iv.anderson_rubin(one["y"], one["w"], one["x"], z, clusters=clusters)
    ends = [end for part in found.parts for end in part if np.isfinite(end)]
    for end in ends:
        statistic, df = anderson_rubin_f(one, end, clusters)
        assert statistic == pytest.approx(fdtri(count, df, 0.95), rel=1e-5)
    for value in np.linspace(-30, 30, 121):
        statistic, df = anderson_rubin_f(one, value, clusters)
        assert found.holds(value) == (statistic <= fdtri(count, df, 0.95))


def test_kinds_of_anderson_rubin_sets():
    rng = np.random.default_rng(7)
    z, u = rng.normal(size=(2, 500)), rng.normal(size=500)
    none = np.empty((0, 500))
    strong = z.sum(axis=0) + u
    assert iv.anderson_rubin(strong + u, none, strong[None], z, clusters=None).kind == "bounded"
    wild = strong + u + 3 * z[0] + rng.normal(size=500)  # the first instrument has an effect of its own
    nothing = iv.anderson_rubin(wild, none, strong[None], z, clusters=None)
    assert nothing.kind == "empty"
    assert not nothing.parts
    assert np.isnan(nothing.low)
    useless = u + rng.normal(size=500)
    whole = iv.anderson_rubin(u, none, useless[None], z[:1], clusters=None)
    assert whole.kind in {"unbounded", "disjoint"}
    assert (whole.low, whole.high) == (-np.inf, np.inf)


def test_an_exactly_identified_estimate_lies_in_its_set(data):
    one = iv.two_stage(data["y"], data["w"], data["x"][:1], data["z"][:1], clusters=data["clusters"])
    for level in (0.01, 0.5, 0.999):
        assert one.anderson_rubin(level=level).holds(one.params[0])


def test_hansen_is_the_two_step_criterion(data):
    found = fitted(data)
    z, x = np.vstack([data["z"], data["w"]]), np.vstack([data["x"], data["w"]])

    def scores(params):
        return pd.DataFrame((z * (data["y"] - params @ x)).T).groupby(data["clusters"]).sum().to_numpy()

    weight = np.linalg.inv(scores(found.params).T @ scores(found.params))
    slopes = z @ x.T
    best = np.linalg.solve(slopes.T @ weight @ slopes, slopes.T @ weight @ z @ data["y"])
    gap = z @ (data["y"] - best @ x)
    assert found.overid.name == "hansen"
    assert found.overid.df == 2
    assert found.overid.statistic == pytest.approx(gap @ weight @ gap, rel=SAME)


def test_few_clusters_leave_overidentification_untested(data):
    found = fitted(data, clusters=data["clusters"] % 4)
    assert found.overid is None


def test_endogeneity_is_the_test_of_the_first_stage_residual(data):
    found = fitted(data, drivers=slice(0, 1))
    residual = regress(data["x"][0], np.vstack([data["z"], data["w"]]), clusters=None).residuals
    columns = np.vstack([residual, data["x"][:1], data["w"]])
    added = regress(data["y"] + data["x"][1], columns, clusters=data["clusters"])
    t = added.params[0] / np.sqrt(added.covariance[0, 0])
    assert found.endogeneity.statistic == pytest.approx(t**2, rel=SAME)
    assert added.params[1] == pytest.approx(found.params[0], rel=SAME)  # the control function gives the estimate


def test_refusals(data):
    y, w, x, z, codes = (data[k] for k in ("y", "w", "x", "z", "clusters"))
    with pytest.raises(ValueError, match="at least one instrument for each"):
        iv.two_stage(y, w, x, z[:1], clusters=codes)
    with pytest.raises(ShareError, match="collinear") as caught:
        iv.two_stage(y, w, x, np.vstack([z, z[0] + w[1]]), clusters=codes)
    assert caught.value.code == "collinear"
    with pytest.raises(ShareError, match="equals its endogenous driver"):
        iv.two_stage(y, w, x[:1], np.vstack([z, x[0]]), clusters=codes)
    with pytest.raises(ShareError, match="predict them"):
        iv.two_stage(y, w, np.stack([x[0], 2 * x[0]]), z, clusters=codes)
    with pytest.raises(ShareError, match="is zero"):
        iv.two_stage(y, w, x, np.vstack([z, 0 * y]), clusters=codes)
    with pytest.raises(ShareError, match="two clusters"):
        iv.two_stage(y, w, x, z, clusters=np.zeros(y.size, dtype=int))
    with pytest.raises(ShareError, match="use fewer effects"):
        iv.two_stage(y, w, x, z, clusters=codes, absorbed=y.size)
    with pytest.raises(ShareError, match="use fewer"):
        iv.anderson_rubin(y, w, x[:1], z, clusters=codes, held=4)
    with pytest.raises(ValueError, match="level"):
        fitted(data).anderson_rubin(level=95)
