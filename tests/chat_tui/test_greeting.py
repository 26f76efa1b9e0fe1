"""The beginning of a connection by transcript: who is trusted when, and what is said before."""

from collections.abc import Callable

import pytest

from chat_server.protocol import AnyFrame, Ok, Presence, Prove, Refused, Resume, Rooms
from chat_tui.model.effects import Answer, GiveUp
from chat_tui.model.greeting import UNPROVEN, Greeting, sentence_of
from tests.chat_tui.frames import ME, ROOM, message, page, welcome
from tests.identities import NONCE, challenge, hello, signer

CHALLENGE = challenge(NONCE)
SIGNATURE = "a signature"


def new(invite: str | None = None) -> Greeting:
    return Greeting(ME, signer(ME).public, invite)


def begun() -> Greeting:
    greeting = new()
    greeting.begin(NONCE, None)
    return greeting


def answering() -> Greeting:
    greeting = begun()
    assert list(greeting.hear(CHALLENGE)) == [Answer(NONCE, CHALLENGE)]
    return greeting


def proved() -> Greeting:
    greeting = answering()
    assert list(greeting.prove(SIGNATURE)) == [Prove(ref="prove", signature=SIGNATURE)]
    return greeting


def test_the_hello_says_all_that_the_server_has_to_know() -> None:
    resume = Resume("epoch", {})
    assert new().begin(NONCE, None) == hello(ME)
    assert new("CODE").begin(NONCE, resume) == hello(ME, invite="CODE", resume=resume)


@pytest.mark.parametrize("phase", [new, begun, answering])
@pytest.mark.parametrize(
    "frame",
    [
        message(1),
        page(message(1)),
        Ok(ref="n1", message_id=1),
        Presence(room=ROOM, name="ann", online=True),
        Rooms(rooms=()),
        Refused(code="no", reason="No.", ref="prove"),
        Refused(code="no", reason="No."),
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_nothing_counts_before_the_proof(phase: Callable[[], Greeting], frame: AnyFrame) -> None:
    greeting = phase()
    assert not greeting.trusts(frame)
    assert list(greeting.hear(frame)) == []


@pytest.mark.parametrize("phase", [new, begun, answering])
def test_a_welcome_before_the_proof_is_the_end(phase: Callable[[], Greeting]) -> None:
    greeting = phase()
    assert not greeting.trusts(welcome())
    assert list(greeting.hear(welcome())) == [GiveUp(UNPROVEN)]


def test_a_refusal_of_the_hello_counts_without_a_proof() -> None:
    assert begun().trusts(Refused(code="name-taken", reason="No.", ref="hello"))


def test_everything_counts_once_both_have_proven_themselves() -> None:
    assert proved().trusts(welcome())
    assert proved().trusts(message(1))


@pytest.mark.parametrize("phase", [new, answering])
def test_only_the_first_challenge_after_a_hello_is_answered(phase: Callable[[], Greeting]) -> None:
    assert list(phase().hear(CHALLENGE)) == []


@pytest.mark.parametrize("phase", [new, begun, proved])
def test_a_proof_that_nobody_waits_for_is_not_said(phase: Callable[[], Greeting]) -> None:
    assert list(phase().prove(SIGNATURE)) == []


def test_a_cut_ends_all_trust() -> None:
    greeting = proved()
    greeting.cut()
    assert not greeting.trusts(message(1))
    greeting = answering()
    greeting.cut()
    assert list(greeting.prove(SIGNATURE)) == []


def test_a_code_is_told_until_one_is_welcome() -> None:
    greeting = new("CODE")
    assert greeting.begin(NONCE, None).invite == "CODE"
    greeting.cut()
    assert greeting.begin(NONCE, None).invite == "CODE"
    greeting.welcomed()
    assert greeting.begin(NONCE, None).invite is None


def test_sentences_are_one_safe_line_and_say_what_to_do_here() -> None:
    assert sentence_of(Refused(code="closed", reason="Nobody\nnew.\x1b[2J")) == r"Nobody new.\x1b[2J"
    needed = Refused(code="invite-needed", reason="By invitation.")
    assert sentence_of(needed) == "By invitation. Start with it: chat-tui --invite CODE"
