"""DuckDB as this product uses it: in memory, off the network, spilling where it is told, its progress to be asked."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

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

    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(spill or Path(tempfile.gettempdir()) / "posthouse-spill"),
        }
    )
    con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0")
    return con
