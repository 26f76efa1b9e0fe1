"""Text broken into rows of a width counted in cells. Pure; knows nothing of messages or colours."""

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size


def wrap(text: str, width: int) -> list[tuple[int, str]]:
    """Break `text` into rows of at most `width` cells, each with the index in `text` at which it begins.

    Lines end at newlines; long ones are broken at spaces, which then vanish, or beside wide characters, or,
    when a word is longer than a row, within it. Starts strictly ascend and there is always a row. Only a
    character wider than `width` itself makes a row wider.
    """
    rows: list[tuple[int, str]] = []
    start = 0
    for line in text.split("\n"):
        if cell_len(line) <= width:
            rows.append((start, line))
        else:
            rows.extend((start + offset, piece) for offset, piece in _pieces(line, width))
        start += len(line) + 1
    return rows


def cut(text: str, width: int) -> list[tuple[int, str]]:
    """As `wrap`, but no space vanishes: long lines are broken where the row ends, as code must be."""
    rows: list[tuple[int, str]] = []
    start = 0
    for line in text.split("\n"):
        end = 0
        while not end or end < len(line):
            begun, end = end, max(_fitting(line, end, width), end + 1)
            rows.append((start + begun, line[begun:end]))
        start += len(line) + 1
    return rows


def shorten(text: str, width: int, ellipsis: str) -> str:
    """Cut one line to `width` cells, ending in `ellipsis` (one cell) where something was cut off."""
    if cell_len(text) <= width:
        return text
    return text[: _fitting(text, 0, width - 1)] + ellipsis if width > 0 else ""


def _pieces(line: str, width: int) -> Iterator[tuple[int, str]]:
    start = 0
    while start < len(line):
        cut = max(_fitting(line, start, width), start + 1)
        end = _break_before(line, start, cut)
        yield start, line[start:end].rstrip(" ") if end < len(line) else line[start:end]
        start = end
        while _is_bare_space(line, start):
            start += 1


def _fitting(line: str, start: int, width: int) -> int:
    """Where the row that begins at `start` must end at the latest; a mark stays with its base."""
    if line.isascii():
        return min(len(line), start + width)
    cells = 0
    for index in range(start, len(line)):
        cells += get_character_cell_size(line[index])
        if cells > width:
            return index
    return len(line)


def _break_before(line: str, start: int, cut: int) -> int:
    """The best place to break at or before `cut`, and after `start`."""
    if cut >= len(line) or line[cut] == " " or _is_wide(line[cut]) or _is_wide(line[cut - 1]):
        return cut
    space = line.rfind(" ", start, cut)
    if not _is_bare_space(line, space) or not line[start:space].strip(" "):
        return cut
    return space + 1


def _is_bare_space(line: str, index: int) -> bool:
    """Whether a space is there that may vanish; one with a mark on it may not."""
    if not 0 <= index < len(line) or line[index] != " ":
        return False
    return index + 1 == len(line) or get_character_cell_size(line[index + 1]) > 0


def _is_wide(character: str) -> bool:
    return get_character_cell_size(character) == 2
