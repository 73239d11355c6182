"""Names of files and tables as they may be shown."""

import unicodedata

LONGEST_NAME = 120
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def clean_name(name: str) -> str:
    """Name without folders, control and direction marks, at most LONGEST_NAME characters long; its ending stays."""
    base = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(c for c in base if unicodedata.category(c) not in _HIDDEN).strip()
    if len(shown) <= LONGEST_NAME:
        return "" if set(shown) == {"."} else shown
    ending = shown[shown.rfind(".") :] if "." in shown[-10:] else ""
    return shown[: LONGEST_NAME - len(ending)] + ending
