"""What is wrong with a file, cell by cell, in the reader's words."""

import pandas as pd

from analysis.views.look import Look
from data.intake import values


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
