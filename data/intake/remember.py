"""What stands for a set of headers, so that what was said of one file is known at the next."""

import hashlib
from collections.abc import Iterable

from data.platforms import fold


def header_key(headers: Iterable[str]) -> str:
    """Digest of a set of headers (16 hexadecimal digits), whatever their order, case, width and punctuation."""
    folded = "\x1f".join(sorted(fold(header) for header in headers))
    return hashlib.sha256(folded.encode()).hexdigest()[:16]
