"""What the effect of a roll-out refuses for want of information in the data."""


class EffectError(ValueError):
    """Data that cannot carry the estimate.

    Attributes
    ----------
    code : str
        One of not_finite, repeated, cohort_varies, unbalanced, one_period, no_treated, no_before, no_controls,
        few_draws, few_deals, no_roll_out, no_neighbours, no_dose, no_slope.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
