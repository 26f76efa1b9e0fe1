"""Colours: legible in our themes, the terminal's own in ANSI themes, none with NO_COLOR; and somebody's own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.color import Color

from chat_tui.app import ChatApp, Options
from chat_tui.outbox import Outbox
from chat_tui.preferences.config import THEME, Preferences
from chat_tui.preferences.configfile import FILE
from chat_tui.preferences.themes import DARK, LIGHT, OURS, ThemeError, parse, read, refuse_unknown
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.painting import PARTS
from tests.chat_tui.people import passport, until

URL = "ws://127.0.0.1:9/ws"
OWN = 'primary = "#112233"\nbackground = "#000000"\ndark = false\n'


@asynccontextmanager
async def showing(folder: Path, theme: str, config: Path | None = None) -> AsyncIterator[ChatApp]:
    """The app in a theme, with nobody to talk to."""
    outbox = Outbox.open(folder / "state", URL, "John")
    own = () if config is None else tuple(read(config))
    options = Options("John", URL, "general", preferences=Preferences(theme=theme), themes=own, config=config)
    app = ChatApp(options, outbox, passport("John", URL, folder))
    try:
        async with app.run_test(notifications=True) as pilot:
            await until(lambda: app._chat.is_mounted)
            await pilot.pause()
            yield app
    finally:
        outbox.close()


def colours_of(app: ChatApp) -> dict[str, tuple[Color, Color]]:
    """Per part of the conversation that is text its colour and what it stands on."""
    messages = app._chat.query_one(Messages)
    styles = {part: messages._style_of(part) for part in PARTS if part != "bar"}
    assert all(style.color is not None for style in styles.values())
    ground = messages.background_colors[1]
    return {part: (Color.from_rich_color(style.color), ground) for part, style in styles.items()}


def luminance(colour: Color) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (part / 255 for part in colour.rgb)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_ours_have_names_and_the_default_is_one() -> None:
    assert [theme.name for theme in OURS] == ["doubletick-dark", "doubletick-light"]
    assert DARK.name == THEME
    assert (DARK.dark, LIGHT.dark) == (True, False)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
async def test_every_text_can_be_read(tmp_path: Path, theme: object) -> None:
    name = getattr(theme, "name", "")
    async with showing(tmp_path, name) as app:
        for part, (colour, ground) in colours_of(app).items():
            assert contrast(colour, ground) >= 4.5, part
        composer = app._chat.query_one(Composer)
        placeholder = composer.get_component_styles("text-area--placeholder")
        assert contrast(composer.background_colors[1] + placeholder.color, composer.background_colors[1]) >= 4.5
        variables = app.get_css_variables()
        for text in ("foreground", "text-muted", "text-accent", "text-success", "text-warning", "text-error"):
            for ground_name in ("background", "surface"):
                ground = Color.parse(variables[ground_name])
                colour = ground + Color.parse(variables[text])
                assert contrast(colour, ground) >= 4.5, (text, ground_name)


@pytest.mark.parametrize("theme", ["doubletick-dark", "doubletick-light", "ansi-dark", "ansi-light"])
async def test_read_by_all_differs_from_read(tmp_path: Path, theme: str) -> None:
    async with showing(tmp_path, theme) as app:
        messages = app._chat.query_one(Messages)
        read_, all_ = (messages._style_of(f"tick-{state}") for state in ("read", "read-by-all"))
        assert (bool(read_.bold), bool(all_.bold)) == (False, True)
        assert read_.color != all_.color


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_ansi_themes_use_the_terminal_s_colours_only(tmp_path: Path, theme: str) -> None:
    async with showing(tmp_path, theme) as app:
        messages = app._chat.query_one(Messages)
        for part in (*PARTS, "current"):
            style = messages._style_of(part)
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.type in (ColorType.DEFAULT, ColorType.STANDARD), (part, colour)
                assert colour is None or colour.number not in (3, 4, 11, 12, 7, 15, 0, 8), (part, colour)


async def test_no_color(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with showing(tmp_path, THEME) as app:
        for strip in app.screen._compositor.render_strips():
            for _, style, _ in strip.apply_filter(app._filters[-1], Color(0, 0, 0)):
                for colour in (style.color, style.bgcolor) if style is not None else ():
                    assert colour is None or colour.is_default


async def test_a_change_is_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("# mine\nidle_s = 60 # short\n")
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "own.toml").write_text(OWN)
    async with showing(tmp_path, THEME, tmp_path) as app:
        assert app.theme == THEME
        app.theme = "own"
        await until(lambda: 'theme = "own"' in (tmp_path / FILE).read_text())
    assert (tmp_path / FILE).read_text() == '# mine\nidle_s = 60 # short\ntheme = "own"\n'


async def test_a_change_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("x y")
    async with showing(tmp_path, THEME, tmp_path) as app:
        app.theme = "nord"
        await until(
            lambda: any(each.message.startswith("The theme will not be there") for each in app._notifications)
        )
    assert (tmp_path / FILE).read_text() == "x y"


def test_one_of_one_s_own(tmp_path: Path) -> None:
    assert read(tmp_path) == []
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "own.toml").write_text(OWN)
    (theme,) = read(tmp_path)
    assert (theme.name, theme.primary, theme.background, theme.dark) == ("own", "#112233", "#000000", False)
    refuse_unknown("own", [theme])
    with pytest.raises(ThemeError, match=re.escape("theme: there is no theme 'nrod'; did you mean nord?")):
        refuse_unknown("nrod", [theme])
    with pytest.raises(ThemeError, match=re.escape("there are doubletick-dark, doubletick-light, own, ")):
        refuse_unknown("zzzzz", [theme])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x y", "this is no TOML"),
        ("dark = 3", "dark: it should be true or false."),
        ("primry = '#000'", "primry: a theme has no such colour; there are primary, "),
        ("primary = '#12'", "primary: it should be a colour without transparency"),
        ("primary = 'auto'", "primary: it should be a colour"),
        ("primary = '#11223380'", "primary: it should be a colour"),
        ("primary = 3", "primary: it should be a colour"),
        ("accent = '#000000'", "primary: a theme needs at least this colour."),
    ],
)
def test_what_is_no_theme(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ThemeError, match=re.escape(sentence)):
        parse("own", text)
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "own.toml").write_text(text)
    with pytest.raises(ThemeError, match=re.escape(f"{tmp_path / 'themes' / 'own.toml'}: {sentence}")):
        read(tmp_path)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "a b.toml").write_text(OWN)
    with pytest.raises(ThemeError, match="the name of a theme has letters"):
        read(tmp_path)
    (tmp_path / "themes" / "a b.toml").unlink()
    (tmp_path / "themes" / "a.toml").write_bytes(b"\xff")
    with pytest.raises(ThemeError, match="cannot be read"):
        read(tmp_path)
