"""What a base path may be. Read before anything is installed: the standard library alone, also on older Pythons."""

import re

_PART = re.compile(r"[\w~-][\w.~-]*", re.ASCII)


class BaseError(ValueError):
    """A path that no address can begin with."""


def cleaned(text: str) -> str:
    """A base path as it stands in addresses: "/tool" for "tool/", empty for none.

    Raises
    ------
    BaseError
        It holds something else than letters, digits, "-", ".", "_" and "~" between slashes.
    """
    parts = [part for part in text.split("/") if part]
    if not all(_PART.fullmatch(part) for part in parts):
        raise BaseError(f"--base {text!r}: only letters, digits, - . _ ~ between slashes")
    return "".join(f"/{part}" for part in parts)
