"""`chat-tui config`: where the settings are, what they are, and how to change them."""

from typing import Final

import click

from chat_tui.keys import TABLE
from chat_tui.preferences import configfile, settings
from chat_tui.preferences.configfile import ConfigFileError
from chat_tui.preferences.configsample import literal, literals
from chat_tui.preferences.remapping import identity
from chat_tui.preferences.settings import Loaded, SettingsError


@click.group()
def config() -> None:
    """Show and change what chat-tui starts with."""


def _loaded(ctx: click.Context) -> Loaded:
    loaded: Loaded = ctx.meta[settings.KEY]
    return loaded


@config.command()
@click.pass_context
def path(ctx: click.Context) -> None:
    """Print where the settings are, whether they are there or not."""
    click.echo(_loaded(ctx).folder / configfile.FILE)


@config.command()
@click.pass_context
def show(ctx: click.Context) -> None:
    """Print what is in force, and whether an option, the environment, a profile, the file or nobody says so."""
    loaded = _loaded(ctx)
    if loaded.error:
        raise SettingsError(loaded.error)
    taken = settings.effective(ctx.find_root(), loaded)
    lines = [(f"{name} = {literal(each.value)}", each.source) for name, each in taken.items()]
    for key, stock in zip(loaded.config.keys, TABLE, strict=True):
        if key != stock:
            lines.append((f"keys.{identity(key)} = {literals(key.keys)}", "file"))
    width = max(len(line) for line, _ in lines)
    for line, source in lines:
        click.echo(f"{line:{width}}  # {source}")


@config.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Write a file that shows all settings and their defaults, and changes none; never over one that is there."""
    try:
        click.echo(configfile.init(_loaded(ctx).folder))
    except ConfigFileError as error:
        raise click.ClickException(str(error)) from error


@config.command()
@click.pass_context
def edit(ctx: click.Context) -> None:
    """Open the file in $VISUAL or $EDITOR, begun where there is none, and say what is wrong with it afterwards."""
    folder = _loaded(ctx).folder
    try:
        if not (folder / configfile.FILE).exists():
            configfile.init(folder)
        click.edit(filename=str(folder / configfile.FILE))
        configfile.read(folder)
    except ConfigFileError as error:
        raise SettingsError(str(error)) from error


@click.command()
@click.pass_context
def profiles(ctx: click.Context) -> None:
    """List the profiles in config.toml, with a * at the one that is used where none is named."""
    loaded = _loaded(ctx)
    for name in loaded.config.profiles:
        taken = loaded.config.taken(name)
        mark = "*" if name == loaded.profile else " "
        click.echo(f"{mark} {name:16}  {taken['name'].value or '-':32}  {taken['server'].value}")
    if not loaded.config.profiles:
        click.echo(f"There is no profile in {loaded.folder / configfile.FILE}; a start without a name makes one.")


COMMANDS: Final = {"config": config, "profiles": profiles}
