"""Care of the workspace from a terminal: `python -m data.workspace backup FILE`, restore, check, mend, drill, copy."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from data import settings
from data.workspace import Database, Place, WorkspaceError, keep, named_place, place
from data.workspace.refusal import MESSAGES

DONE, FAULTS, REFUSED = 0, 1, 2
"""Exit codes: done or sound; something is wrong with the workspace; it could not be done."""
UNIT = 2**20
NAMES = 'A backup takes names of Latin letters, digits, ".", "-" and "_", no two of which differ in capitals alone'
"""What `data.workspace.keep.names` lets through."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = parser().parse_args(argv)
    act: Callable[[argparse.Namespace], int] = given.act
    try:
        return act(given)
    except WorkspaceError as error:
        print(f"{sentence(error)}.", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped; what was there is as it was.", file=sys.stderr)
        return REFUSED


def parser() -> argparse.ArgumentParser:
    """Commands and their options."""
    made = argparse.ArgumentParser(
        prog="python -m data.workspace",
        description="Care of what Posthouse keeps: the folder POSTHOUSE_WORKSPACE, or the database POSTHOUSE_DATABASE.",
        epilog="Exit codes: 0 done or sound, 1 something is wrong with the workspace, 2 it could not be done.",
    )
    commands = made.add_subparsers(required=True, metavar="command")
    _add(commands, "backup", "write the workspace to one file, while others work", backup, file="where to write it")
    one = _add(commands, "restore", "put a backup in its place", restore, file="the backup")
    one.add_argument("--replace", action="store_true", help="put what is there aside first")
    _add(commands, "check", "look every store through, and keep a good copy of each that is sound", check)
    _add(
        commands, "mend", "put a damaged store aside, and its last good copy in its place", mend, store="its file name"
    )
    _add(commands, "drill", "back up, destroy a copy, restore it, and compare", drill)
    _add(commands, "copy", "copy the workspace to another place", copy, target="a folder or a postgresql:// address")
    return made


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    what: str,
    act: Callable[[argparse.Namespace], int],
    **arguments: str,
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    for argument, help in arguments.items():
        made.add_argument(argument, type=Path if argument == "file" else str, help=help)
    made.set_defaults(act=act)
    return made


def sentence(error: WorkspaceError) -> str:
    """What went wrong, as it is said in a terminal."""
    said = MESSAGES[error.code].format(**error.values)
    return said[0].upper() + said[1:]


def backup(given: argparse.Namespace) -> int:
    """Write a backup and say what is in it."""
    found = keep.backup(place(), given.file)
    size = given.file.stat().st_size / UNIT
    print(f"{given.file}: {len(found.entries)} files, {len(found.digests)} tables, {size:.1f} MB.")
    _told(found.left_out)
    return DONE


def _told(left_out: Sequence[str]) -> None:
    """Say what a backup leaves out: in letters that any terminal takes."""
    for name in left_out:
        print(f"Not in it: {name!a}. {NAMES}; rename it, or keep it elsewhere.")


def restore(given: argparse.Namespace) -> int:
    """Restore a backup and say where the earlier workspace is."""
    there = place()
    found, before = keep.restore(given.file, there, replace=given.replace)
    print(f"{named_place(there)} is as it was at {found.made_at:%Y-%m-%d %H:%M} UTC: {len(found.digests)} tables.")
    if before is not None:
        print(f"What was there is in {before}; delete it when nobody needs it any more.")
    return DONE


def check(given: argparse.Namespace) -> int:
    """Look the workspace through."""
    folder = _folder()
    found = keep.check(folder)
    for one in found:
        print(f"{one.message}: {one.remedy}.")
    if not found:
        print(f"{folder}: sound.")
    return FAULTS if found else DONE


def mend(given: argparse.Namespace) -> int:
    """Put a good copy in the place of a damaged store."""
    done = keep.mend(_folder(), given.store)
    print(f"{done.store} is as it was at {done.copy.made:%Y-%m-%d %H:%M} UTC.")
    lost = "What was saved since" if done.lost is None else f"What was saved since ({done.lost} saves)"
    print(f"{lost} is in {done.aside} alone.")
    return DONE


def drill(given: argparse.Namespace) -> int:
    """Practise the recovery on a copy."""
    done = keep.drill(place())
    wide = max((len(line.name) for line in done.lines), default=0)
    for line in done.lines:
        print(f"{line.name:{wide}}  {line.before[:12]:12}  {line.after[:12]:12}  {'same' if line.same else 'LOST'}")
    print(f"{done.destroyed} files destroyed, {done.noticed} of them found by the check as damaged.")
    print(f"Backup {done.backup_seconds:.2f} s, {done.size / UNIT:.1f} MB; restore {done.restore_seconds:.2f} s.")
    _told(done.left_out)
    print("All came back as it was." if done.passed else "Not all came back as it was.")
    return DONE if done.passed else FAULTS


def copy(given: argparse.Namespace) -> int:
    """Copy the workspace to another place."""
    from data.workspace import transfer

    target: Place = Database(given.target) if "://" in given.target else Path(given.target)
    found = transfer.copy(place(), target)
    print(f"{len(found)} tables are in {named_place(target)}, with the same digests.")
    return DONE


def _folder() -> Path:
    """The workspace's folder; outlines alone are in it where a database keeps the rest."""
    return settings.workspace()


if __name__ == "__main__":
    raise SystemExit(main())
