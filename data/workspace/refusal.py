"""Why something could not be kept or found."""

from data import tally

MESSAGES = {
    "cannot_write": "{path} cannot be written: make the folder writable, or set POSTHOUSE_WORKSPACE to one that is",
    "cannot_read": "{path} cannot be read: make the folder readable, or set POSTHOUSE_WORKSPACE to one that is",
    "busy": "another program has been writing to {path} for long: close it and save again",
    "full": "the disk of {path} is full: free some space and save again",
    "damaged": "{path} is damaged or no workspace: move it away, and a new one is made at the next save",
    "newer": "{path} was written by a newer Posthouse: update this one",
    "not_found": "no saved scenario goes by {id}: check the link",
    "not_yours": "{id} belongs to someone else: branch it, and change your own copy",
    "no_name": "a saved scenario needs a name of 1 to {most} characters: give one",
    "too_large": "the scenario holds more than {most} bytes: save a smaller one",
    "no_forecast": "no frozen forecast goes by {id}: check the link",
    "not_your_forecast": "forecast {id} belongs to someone else: freeze one of your own",
    "no_title": "a frozen forecast needs a name of 1 to {most} characters: give one",
    "forecast_too_large": "the forecast holds more than {most} bytes: freeze a shorter one",
    "no_market": "no saved market goes by {id}: check the link",
    "not_your_market": "market {id} belongs to someone else, who alone can change or share it: save one of your own",
    "no_market_name": "a market needs a name of 1 to {most} characters: give one",
    "no_version": "market {id} has no version {number}: choose another",
    "nothing_to_save": "there is no data to save: add a file first",
    "nothing_to_undo": "market {id} is at its first version: there is nothing to go back to",
    "nothing_to_redo": "market {id} is at its last version: there is nothing to go on to",
    "conflict": "{dataset}: {rows} keys are there with other values, such as {example}: keep the new or the old rows",
    "too_long_for_excel": "a sheet of Excel holds {most} rows, and these are {rows}: take CSV or Parquet",
    "long_text_for_excel": "a cell of Excel holds {most} characters, and row {row} has more: take CSV or Parquet",
    "too_many_own": "{dataset} would have {number} columns of your own, and {most} are kept: leave some out",
    "bad_note": "a note has at most {most} characters and no control marks: shorten it",
    "not_kept": "something in this cannot be written to {path}: leave unusual marks out and save again",
    "no_board": "no board goes by {id}: it was deleted, is not shared, or never was",
    "not_your_board": "board {id} belongs to someone else, who alone can change it: copy it, and change your own",
    "no_board_name": "a board needs a name of 1 to {most} characters: give one",
    "no_board_version": "the board has no version {number}: choose another",
    "no_board_part": "what the board refers to is not kept any more: pin the view again",
    "board_moved_on": "the board is at version {number} by now: make the change on that one",
    "board_too_large": "a board, and each view on it, holds at most {most} bytes: take something off",
    "no_link": "no link goes by {id}, and none ever did: check the address",
    "link_deleted": "link {id} was deleted on {on}: ask whoever sent it for another",
    "not_your_link": "link {id} belongs to someone else, who alone can delete it: leave it",
    "link_too_long": "an address of more than {most} characters is not kept: choose less on the page",
    "may_not": "your role here does not allow this: ask whoever administers this server",
    "signed_out": "nobody is signed in, or no longer: sign in again",
    "no_email": "{email} is no e-mail address: write it as name@example.com",
    "no_people": "nobody is named: give an e-mail address, or choose another way to share",
    "too_many_people": "at most {most} people can be named: share with everyone here, or name fewer",
    "away": "{path} does not answer, or refuses the role or its password: see that it runs, and POSTHOUSE_DATABASE",
    "unsure": "{path} went away while it saved, and does not say whether it has: look before you save again",
    "no_rights": "the role may not write to {path}: grant it CREATE on the database, and what is in the schemas",
    "strange": "{path} is not in UTF-8, or holds tables of something else: give Posthouse a database of its own",
    "not_empty": "{path} holds something already: copy to an empty folder or database",
    "copy_differs": "what was copied to {path} is not what was there: nothing of it was kept, copy again",
    "nothing_kept": "nothing is kept in {path} yet: there is nothing to back up",
    "backup_inside": "{path} is inside the workspace that it would hold: write it somewhere else, best on another disk",
    "no_backup": "{path} is no backup of Posthouse, or was cut short: choose another file",
    "bad_backup": "{path} is not what was written: take another backup",
    "occupied": "something is kept in {path}: pass --replace, and it is put aside",
    "no_good": "there is no good copy of {path}: restore a backup, or move the file away and begin anew",
    "sound": "{path} is sound by now: nothing was put in its place",
    "rows_gone": "the market was deleted meanwhile: choose another",
}


class WorkspaceError(ValueError):
    """What cannot be kept or found.

    Attributes
    ----------
    code : str
        One of cannot_write, cannot_read, busy, full, damaged, newer, not_found, not_yours, no_name, too_large,
        no_forecast, not_your_forecast, no_title, forecast_too_large, no_market, not_your_market,
        no_market_name, no_version, nothing_to_save, nothing_to_undo, nothing_to_redo, conflict,
        too_long_for_excel, long_text_for_excel, too_many_own, bad_note, not_kept, may_not, signed_out,
        no_email, no_people, too_many_people, rows_gone, no_board, not_your_board, no_board_name,
        no_board_version, no_board_part, board_moved_on, board_too_large, no_link, link_deleted, not_your_link,
        link_too_long, away, unsure, no_rights, strange, not_empty, copy_differs; words are under
        `keep.workspace_<code>`.
    values : dict
        Strings for those words: path, id, most, number, dataset, rows, row, example, on, email.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = {key: str(value) for key, value in values.items()}
        super().__init__(MESSAGES[code].format(**self.values))
        tally.tell(tally.REFUSED, code)
