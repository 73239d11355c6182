"""Why a file cannot be read as a table at all."""

from data import tally


class IntakeError(ValueError):
    """A file that cannot be read as a table at all.

    Attributes
    ----------
    code : str
        What is wrong; words under `problem.<code>`, how to mend it under `fix.<code>`.
    values : dict of str
        What the words need.
    """

    def __init__(self, code: str, **values: str) -> None:
        detail = ", ".join(f"{name} {value}" for name, value in values.items())
        super().__init__(code + (f": {detail}" if detail else ""))
        self.code = code
        self.values = values
        tally.tell(tally.REFUSED, code)
