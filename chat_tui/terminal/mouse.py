"""Whose the mouse is: this program's, which hears of every click, or the terminal's own, which selects text."""

from textual.driver import Driver


def switch(driver: Driver, *, on: bool) -> bool:
    """Take the mouse, or leave it to the terminal; whether there is one to take.

    Textual decides that once, at the start. What it knows of it is changed with it, so that the mouse stays as it
    is when another program has had the terminal.
    """
    enable = getattr(driver, "_enable_mouse_support", None)
    disable = getattr(driver, "_disable_mouse_support", None)
    if enable is None or disable is None:
        return False
    if not on:
        disable()
    driver._mouse = on  # noqa: SLF001  # there is no public name for it
    if on:
        enable()
        if getattr(driver, "_mouse_pixels", False):
            # Taking the mouse has gone back to whole cells, and Textual still divides by their size.
            getattr(driver, "_enable_mouse_pixels")()  # noqa: B009  # not all drivers have it
    return True
