"""`chat-server`'s commands around a data directory: arguments, bars and errors. Holds no rule of the store."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:  # The store is imported by what uses it, so that --help and mistakes are answered at once.
    from chat_server.room import Room
    from chat_server.store.observing import WatchedDisk
    from chat_server.store.recovery import Recovered

LONG_BYTES: Final = 16 * 1024 * 1024
"""Bytes to read from which on a bar shows how far it is."""
LONG_LINES: Final = 50_000
"""The same of lines to write."""

_directory = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
_new_directory = click.argument("new_directory", metavar="NEWDIR", type=click.Path(path_type=Path))
_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
_force = click.option("--force", is_flag=True, help="Replace FILE if it is there.")


@click.command(short_help="Say whether a directory is intact.")
@_directory
def check(directory: Path) -> None:
    """Say whether the data in DIR is intact, and how much there is.

    Reads all that a start would rely on and changes nothing; a server may be running. Where something is damaged
    it says what, and what can be kept, and ends with 1.
    """
    from chat_server.reports import report
    from chat_server.store.checking import check as check_directory
    from chat_server.store.errors import Damaged

    with _sentences():
        try:
            with _reading(directory) as disk:
                checked = check_directory(disk, directory)
        except Damaged as error:
            raise click.ClickException(f"{error}\n{_prospect(directory)}") from error
    click.echo(f"{directory} is intact as of commit {checked.recovered.sequence:,}.")
    for line in report(checked):
        click.echo(line)


@click.command(short_help="Write a directory to one file.")
@_directory
@_file
@_force
def backup(directory: Path, file: Path, *, force: bool) -> None:
    """Write everything in DIR to FILE, for `restore`; a server may be running.

    FILE is one snapshot, verified before it gets its name, and readable by its owner alone. It holds all messages
    in the clear.
    """
    from chat_server.reports import amount
    from chat_server.store.backup import write_backup

    with _sentences():
        recovered = _observed(directory, file, force=force)
        with _bar("Writing", _lines(recovered), LONG_LINES) as tell:
            size = write_backup(recovered, file, tell=tell)
    click.echo(
        f"Backed up {amount(recovered.rooms)} as of commit {recovered.sequence:,} to {file}, {size:,} bytes."
    )


@click.command(short_help="Make a directory of a backup.")
@_file
@_new_directory
def restore(file: Path, new_directory: Path) -> None:
    """Make a data directory, NEWDIR, of a backup or a snapshot.

    NEWDIR is new or empty. It gets an epoch of its own: clients start over, and send what they still owe.
    """
    from chat_server.store.restoring import restore as restore_to

    with _sentences(), _reading(file) as disk:
        recovered = restore_to(file, new_directory, disk=disk)
    _echo_made("Restored", recovered, new_directory)


@click.command(short_help="Make a directory of what is intact in another.")
@_directory
@_new_directory
def repair(directory: Path, new_directory: Path) -> None:
    """Make a data directory, NEWDIR, of all that is intact in DIR; no server may be running on it.

    DIR stays as it is. Kept is the best snapshot with every commit that follows it without a gap; what is lost is
    said. NEWDIR is new or empty and gets an epoch of its own: clients start over, and send what they still owe.
    """
    from chat_server.reports import account
    from chat_server.store.disk import LocalDisk
    from chat_server.store.founding import begin, require_vacant
    from chat_server.store.repairing import salvage

    with _sentences():
        require_vacant(LocalDisk(), new_directory)
        with _reading(directory) as disk:
            found = salvage(disk, directory)
        recovered = begin(LocalDisk(), new_directory, found.recovered.chat.freeze())
    _echo_made("Repaired", recovered, new_directory)
    for line in account(found):
        click.echo(line)


@click.command(short_help="Write rooms as JSON Lines.")
@_directory
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--room", metavar="NAME", help="This room alone.")
@_force
def export(directory: Path, file: Path | None, *, room: str | None, force: bool) -> None:
    """Write rooms as JSON Lines to FILE, or to standard output; a server may be running.

    One object per line: rooms, members, messages, and who has read what. docs/storage.md describes them.
    """
    from chat_server.reports import amount
    from chat_server.store.exchange import write_export

    if file is None and sys.stdout is None:  # it was closed before we began
        raise click.ClickException("There is no standard output. Name a FILE.")
    with _sentences():
        recovered = _observed(directory, file, force=force)
        if room is not None:
            recovered.chat.rooms = _only(recovered, room, directory)
        # A bar would run through lines that are shown on the same terminal.
        quiet = file is None and sys.stdout.isatty()
        with _bar("Writing", _lines(recovered), sys.maxsize if quiet else LONG_LINES) as tell:
            write_export(recovered, file or sys.stdout.buffer, tell=tell)
    if file:
        click.echo(f"Exported {amount(recovered.rooms)} as of commit {recovered.sequence:,} to {file}.")


@click.command("import", short_help="Make a directory of an export.")
@_file
@_new_directory
def import_(file: Path, new_directory: Path) -> None:
    """Make a data directory, NEWDIR, of what `export` wrote to FILE.

    NEWDIR is new or empty and gets an epoch of its own: clients start over. Where a line is not as it should be,
    it is named, and nothing is made.
    """
    from chat_server.store.importing import import_rooms

    with _sentences(), _reading(file, by_block=True) as disk:
        recovered = import_rooms(file, new_directory, disk=disk)
    _echo_made("Imported", recovered, new_directory)


COMMANDS: Final = (check, backup, restore, repair, export, import_)


# What goes wrong, and how far it is


@contextmanager
def _sentences() -> Iterator[None]:
    """What the store refuses becomes `Error: …` and an exit with 1."""
    from chat_server.store.errors import StorageError

    try:
        yield
    except StorageError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _bar(label: str, length: int, long: int) -> Iterator[Callable[[int], None]]:
    """Whom to tell how much more is done: a bar where the work is long and somebody watches."""
    if length < long or not sys.stderr.isatty():
        yield lambda _: None
        return
    steps = max(length // 200, 1)
    with click.progressbar(length=length, label=label, file=sys.stderr, update_min_steps=steps) as bar:
        yield bar.update


@contextmanager
def _reading(path: Path, *, by_block: bool = False) -> Iterator["WatchedDisk"]:
    """A disk to read this file or directory by."""
    from chat_server.store.observing import WatchedDisk, size_of

    with _bar("Reading", size_of(path), LONG_BYTES) as tell:
        yield WatchedDisk(tell, by_block=by_block)


def _observed(directory: Path, file: Path | None, *, force: bool) -> "Recovered":
    """All that is in the directory, once it is sure that the file may be written."""
    from chat_server.store.explaining import explained
    from chat_server.store.observing import observe
    from chat_server.store.publishing import require_target

    with explained(directory), _reading(directory) as disk:
        if file is not None:
            require_target(file, directory, force=force)
        return observe(disk, directory)


def _prospect(directory: Path) -> str:
    """What a repair would come to."""
    from chat_server.reports import account
    from chat_server.store.errors import StorageError
    from chat_server.store.repairing import salvage

    try:
        with _reading(directory) as disk:
            return "\n".join(["`chat-server repair` can do this:", *account(salvage(disk, directory))])
    except StorageError as error:
        return str(error)


def _lines(recovered: "Recovered") -> int:
    """About how many lines a snapshot or an export of it has."""
    from chat_server.store.observing import figures

    counted = figures(recovered.rooms.values())
    return counted.messages + counted.advances


def _only(recovered: "Recovered", room: str, directory: Path) -> dict[str, "Room"]:
    from chat_server.reports import shown

    if room not in recovered.rooms:
        names = ", ".join(shown(name) for name in list(recovered.rooms)[:20])
        raise click.ClickException(f"There is no room {room!r} in {directory}. There are: {names or 'none'}.")
    return {room: recovered.rooms[room]}


def _echo_made(done: str, recovered: "Recovered", directory: Path) -> None:
    from chat_server.reports import amount

    click.echo(f"{done} {amount(recovered.rooms)} to {directory}, under the new epoch {recovered.head.epoch}.")
