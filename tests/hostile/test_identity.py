"""Proofs that are not one's own: replayed, relayed, forged, or of keys with which anything is signed."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from chat_server.protocol.proofs import Signer, client_lines, server_lines, text_of
from chat_tui.identity.passport import Passport
from chat_tui.identity.visit import VisitError, visit
from tests.chat_server import peers
from tests.chat_server.peers import Json, Peer
from tests.hostile.attacks import Scene, outcome
from tests.identities import NONCE, signature, signer

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Of the group that signatures are made in (RFC 8032 §5.1)."""
PRIME: Final = 2**255 - 19
SMALL: Final = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    # The same again, written in ways that RFC 8032 §5.1.3 does not allow.
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)
"""Keys of small order, of which eight exist: with S = 0 and one of them as R, lax verifiers take any message."""


async def refused(peer: Peer, answer: Json, code: str, close: int = 1008) -> str:
    """Hold an answer to a refusal that ends the connection; what to count it as."""
    assert (answer["type"], answer.get("code")) == ("refused", code)
    assert await peer.closed() == close
    return outcome(answer)


async def said(peer: Peer, **fields: object) -> Json:
    """What is answered to a hello of these fields."""
    usual = {"name": "mallory", "version": 1, "key": signer("mallory").public, "nonce": NONCE}
    return await peer.ask("hello", **{**usual, **fields})


async def test_a_proof_is_worth_nothing_on_another_connection(scene: Scene) -> None:
    url = scene.server.url
    victim = await peers.dial(url)
    hello = {"name": "vera", "version": 1, "key": signer("vera").public, "nonce": NONCE}
    challenge = await victim.ask("hello", **hello)
    proof = signature("vera", challenge["nonce"], challenge["server"])
    assert (await victim.ask("prove", signature=proof))["type"] == "welcome"
    async with scene.attacked("replayed proof") as counts:
        for _ in range(20):
            thief = await peers.dial(url)
            again = await thief.ask("hello", **hello)
            assert again["nonce"] != challenge["nonce"]
            counts[await refused(thief, await thief.ask("prove", signature=proof), "not-proven")] += 1


async def test_a_proof_fits_its_name_key_and_nonces(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("forged proofs") as counts:
        for at in range(6):
            thief = await peers.dial(url)
            challenge = await thief.hello("vera")
            lines = ["doubletick.v1 client", NONCE, challenge["nonce"], challenge["server"], "vera"]
            lines.append(signer("vera").public)
            lines[at] = f"{lines[at]}x"
            forged = signer("vera").sign("\n".join(lines).encode())
            counts[await refused(thief, await thief.ask("prove", signature=forged), "not-proven")] += 1
        other = await peers.dial(url)
        challenge = await other.hello("vera")
        proof = signer("mallory").sign(
            client_lines(NONCE, challenge["nonce"], challenge["server"], "vera", signer("vera").public)
        )
        counts[await refused(other, await other.ask("prove", signature=proof), "not-proven")] += 1


async def test_a_name_is_its_keys(scene: Scene) -> None:
    url = scene.server.url
    await peers.greet(url, "vera")
    async with scene.attacked("another's name, one's own key") as counts:
        for name in ("vera", "ann", "bob", "cid"):
            thief = await peers.dial(url)
            counts[await refused(thief, await thief.hello(name, key="mallory"), "name-taken", 4003)] += 1
        for name in (
            "Vera",
            "VERA",
            "v\u0435ra",
            "\uff56era",
            "v\u200bera",
            "vera ",
            "vera.",
            "ve\u0301ra\u0301\u0301",
        ):
            thief = await peers.dial(url)
            answer = await thief.hello(name)
            assert answer["code"] in ("name-taken", "bad-name"), (name, answer)
            counts[f"lookalike {outcome(answer)}"] += 1


async def test_keys_of_small_order_prove_nothing(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("keys of small order") as counts:
        for number, key in enumerate(SMALL):
            for first in (SMALL[0], key):
                thief = await peers.dial(url)
                answer = await said(thief, name=f"small{number}", key=text_of(bytes.fromhex(key)))
                if answer["type"] == "challenge":
                    forged = text_of(bytes.fromhex(first) + bytes(32))
                    answer = await thief.ask("prove", signature=forged)
                assert answer["type"] == "refused"
                counts[outcome(answer)] += 1


async def test_signatures_are_written_in_one_way(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("signatures written in other ways") as counts:
        for number in range(4):
            thief = await peers.dial(url)
            challenge = await thief.hello(f"way{number}")
            good = base64.urlsafe_b64decode(
                signature(f"way{number}", challenge["nonce"], challenge["server"]) + "=="
            )
            first, scalar = good[:32], int.from_bytes(good[32:], "little")
            ways = (
                text_of(first + (scalar + ORDER).to_bytes(32, "little")),
                text_of(bytes.fromhex(SMALL[8]) + good[32:]),
                _other_last_letter(text_of(good)),
                text_of(bytes(64)),
            )
            counts[await refused(thief, await thief.ask("prove", signature=ways[number]), "not-proven")] += 1


def _other_last_letter(text: str) -> str:
    """Another text that a lax decoder takes for the same bytes: what lies beyond them differs."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    assert base64.urlsafe_b64decode(other + "==") == base64.urlsafe_b64decode(text + "==")
    return other


async def test_the_order_of_a_greeting_is_fixed(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("greetings out of order") as counts:
        early = await peers.dial(url)
        answer = await early.ask("prove", signature=text_of(bytes(64)))
        counts[await refused(early, answer, "hello-first")] += 1
        twice = await peers.dial(url)
        await twice.hello("mallory")
        counts[await refused(twice, await twice.hello("mallory"), "hello-first")] += 1
        first = await peers.dial(url)
        counts[await refused(first, await first.ask("rooms"), "hello-first")] += 1
        greeted = await peers.greet(url, "mallory")
        for answer in (await greeted.hello("ann"), await greeted.ask("prove", signature=text_of(bytes(64)))):
            assert answer["code"] == "already-greeted"
            counts[outcome(answer)] += 1
        assert (await greeted.ask("rooms"))["type"] == "rooms"


async def test_a_greeting_takes_no_other_fields(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("greetings with more in them") as counts:
        extras: tuple[dict[str, object], ...] = (
            {"admin": True},
            {"address": "127.0.0.1"},
            {"keys": []},
            {"server": "x"},
            {"sender": "ann"},
        )
        for extra in extras:
            peer = await peers.dial(url)
            counts[await refused(peer, await said(peer, **extra), "bad-request")] += 1
        wrongs: tuple[dict[str, object], ...] = (
            {"nonce": "short"},
            {"key": "A" * 42 + "\n"},
            {"key": "A" * 44},
            {"version": 2},
            {"invite": 1},
        )
        for wrong in wrongs:
            peer = await peers.dial(url)
            answer = await said(peer, **wrong)
            assert answer["code"] in ("bad-request", "version")
            counts[outcome(answer)] += 1


# Servers that mean harm


class Between:
    """A server that somebody visits, and that tries to be them at another one."""

    def __init__(self, target: str, *, shows: Signer | None) -> None:
        """Take the other server's address, and a key of its own to show; None: it shows what that one does."""
        self.url = ""
        self._target = target
        self._shows = shows
        self.relayed: list[Json] = []
        """What the other server answered."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Between"]:
        async with serve(self._serve, "127.0.0.1", 0) as listener:
            self.url = f"ws://127.0.0.1:{next(iter(listener.sockets)).getsockname()[1]}/ws"
            yield self

    async def _serve(self, victim: ServerConnection) -> None:
        beyond = await peers.dial(self._target)
        with suppress(ConnectionClosed):
            await self._relay(victim, beyond)

    async def _relay(self, victim: ServerConnection, beyond: Peer) -> None:
        async for data in victim:
            asked = json.loads(data)
            answer = await beyond.ask(
                asked["type"], **{k: v for k, v in asked.items() if k not in ("type", "ref")}
            )
            self.relayed.append(answer)
            if answer["type"] == "challenge" and self._shows is not None:
                lines = server_lines(asked["nonce"], answer["nonce"], self._shows.public)
                answer = {**answer, "server": self._shows.public, "signature": self._shows.sign(lines)}
            await victim.send(json.dumps({**answer, "ref": asked["ref"]}))


async def test_a_proof_made_for_another_server_is_worth_nothing(scene: Scene, tmp_path: Path) -> None:
    await visit(scene.server.url, "wanda", Passport.open(tmp_path / "config", "wanda", scene.server.url))
    async with scene.attacked("relayed proof, under the relay's own key") as counts:
        between = Between(scene.server.url, shows=Signer(secrets.token_bytes(32)))
        async with between.serving():
            passport = Passport.open(tmp_path / "config", "wanda", between.url)
            with pytest.raises(VisitError):
                await visit(between.url, "wanda", passport)
        assert [each["type"] for each in between.relayed] == ["challenge", "refused"]
        assert between.relayed[-1]["code"] == "not-proven"
        counts[outcome(between.relayed[-1])] += 1


async def test_a_server_that_shows_the_key_of_another_one_gets_no_proof(scene: Scene, tmp_path: Path) -> None:
    """The client knows this key from another address: it is that server by another way, or somebody between."""
    await visit(scene.server.url, "wilma", Passport.open(tmp_path / "config", "wilma", scene.server.url))
    async with scene.attacked("relayed proof, under the key of the server that is relayed to") as counts:
        between = Between(scene.server.url, shows=None)
        async with between.serving():
            passport = Passport.open(tmp_path / "config", "wilma", between.url)
            with pytest.raises(VisitError):
                await visit(between.url, "wilma", passport)
        counts["proofs given"] += len(between.relayed) - 1
        assert [each["type"] for each in between.relayed] == ["challenge"]


class Pretender:
    """A server that proves itself to whoever comes first, and from then on has a fault."""

    def __init__(self, fault: str) -> None:
        self._fault = fault
        self.asked: list[str] = []
        """What it was asked for."""

    async def serve(self, socket: ServerConnection) -> None:
        async for data in socket:
            request = json.loads(data)
            self.asked.append(request["type"])
            told = self._challenge(request["nonce"]) if request["type"] == "hello" else WELCOME
            await socket.send(json.dumps({**told, "ref": request["ref"]}))

    def _challenge(self, asked: str) -> Json:
        fault = self._fault if len(self.asked) > 2 else ""
        shown = signer("another server" if fault == "another key" else "the server")
        nonce = f"{NONCE[:-2]}\nx" if fault == "a nonce with a line end" else NONCE
        proof = shown.sign(server_lines("x" if fault == "another nonce" else asked, nonce, shown.public))
        signed = text_of(bytes(64)) if fault == "a bad signature" else proof
        return {"type": "challenge", "nonce": nonce, "server": shown.public, "signature": signed}


WELCOME: Final[Json] = {
    "type": "welcome",
    "name": "xenia",
    "epoch": "e",
    "rooms": [],
    "limits": {"contentChars": 1, "requestBytes": 1, "page": 1, "ranges": 1},
}


@pytest.mark.parametrize("fault", ["another key", "another nonce", "a bad signature", "a nonce with a line end"])
async def test_a_server_that_does_not_prove_itself_gets_no_proof(scene: Scene, tmp_path: Path, fault: str) -> None:
    pretender = Pretender(fault)
    async with serve(pretender.serve, "127.0.0.1", 0) as listener:
        url = f"ws://127.0.0.1:{next(iter(listener.sockets)).getsockname()[1]}/ws"
        await visit(url, "xenia", Passport.open(tmp_path / "config", "xenia", url))
        async with asyncio.timeout(20), scene.attacked(f"a server that shows {fault}") as counts:
            with pytest.raises(VisitError):
                await visit(url, "xenia", Passport.open(tmp_path / "config", "xenia", url))
            counts["proofs given"] += pretender.asked.count("prove") - 1
    assert pretender.asked == ["hello", "prove", "hello"]
