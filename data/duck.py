"""DuckDB as this product uses it: in memory, off the network, spilling where it is told, its progress to be asked."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from data import memory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(spill: Path | None = None) -> "DuckDBPyConnection":
    """Open a database in memory.

    Parameters
    ----------
    spill : Path, optional
        Folder for what does not fit into memory; that of the system for such files by default.
    """
    import duckdb

    most = memory.limit()
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(spill or Path(tempfile.gettempdir()) / "posthouse-spill"),
            **({"memory_limit": f"{most // 2**20}MiB"} if most else {}),
        }
    )
    con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0")
    return con


def lacks(error: Exception) -> str:
    """What an error says there is too little of: "no_memory", "no_disk", or "" for neither."""
    import duckdb

    said = str(error).lower()
    if "no space left" in said or "max_temp_directory_size" in said or "disk quota" in said:
        return "no_disk"
    return "no_memory" if isinstance(error, duckdb.OutOfMemoryException | MemoryError) else ""
