"""What stands in an empty conversation while the server cannot be reached."""

from dataclasses import replace

import pytest

from chat_tui.model.view import Link, Status
from chat_tui.unreached import NOTHING_AT, notice

URL = "ws://127.0.0.1:8080/ws"
REFUSED = Status(Link.WAITING, f"{NOTHING_AT} 127.0.0.1:8080", 4_000, "John", "general", 0, 0, 0)


def test_what_to_run_where_nothing_listens() -> None:
    said = notice(URL, REFUSED, 1_000)
    assert said == f"No server at {URL} yet. Run there: chat-server serve. Trying again in 3 s."


@pytest.mark.parametrize(("at_ms", "again"), [(4_000, "now"), (9_000, "now"), (3_600, "now"), (3_000, "in 1 s")])
def test_when_it_is_tried_again(at_ms: int, again: str) -> None:
    assert notice(URL, REFUSED, at_ms).endswith(f" Trying again {again}.")


def test_without_a_time() -> None:
    assert notice(URL, replace(REFUSED, retry_at_ms=None), 0).endswith("Trying again now.")


def test_other_reasons_are_told_as_they_are() -> None:
    status = replace(REFUSED, reason="the certificate is\x1b[31m out of date.")
    said = notice("ws://a\x1b/ws", status, 1_000)
    assert said.isprintable()
    assert "chat-server" not in said
    assert said.endswith("out of date. Trying again in 3 s.")


@pytest.mark.parametrize("link", [link for link in Link if link is not Link.WAITING])
def test_nothing_to_explain(link: Link) -> None:
    assert notice(URL, replace(REFUSED, link=link), 0) == ""
    assert notice(URL, replace(REFUSED, reason=""), 0) == ""
