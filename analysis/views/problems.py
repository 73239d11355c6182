"""What a file must hold, and what is wrong with one, cell by cell, in the reader's words."""

import pandas as pd

from analysis.views.look import Look
from data.intake import values
from data.schema import DATASETS


def table(problems: pd.DataFrame, look: Look) -> pd.DataFrame:
    """File row (the header is row 1), column, value as written, problem, how to mend it, severity."""
    rows = []
    for problem in problems.to_dict("records"):
        words = values(problem)
        rows.append(
            {
                look.say("data.row"): problem["row"],
                look.say("data.column"): words["column"],
                look.say("record.value"): words["value"],
                look.say("data.problem"): look.say(f"problem.{problem['code']}", **words),
                look.say("data.fix"): look.say(f"fix.{problem['fix_code']}", **words),
                look.say("data.severity"): look.say(f"severity.{problem['severity']}"),
            }
        )
    return pd.DataFrame(rows)


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
