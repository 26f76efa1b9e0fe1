"""The search screen by itself: what it asks for while there is room for more than was found."""

import pytest
from textual.app import App

from chat_tui.model.searching import HitView, Progress, SearchView
from chat_tui.screens.search import NEAR_END, SearchScreen


class Stage(App[None]):
    """Nothing but a search, without a server."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0
        self.search = SearchScreen("general", "", ascii_only=True)

    def on_mount(self) -> None:
        self.push_screen(self.search)

    def on_search_screen_more_wanted(self) -> None:
        self.wanted += 1


def found(count: int) -> SearchView:
    hits = (HitView("general", each, "general", "ann", 1_000, "tea", (), is_cut=False) for each in range(count))
    return SearchView(tuple(hits), Progress.PART)


@pytest.mark.parametrize(("count", "asks"), [(NEAR_END + 2, True), (40, False)])
async def test_it_searches_on_until_what_is_found_fills_the_screen(count: int, *, asks: bool) -> None:
    stage = Stage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stage.search.show(found(count))
        await pilot.pause()
        assert bool(stage.wanted) is asks
