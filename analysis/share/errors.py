"""What the share model refuses for want of information in the data."""


class ShareError(ValueError):
    """Data that cannot carry the share model.

    Attributes
    ----------
    code : str
        One of few_clusters, few_months, few_rows, no_variation, no_volume, zeros, collinear, itself, weak,
        rho_outside, many_levels, not_converged; berry or instrumented where a check does not take such a fit.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
