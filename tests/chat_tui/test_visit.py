"""A visit: what is asked of a server that has proven itself is answered, and whatever goes wrong is a sentence."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from chat_server.orders import Invite
from chat_server.policy import Joining
from chat_server.protocol import (
    AnyFrame,
    AnyRequest,
    Hello,
    MakeLink,
    Ok,
    Presence,
    Prove,
    Refused,
    Welcome,
    decode_request,
    encode,
)
from chat_server.protocol.proofs import client_lines, code_digest, code_of, is_signed
from chat_tui.identity import visit as visiting
from chat_tui.identity.visit import VisitError, visit
from chat_tui.model.greeting import UNPROVEN
from tests.chat_server.peers import release, start
from tests.chat_tui.people import passport
from tests.identities import NONCE, challenge, signer

ASK = MakeLink(ref="link", digest=code_digest("CODE"))
Answers = Callable[[AnyRequest], list[AnyFrame]]


def polite(request: AnyRequest) -> list[AnyFrame]:
    match request:
        case Hello(nonce=nonce):
            return [challenge(nonce)]
        case Prove():
            return [Welcome(name="John", epoch="one", rooms=())]
        case _:
            return [Presence(room="general", name="ann", online=True), Ok(ref=request.ref)]


@asynccontextmanager
async def server(answers: Answers, said: list[AnyRequest] | None = None) -> AsyncIterator[str]:
    async def listen(socket: ServerConnection) -> None:
        async for data in socket:
            request = decode_request(data)
            if said is not None:
                said.append(request)
            for frame in answers(request):
                await socket.send(encode(frame), text=True)

    async with serve(listen, "127.0.0.1", 0) as listener:
        yield f"ws://127.0.0.1:{next(iter(listener.sockets)).getsockname()[1]}/ws"


async def fails(answers: Answers, tmp_path: Path) -> tuple[str, list[AnyRequest]]:
    """Why a visit comes to nothing, and what was said in it."""
    said: list[AnyRequest] = []
    async with server(answers, said) as url:
        with pytest.raises(VisitError) as caught:
            await visit(url, "John", passport("John", url, tmp_path), ask=ASK)
        sentence = str(caught.value)
        assert sentence.startswith(f"{url}: ")
        return sentence.removeprefix(f"{url}: "), said


async def test_what_is_asked_is_answered_once_both_have_proven_themselves(tmp_path: Path) -> None:
    said: list[AnyRequest] = []
    async with server(polite, said) as url:
        await visit(url, "John", passport("John", url, tmp_path), invite="CODE", ask=ASK)
    hello, prove, asked = said
    assert isinstance(hello, Hello)
    assert (hello.name, hello.key, hello.invite) == ("John", signer("John").public, "CODE")
    assert isinstance(prove, Prove)
    lines = client_lines(hello.nonce, NONCE, signer("a server").public, "John", hello.key)
    assert is_signed(lines, prove.signature, hello.key)
    assert asked == ASK


async def test_to_be_welcome_can_be_all(tmp_path: Path) -> None:
    said: list[AnyRequest] = []
    async with server(polite, said) as url:
        await visit(url, "John", passport("John", url, tmp_path))
    assert [type(each) for each in said] == [Hello, Prove]


@pytest.mark.parametrize("refused", [Hello, Prove, MakeLink])
async def test_a_refusal_is_a_sentence(tmp_path: Path, refused: type[AnyRequest]) -> None:
    def refuse(request: AnyRequest) -> list[AnyFrame]:
        if isinstance(request, refused):
            return [Refused(code="no", reason="Not\nyou.", ref=request.ref)]
        return polite(request)

    reason, said = await fails(refuse, tmp_path)
    assert reason == "Not you."
    assert isinstance(said[-1], refused)


async def test_a_server_that_proves_nothing_is_told_nothing(tmp_path: Path) -> None:
    reason, said = await fails(lambda _: [Welcome(name="John", epoch="one", rooms=())], tmp_path)
    assert reason == UNPROVEN
    assert [type(each) for each in said] == [Hello]


async def test_a_bad_proof_is_a_sentence(tmp_path: Path) -> None:
    reason, said = await fails(lambda _: [challenge("another nonce")], tmp_path)
    assert "has not proven" in reason
    assert [type(each) for each in said] == [Hello]


async def test_a_code_lets_one_in_once_and_is_not_needed_again(tmp_path: Path) -> None:
    running = await start(tmp_path / "server", joining=Joining.INVITE)
    try:
        john, eve = passport("John", running.url, tmp_path), passport("Eve", running.url, tmp_path)
        with pytest.raises(VisitError, match=r"ask its admin for a code\. Start with it: chat-tui --invite CODE"):
            await visit(running.url, "John", john)
        with pytest.raises(VisitError, match="unknown, used up or too old"):
            await visit(running.url, "John", john, invite="AAAAA-AAAAA-AAAAA-AAAAA")
        code = code_of(bytes(range(16)))
        await running.server.order(Invite(digest=code_digest(code), lasts_ms=60_000))
        await visit(running.url, "John", john, invite=code.lower())
        await visit(running.url, "John", john)
        await visit(running.url, "John", john, invite=code)
        with pytest.raises(VisitError, match="unknown, used up or too old"):
            await visit(running.url, "Eve", eve, invite=code)
    finally:
        await release(running)


async def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    async with server(polite) as url:
        pass
    with pytest.raises(VisitError, match="nothing listens at"):
        await visit(url, "John", passport("John", url, tmp_path))


async def test_silence_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visiting, "PATIENCE_S", 0.1)
    reason, _ = await fails(lambda _: [], tmp_path)
    assert reason == "no answer comes"
