"""How the message cursor moves through a viewport. Pure."""

from chat_tui.widgets.viewport import Viewport


def move_cursor(viewport: Viewport, step: int) -> None:
    """Go to the next message (`step` 1) or the one before (-1); a tall one is first scrolled through."""
    number = _number_in_sight(viewport)
    if number is None:
        put_cursor(viewport, last=step < 0)
        return
    hidden = _hidden_rows(viewport, number, step)
    if hidden > 0:
        viewport.scroll_by(step * min(hidden, max(1, viewport.height - 1)))
        return
    rows = viewport.rows
    number = min(max(number + step, 0), len(rows.blocks) - 1)
    viewport.cursor = rows.blocks[number].message.key
    if step > 0:
        viewport.reveal(viewport.cursor)
    elif rows.first(number) < viewport.top:
        # Of one that is too tall the end comes first, for it is read upwards from here.
        viewport.scroll_to(max(rows.first(number), rows.ends[number] - viewport.height))


def turn_page(viewport: Viewport, step: int) -> None:
    """Scroll by a screenful less one row and take the cursor along; at either edge it goes all the way."""
    before = viewport.top
    viewport.scroll_by(step * max(1, viewport.height - 1))
    if viewport.top == before or _number_in_sight(viewport) is None:
        put_cursor(viewport, last=step > 0)


def put_cursor(viewport: Viewport, *, last: bool) -> None:
    """Put the cursor on the first or the last message in sight."""
    viewport.cursor = _key_in_sight(viewport, last=last)


def settle_cursor(viewport: Viewport) -> None:
    """Put the cursor on the last message in sight, unless it is in sight already."""
    if _number_in_sight(viewport) is None:
        put_cursor(viewport, last=True)


def _number_in_sight(viewport: Viewport) -> int | None:
    """The number of the block under the cursor, if any of its body is on screen."""
    rows = viewport.rows
    number = None if viewport.cursor is None else rows.index.get(viewport.cursor)
    if number is None:
        return None
    is_in_sight = rows.body(number) < viewport.bottom and rows.ends[number] > viewport.top
    return number if is_in_sight else None


def _hidden_rows(viewport: Viewport, number: int, step: int) -> int:
    """How many of a block's rows are off screen in the direction of `step`."""
    rows = viewport.rows
    return rows.ends[number] - viewport.bottom if step > 0 else viewport.top - rows.first(number)


def _key_in_sight(viewport: Viewport, *, last: bool) -> str | None:
    rows = viewport.rows
    if not rows.blocks:
        return None
    number = rows.number_at(viewport.bottom - 1 if last else viewport.top)
    if last and number and rows.body(number) >= viewport.bottom:
        number -= 1
    return rows.blocks[number].message.key
