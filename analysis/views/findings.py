"""What was found in a file: summary, every finding, how columns and names were read, and what a file must hold."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.views.look import Look
from data.cities import cities
from data.intake.found import Guess
from data.intake.summary import ORDER, summarise, values
from data.schema import DATASETS

LIKELY = 0.8
"""Confidence from which a guess is likely."""


def title(problems: pd.DataFrame, look: Look) -> str:
    """How many errors and warnings, of how many kinds."""
    counts = problems["severity"].value_counts()
    if not len(problems):
        return look.say("change.no_problems")
    errors, warnings, notes = (f"{int(counts.get(severity, 0)):,}" for severity in ORDER)
    kinds = problems["code"].nunique()
    return look.say("change.problems_found", errors=errors, warnings=warnings, notes=notes, kinds=kinds)


def summary(problems: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a kind of finding and column, errors first: how many, the first of them in words, how to mend it."""
    keys = ["code", "column", "severity"]
    first = problems.drop_duplicates(keys).set_index(keys, drop=False)
    rows = [
        (
            look.say(f"severity.{kind['severity']}"),
            kind["column"],
            kind["count"],
            kind["first_row"],
            *_words(first.loc[tuple(kind[key] for key in keys)].to_dict(), look),
        )
        for kind in summarise(problems).to_dict("records")
    ]
    heads = ("data.severity", "data.column", "change.column_count", "change.column_first", "change.column_example")
    return pd.DataFrame(rows, columns=[*map(look.say, heads), look.say("data.fix")])


def table(problems: pd.DataFrame, look: Look) -> pd.DataFrame:
    """File row, column, value as written, problem, how to mend it, severity."""
    rows = [
        (found["row"], found["column"], found["value"], *_words(found, look), look.say(f"severity.{found['severity']}"))
        for found in problems.to_dict("records")
    ]
    heads = ("data.row", "data.column", "record.value", "data.problem", "data.fix", "data.severity")
    return pd.DataFrame(rows, columns=list(map(look.say, heads)))


def _words(found: Mapping[str, object], look: Look) -> tuple[str, str]:
    words = values(found)
    return look.say(f"problem.{found['code']}", **words), look.say(f"fix.{found['fix_code']}", **words)


def contract(look: Look) -> pd.DataFrame:
    """Every column of every dataset: whether it must be there, its unit, an example, what it means."""
    rows = [
        {
            look.say("data.dataset"): look.say(f"dataset.{dataset.name}"),
            look.say("data.column"): column.name,
            look.say("data.required"): look.say("data.yes" if column.required else "data.no"),
            look.say("record.unit"): look.term("unit", column.unit),
            look.say("data.example"): " / ".join(filter(None, column.examples)),
            look.say("data.meaning"): look.term("column", f"{dataset.name}.{column.name}"),
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
        return guess.column
    return look.say("change.offered", column=guess.suggest) if guess.suggest else look.say("change.unused")


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


def names(found: pd.DataFrame, look: Look) -> pd.DataFrame:
    """One row a spelling that no column could resolve: how often and where it stands, and what it may be.

    `found` is that of `Intake.names`.
    """
    rows = [
        (one["column"], one["written"], one["rows"], one["row"], look.join(meant(one["column"], one["suggest"], look)))
        for one in found.to_dict("records")
    ]
    heads = ("dataset_column", "written", "rows", "first", "suggest")
    return pd.DataFrame(rows, columns=[look.say(f"change.column_{head}") for head in heads])


def meant(column: str, keys: Sequence[str], look: Look) -> list[str]:
    """Names of the keys that a spelling may mean; a city with its province, for several share a name."""
    if column != "city":
        return [look.name(key) if column == "platform" else look.term(column, key) for key in keys]
    places = cities().loc[list(keys), [f"city_{look.lang}", f"province_{look.lang}"]]
    said = "{}（{}）" if look.lang == "zh" else "{} ({})"
    return [city if "(" in city else said.format(city, province) for city, province in places.itertuples(index=False)]
