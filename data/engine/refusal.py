"""Why events cannot be counted, in words that say what to do, and without where the operator keeps things."""

import re

MESSAGES = {
    "away": "nothing answers at {address}: start the cluster, or take POSTHOUSE_ENGINE out to count on this machine",
    "lost": "the connection to {address} broke {tries} times: look whether the cluster is up, then try again",
    "too_long": "the count took longer than {seconds} s: count fewer months, or on more workers",
    "no_events": "there are no events at {where}: check POSTHOUSE_EVENTS",
    "not_permitted": "the events at {where} may not be read: give the user of the program the right to",
    "odd_column": "the column {name} is of the type {kind}, which is not read here: write it as text or as a number",
    "no_columns": "the events have no column for {names}; their columns are {found}",
    "strange_engine": "{setting} is no engine: POSTHOUSE_ENGINE is empty for DuckDB, or sc://host:port for Spark",
    "not_installed": "{package} is not installed: python -m data.engine.cluster install",
    "failed": "the engine refused: {why}",
    "unforeseen": "something went wrong: {reference}",
}
LONGEST = 300
"""Letters of what an engine says that are told on."""
_OPTIONS = re.compile(r"[;?]\w+=[^\s'\"`]*")
_IN_QUOTES = re.compile(r"""(['"`])[^'"`]*[/\\]([^'"`/\\]*)\1""")
_FOLDERS = re.compile(r"[^\s'\"`(\[]*[/\\]")


class EngineError(RuntimeError):
    """What keeps an engine from answering.

    Attributes
    ----------
    code : str
        A key of `MESSAGES`; words are under `events.problem_<code>`.
    values : dict
        Strings for those words: address, tries, seconds, where, name, kind, names, found, setting, package, why,
        reference.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        said = {key: str(value) for key, value in values.items()}
        if "setting" in said:
            said["setting"] = re.sub(r"//[^/]*@", "//", re.split(r"[;?]", said["setting"])[0])
        if "why" in said:
            said["why"] = _FOLDERS.sub("", _IN_QUOTES.sub(r"\1\2\1", _OPTIONS.sub("", said["why"])))
        self.values = {key: value[:LONGEST] for key, value in said.items()}
        super().__init__(MESSAGES[code].format(**self.values))


class Broken(Exception):
    """A connection that was there broke off: worth another try."""


class Stopped(Exception):
    """A query was interrupted from outside."""
