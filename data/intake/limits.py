"""How large an upload may be. Each limit has its sentence: `problem.<code>` and `fix.<code>`."""

LARGEST_FILE = 1_000_000_000
"""Bytes of a file, and of all that an archive unpacks to ("too_large", "bomb")."""
MOST_ROWS = 30_000_000
"""Rows of a table ("too_many_rows")."""
MOST_COLUMNS = 1_000
"""Columns of a table ("too_many_columns")."""
LONGEST_RECORD = 2_000_000
"""Bytes of one record ("long_line")."""
MOST_TABLES = 100
"""Sheets of a workbook or members of an archive ("too_many_tables")."""
LARGEST_RATIO = 200
"""Unpacked bytes for one packed byte ("bomb"), once more than SMALL are unpacked."""
SMALL = 20_000_000
