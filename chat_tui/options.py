"""What several commands of `chat-tui` take: who one is, which server, and where keys are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from chat_tui import addresses

DEFAULT_SERVER = addresses.DEFAULT


class Address(click.ParamType[str]):
    """A server's WebSocket address."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address, with the path that all servers have where it names none."""
        address = addresses.complete(value)
        if address is None:
            self.fail(f"{value!r} is no server's address; it should look like {DEFAULT_SERVER}", param, ctx)
        return address


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line and the environment say."""

    name: str | None
    server: str
    config: Path
    key_file: Path | None

    @property
    def person(self) -> str:
        """The name, without which nothing can be done. Raises UsageError."""
        if not self.name:
            raise click.UsageError("Say who you are: --name YOURNAME")
        return self.name


def after_its_name(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take after its own name too what `chat-tui` takes before it; it is given a `Given`."""

    @click.option("--name", help="Who you are.")
    @click.option("--server", type=Address(), help="Where the chat is.")
    @click.option("--config-dir", "config", type=click.Path(path_type=Path), help="Where keys are kept.")
    @click.option("--key-file", type=click.Path(path_type=Path), help="Another key than the name's own.")
    def run(
        name: str | None, server: str | None, config: Path | None, key_file: Path | None, **others: Any
    ) -> None:
        before = click.get_current_context().find_object(Given)
        assert before is not None
        given = Given(
            name or before.name,
            server or before.server,
            config or before.config,
            key_file or before.key_file,
        )
        command(given, **others)

    return update_wrapper(run, command)


def ask_code() -> str:
    """A one-time code, typed without being shown."""
    code: str = click.prompt("Code", hide_input=True, err=True)
    return code
