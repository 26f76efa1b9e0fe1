"""`chat-server user …` and `chat-server invite`: orders to a running server, and what a person is told of them."""

import re
import secrets
import shlex
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import platformdirs

if TYPE_CHECKING:  # Orders are imported by what gives them, so that --help and mistakes are answered at once.
    from chat_server.admin import Told
    from chat_server.orders import AnyOrder, Listed
    from chat_server.store import Store

_UNITS_S: Final = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LASTS_MAX_S: Final = 366 * 86400
RESET_LASTS: Final = "1d"
ADMIN_LASTS_MS: Final = 86_400_000


class Lasting(click.ParamType[int]):
    """A time span."""

    name = "span"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milliseconds: `30m`, `12h`, `7d`, `2w`, up to a year."""
        if isinstance(value, int):
            return value
        matched = re.fullmatch(r"([0-9]{1,6})([mhdw])", value)
        seconds = int(matched[1]) * _UNITS_S[matched[2]] if matched else 0
        if not 0 < seconds <= _LASTS_MAX_S:
            self.fail(f"{value!r} is no time span; say 30m, 12h, 7d or 2w, up to a year.", param, ctx)
        return seconds * 1000


data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_data_path("doubletick", appauthor=False),
    envvar="DOUBLETICK_DATA_DIR",
    show_envvar=True,
    show_default="the user's data directory",
    help="Where messages and read-by lists are kept.",
)
_name = click.argument("name", metavar="NAME")


@click.group()
def user() -> None:
    """See and change who may speak, on a running server."""


@user.command("list")
@data_dir
def list_(data_dir: Path) -> None:
    """Show everybody, with what their names are allowed."""
    from chat_server.orders import ListPeople

    people = _give(data_dir, ListPeople()).answer.people
    for line in _table(people):
        click.echo(line)
    if not people:
        click.echo("Nobody has come yet.")


@user.command()
@_name
@data_dir
@click.option("--expires", "lasts_ms", type=Lasting(), default=RESET_LASTS, show_default=True)
def reset(name: str, data_dir: Path, lasts_ms: int) -> None:
    """Take all keys from NAME, for somebody who has lost theirs, and show the code for a new one.

    Give the code to nobody but them: whoever has it is NAME.
    """
    from chat_server.orders import ResetName

    code, digest = _new_code()
    told = _give(data_dir, ResetName(name=name, digest=digest, lasts_ms=lasts_ms))
    click.echo(f"No key speaks for {name} any more. Whoever types this does, within {_span(lasts_ms)}, once:")
    click.echo(f"  {_invitation_line(told.url, name, code)}")


@user.command()
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir
def remove(name: str, data_dir: Path, *, yes: bool) -> None:
    """Give NAME up for good: nobody can have it again. What was said and read under it stays."""
    from chat_server.orders import RemoveName

    if not yes:
        click.confirm(f"Remove {name} for good?", abort=True)
    _give(data_dir, RemoveName(name=name))
    click.echo(f"{name} was removed.")


@user.command()
@_name
@click.argument("to", metavar="NEWNAME")
@data_dir
def rename(name: str, to: str, data_dir: Path) -> None:
    """Let all that is NAME's be NEWNAME's: keys, messages, receipts."""
    from chat_server.orders import RenameName

    _give(data_dir, RenameName(name=name, to=to))
    click.echo(f"{name} is {to} now.")


@user.command()
@_name
@data_dir
def ban(name: str, data_dir: Path) -> None:
    """Put NAME out of the server, and let nobody in under it."""
    _ban(data_dir, name, banned=True)
    click.echo(f"{name} is banned.")


@user.command()
@_name
@data_dir
def unban(name: str, data_dir: Path) -> None:
    """Let the owner of NAME in again."""
    _ban(data_dir, name, banned=False)
    click.echo(f"{name} is not banned.")


@user.command()
@_name
@data_dir
def promote(name: str, data_dir: Path) -> None:
    """Make NAME an admin, who may moderate every room."""
    _promote(data_dir, name, admin=True)
    click.echo(f"{name} is an admin.")


@user.command()
@_name
@data_dir
def demote(name: str, data_dir: Path) -> None:
    """Make NAME no admin any more."""
    _promote(data_dir, name, admin=False)
    click.echo(f"{name} is no admin.")


@click.command()
@data_dir
@click.option("--uses", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many may use it.")
@click.option("--expires", "lasts_ms", type=Lasting(), default="7d", show_default=True, help="30m, 12h, 7d, 2w.")
@click.option("--name", default="", help="The only name that it is good for.")
def invite(data_dir: Path, uses: int, lasts_ms: int, name: str) -> None:
    """Show a line that lets somebody new in, on a running server."""
    from chat_server.orders import Invite

    code, digest = _new_code()
    told = _give(data_dir, Invite(digest=digest, uses=uses, lasts_ms=lasts_ms, name=name))
    click.echo(f"Good for {'one person' if uses == 1 else f'{uses} people'}, within {_span(lasts_ms)}:", err=True)
    click.echo(_invitation_line(told.url, name, code))


COMMANDS: Final = (user, invite)


async def appointed(store: "Store", names: Sequence[str], url: str) -> AsyncIterator[str]:
    """Make these names admins' before anybody is served; says how to become those that nobody has yet.

    Raises ClickException for what can be nobody's name.
    """
    from chat_server.orders import Invite, PromoteName, carry_out
    from chat_server.store.opening import now_ms

    for name in names:
        code, digest = _new_code()
        orders: list[AnyOrder] = [PromoteName(name=name)]
        person = store.chat.people.of(name)
        if person is None or not person.keys:
            orders.append(Invite(digest=digest, lasts_ms=ADMIN_LASTS_MS, name=name))
            yield f"Whoever types this is {name}, an admin, within {_span(ADMIN_LASTS_MS)}, once:"
            yield f"  {_invitation_line(url, name, code)}"
        for order in orders:
            outcome = carry_out(store.chat, order, frozenset(), now_ms())
            if outcome.answer.refused:
                raise click.ClickException(outcome.answer.refused)
            for record in outcome.records:
                store.chat.apply(record)
            await store.commit(outcome.records)


def _ban(data_dir: Path, name: str, *, banned: bool) -> None:
    from chat_server.orders import BanName

    _give(data_dir, BanName(name=name, banned=banned))


def _promote(data_dir: Path, name: str, *, admin: bool) -> None:
    from chat_server.orders import PromoteName

    _give(data_dir, PromoteName(name=name, admin=admin))


def _give(data_dir: Path, order: "AnyOrder") -> "Told":
    """Have the running server do it. Raises ClickException where it does not."""
    from chat_server.admin import Unreachable, ask

    try:
        told = ask(data_dir, order)
    except Unreachable as error:
        raise click.ClickException(str(error)) from error
    if told.answer.refused:
        raise click.ClickException(told.answer.refused)
    return told


def _new_code() -> tuple[str, str]:
    """A one-time code, and its digest, which is all that the server gets to know of it."""
    from chat_server.protocol.proofs import code_digest, code_of

    code = code_of(secrets.token_bytes(16))
    return code, code_digest(code)


def _invitation_line(url: str, name: str, code: str) -> str:
    return f"chat-tui --server {url} --name {shlex.quote(name) if name else 'YOURNAME'} --invite {code}"


def _span(lasts_ms: int) -> str:
    """`7 days`: in the largest unit of which it is a whole number."""
    minutes = lasts_ms // 60_000
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes % length == 0:
            count = minutes // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError(lasts_ms)


def _table(people: Iterable["Listed"]) -> Iterator[str]:
    rows = [("NAME", "SINCE", "KEYS", "STATE")]
    for each in people:
        since = datetime.fromtimestamp(each.since / 1000, UTC).strftime("%Y-%m-%d")
        rows.append((each.name, since, str(len(each.keys)), ", ".join(_states(each))))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    for row in rows:
        yield "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()


def _states(person: "Listed") -> Iterator[str]:
    if person.online:
        yield "online"
    if person.admin:
        yield "admin"
    if person.banned:
        yield "banned"
    if person.removed:
        yield "removed"
    if person.renamed_to:
        yield f"now {person.renamed_to}"
    elif not person.keys and not person.removed:
        yield "waits for a code"
