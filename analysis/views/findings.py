"""What was found in a file: summary, every finding, how columns and names were read, and what a file must hold."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.views.look import Look
from data.cities import cities
from data.intake.found import Guess
from data.intake.summary import ORDER, summarise, where, words
from data.places import called
from data.schema import DATASETS

LIKELY = 0.8
"""Confidence from which a guess is likely."""
NO_MAPPING: Mapping[str, str] = {}


def title(problems: pd.DataFrame, look: Look) -> str:
    """How many errors, warnings and notes, of how many kinds: as many as `summary` has rows."""
    if not len(problems):
        return look.say("change.no_problems")
    kinds = summarise(problems)
    counts = kinds.groupby("severity")["count"].sum()
    errors, warnings, notes = (f"{int(counts.get(severity, 0)):,}" for severity in ORDER)
    return look.say("change.problems_found", errors=errors, warnings=warnings, notes=notes, kinds=f"{len(kinds):,}")


def summary(problems: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a kind of finding and column, errors first: how many, the first of them in words, how to mend it."""
    keys = ["code", "column", "severity"]
    first = problems.drop_duplicates(keys).set_index(keys, drop=False)
    rows = [
        (
            look.say(f"severity.{kind['severity']}"),
            where(kind, look.say),
            f"{kind['count']:,}",
            kind["first_row"],
            *words(first.loc[tuple(kind[key] for key in keys)].to_dict(), look.say),
        )
        for kind in summarise(problems).to_dict("records")
    ]
    heads = ("data.severity", "data.column", "change.column_count", "change.column_first", "change.column_example")
    return pd.DataFrame(rows, columns=[*map(look.say, heads), look.say("data.fix")])


def table(problems: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Severity, file row, column, value as written, problem, how to mend it."""
    rows = [
        (
            look.say(f"severity.{found['severity']}"),
            found["row"],
            where(found, look.say),
            found["value"],
            *words(found, look.say),
        )
        for found in problems.to_dict("records")
    ]
    heads = ("data.severity", "data.row", "data.column", "record.value", "data.problem", "data.fix")
    return pd.DataFrame(rows, columns=list(map(look.say, heads)))


def column(name: str, look: Look, mapping: Mapping[str, str] = NO_MAPPING) -> str:
    """What a column of a dataset is called: by its header in the file, else by a word for it.

    Parameters
    ----------
    name : str
        Of the column, such as "platform".
    mapping : mapping of str to str
        Header to column, that of an `Intake`; the header is given as written.
    """
    return next((header for header, known in mapping.items() if known == name), look.term("field", name))


def contract(look: Look) -> pd.DataFrame:
    """Every column of every dataset: whether it must be there, unit, example, meaning, canonical name."""
    rows = [
        {
            look.say("data.dataset"): look.say(f"dataset.{dataset.name}"),
            look.say("data.column"): look.term("field", column.name),
            look.say("data.required"): look.say("data.yes" if column.required else "data.no"),
            look.say("record.unit"): look.term("unit", column.unit),
            look.say("data.example"): " / ".join(filter(None, column.examples)),
            look.say("data.meaning"): look.term("column", f"{dataset.name}.{column.name}"),
            look.say("change.column_code"): column.name,
        }
        for dataset in DATASETS.values()
        for column in dataset.columns.values()
    ]
    return pd.DataFrame(rows)


def mapping(guesses: Sequence[Guess], look: Look) -> pd.DataFrame:
    """One row a header, in file order: what it is read as, its unit, how sure that is, and why."""
    rows = [(one.header, read_as(one, look), _unit(one, look), _sure(one, look), why(one, look)) for one in guesses]
    heads = ("header", "meaning", "unit", "confidence", "why")
    return pd.DataFrame(rows, columns=[look.say(f"change.column_{head}") for head in heads])


def read_as(guess: Guess, look: Look) -> str:
    """Column that a header is read as, or the one that is offered."""
    if guess.column:
        return look.term("field", guess.column)
    offered = look.term("field", guess.suggest)
    return look.say("change.offered", column=offered) if guess.suggest else look.say("change.unused")


def why(guess: Guess, look: Look) -> str:
    """Why a header is read as it is."""
    return look.term("why", guess.why)


def _unit(guess: Guess, look: Look) -> str:
    if guess.factor == 1.0:
        return guess.unit
    return look.say("change.times", unit=guess.unit, factor=f"{guess.factor:,.6g}")


def _sure(guess: Guess, look: Look) -> str:
    if not (guess.column or guess.suggest):
        return look.say("unit.none")
    return look.say("change.sure" if guess.confidence >= 1 else _level(guess.confidence))


def _level(confidence: float) -> str:
    return "change.likely" if confidence >= LIKELY else "change.maybe"


def names(found: pd.DataFrame, look: Look, mapping: Mapping[str, str] = NO_MAPPING) -> pd.DataFrame:
    """One row a spelling that no column could resolve: how often and where it stands, and what it may be.

    `found` is that of `Intake.names`, `mapping` that of the `Intake`.
    """
    rows = [
        (
            column(one["column"], look, mapping),
            one["written"],
            f"{one['rows']:,}",
            one["row"],
            look.join(meant(one["column"], one["suggest"], look)),
        )
        for one in found.to_dict("records")
    ]
    heads = ("dataset_column", "written", "rows", "first", "suggest")
    return pd.DataFrame(rows, columns=[look.say(f"change.column_{head}") for head in heads])


def meant(column: str, keys: Sequence[str], look: Look) -> list[str]:
    """Names of the keys that a spelling may mean; a city with its province, for several share a name."""
    if column != "city":
        return [look.term(column, key) if column == "format" else look.name(key) for key in keys]
    provinces = cities()[f"province_{look.lang}"]
    said = "{}（{}）" if look.lang == "zh" else "{} ({})"
    named = {key: called(key, look.lang) for key in keys}
    return [city if "(" in city else said.format(city, provinces[key]) for key, city in named.items()]
