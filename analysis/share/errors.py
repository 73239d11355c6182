"""What the share model refuses for want of information in the data."""


class ShareError(ValueError):
    """Data that cannot carry the share model.

    Attributes
    ----------
    code : str
        One of few_clusters, no_variation, collinear, itself, no_volume, many_levels, not_converged, few_rows.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
