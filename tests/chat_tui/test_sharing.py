"""What one has chosen of being shown: asked for, answered, and heard from another device."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import ChangeSettings, Refused, Settings
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Say, Show
from chat_tui.model.sharing import Sharing, SharingView
from tests.chat_tui.frames import ROOM

PRIVATE = ChangeSettings(receipts="private")


@pytest.fixture
def sharing() -> Sharing:
    return Sharing(lambda kind: f"{kind}-1")


def test_everybody_shares_until_one_says_otherwise(sharing: Sharing) -> None:
    assert sharing.view(ROOM, "public", required=False) == SharingView(
        ROOM, "public", "public", own=False, required=False
    )


def test_a_room_has_a_choice_of_its_own_where_it_is_named_or_not_as_all_others(sharing: Sharing) -> None:
    assert list(sharing.hear(Settings(receipts="private", rooms={"tea": "private"}))) == []
    assert sharing.view(ROOM, "private", required=False).own is False
    assert sharing.view("tea", "private", required=False).own is True
    assert sharing.view(ROOM, "off", required=False).own is True
    assert sharing.view("te\x1ba", "public", required=True) == SharingView(
        "te\\x1ba", "private", "public", own=False, required=True
    )


@pytest.mark.parametrize(
    ("request_", "settings", "sentence"),
    [
        (
            PRIVATE,
            Settings(receipts="private", rooms={}),
            "Receipts are private where nothing else is chosen: others do not see what you read.",
        ),
        (
            ChangeSettings(rooms={"t\x1ba": "off"}),
            Settings(receipts="public", rooms={"t\x1ba": "off"}),
            "Receipts in #t\\x1ba are off: nothing that you read is recorded.",
        ),
        (
            ChangeSettings(rooms={"tea": None}),
            Settings(receipts="public", rooms={}),
            "Receipts in #tea are public, as everywhere: others see what you read.",
        ),
    ],
)
def test_what_was_chosen_is_said_where_it_is_not_seen(
    sharing: Sharing, request_: ChangeSettings, settings: Settings, sentence: str
) -> None:
    for aloud, told in ((True, [Show(sentence)]), (False, [])):
        asked = list(sharing.ask(request_, online=True, aloud=aloud))
        assert asked == [Say(replace(request_, ref="settings-1"))]
        assert "settings-1" in sharing
        assert list(sharing.hear(replace(settings, ref="settings-1"))) == told
        assert "settings-1" not in sharing
        assert sharing.view("nowhere", settings.receipts, required=False).everywhere == settings.receipts


def test_a_refusal_is_told_and_changes_nothing(sharing: Sharing) -> None:
    list(sharing.ask(PRIVATE, online=True, aloud=False))
    refused = Refused(code="not-allowed", reason="In ops\x07 everybody shares.", ref="settings-1")
    assert list(sharing.refuse(refused)) == [Show("In ops\\x07 everybody shares.", is_warning=True)]
    assert "settings-1" not in sharing
    assert sharing.view(ROOM, "public", required=False).everywhere == "public"


def test_without_a_connection_nothing_is_chosen(sharing: Sharing) -> None:
    assert list(sharing.ask(PRIVATE, online=False, aloud=True)) == [Show(OFFLINE, is_warning=True)]
    assert "settings-1" not in sharing


def test_a_cut_is_said_where_something_was_to_change(sharing: Sharing) -> None:
    list(sharing.ask(ChangeSettings(), online=True, aloud=False))
    assert list(sharing.cut()) == []
    list(sharing.ask(PRIVATE, online=True, aloud=False))
    assert list(sharing.cut()) == [Show(CUT, is_warning=True)]
    assert "settings-1" not in sharing
