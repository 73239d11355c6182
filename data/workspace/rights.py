"""The one door of the stores: whoever writes without the role for it is refused, in whatever thread."""

from data import people
from data.workspace.refusal import WorkspaceError


def need(action: str) -> None:
    """Refuse whoever acts and may not do this: see `data.people.NEEDS`.

    Raises
    ------
    WorkspaceError
        "signed_out" where nobody is signed in, "may_not".
    """
    person = people.acting()
    if people.may(person, action):
        return
    raise WorkspaceError("signed_out" if person is not None and not person.owner else "may_not")


def action(wanted: str, owner: str) -> str:
    """What it takes to do what is wanted with a thing: where people sign in, everyone's is for administrators."""
    return "administer" if owner == people.EVERYONE and people.acting() is not None else wanted


def administers() -> bool:
    """Whether whoever acts may see and take back what is others'."""
    return people.may(people.acting(), "administer")
