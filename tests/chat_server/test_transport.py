"""Who comes in, by real sockets: TLS, addresses behind proxies, pages of browsers, what strangers may send."""

import asyncio
import json
import socket as sockets
import ssl
import time
from pathlib import Path

import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus

from chat_server import handshake, server
from chat_server.certificates import Certificate
from chat_server.entrance import CONNECTIONS_PER_ADDRESS, Entrance
from chat_server.protocol import CONTENT_CHARS_MAX
from chat_server.proxies import network
from tests.authorities import Authority
from tests.chat_server.conftest import Joining, Starting
from tests.chat_server.peers import Peer, Running, dial, greet, types

PROXY = (network("127.0.0.1"),)
FAR = "203.0.113.9"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    pair = authority.issue("127.0.0.1")
    return Certificate(pair.certificate, pair.key)


async def through_proxy(running: Running, forwarded: str) -> Peer:
    """Connect as a proxy does that was spoken to from there."""
    return await dial(running.url, additional_headers={"X-Forwarded-For": forwarded})


# TLS


async def test_a_conversation_over_tls(
    starting: Starting, authority: Authority, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await starting(entrance=Entrance(certificate))
    url = running.url.replace("ws:", "wss:")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    ann, bob = await greet(url, "ann"), await greet(url, "bob")
    await ann.flood(50, "x" * CONTENT_CHARS_MAX)
    for message_id in range(1, 51):
        assert (await bob.hear("message"))["id"] == message_id
    with pytest.raises(InvalidMessage):
        await dial(running.url)
    assert (await ann.ask("rooms"))["type"] == "rooms"


async def test_a_client_that_does_not_know_the_authority(
    starting: Starting, authority: Authority, certificate: Certificate
) -> None:
    running = await starting(entrance=Entrance(certificate))
    url = running.url.replace("ws:", "wss:")
    with pytest.raises(ssl.SSLCertVerificationError):
        await dial(url, ssl=ssl.create_default_context())
    assert types((await dial(url, ssl=authority.context())).told) == []


async def test_whoever_does_not_finish_tls_is_let_go(
    starting: Starting, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "OPEN_S", 0.05)
    running = await starting(entrance=Entrance(certificate))
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_stopping_waits_for_nobody_in_the_middle_of_tls(
    starting: Starting, authority: Authority, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "CLOSE_S", 0.1)
    monkeypatch.setattr(server, "CLOSE_S", 0.1)
    running = await starting(entrance=Entrance(certificate))
    ann = await dial(running.url.replace("ws:", "wss:"), ssl=authority.context())
    with sockets.create_connection(("127.0.0.1", running.port)):
        await ann.fence()
        begun = time.monotonic()
        running.halt()
        assert await ann.closed() == 1001
        await running.end()
    assert time.monotonic() - begun < 2


# Addresses


async def test_the_address_is_the_peers_unless_a_trusted_one_tells_another(
    starting: Starting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "chat_server.server")
    for trusted, address in (((), "127.0.0.1"), (PROXY, FAR)):
        running = await starting(entrance=Entrance(trusted_proxies=trusted))
        await (await through_proxy(running, f"127.0.0.1, {FAR}")).fence()
        assert caplog.messages == [f"connection 1 is from {address}"]
        caplog.clear()
        await running.end()
        await running.store.close()


async def test_one_connection_too_many_from_an_address(starting: Starting) -> None:
    running = await starting(entrance=Entrance(trusted_proxies=PROXY, connections_per_address=2))
    first, _ = [await through_proxy(running, FAR) for _ in range(2)]
    late = await through_proxy(running, FAR)
    assert await late.closed() == 1013
    assert late.socket.close_reason == "too many connections from your address"
    other = await through_proxy(running, "203.0.113.10")
    await other.fence()
    await first.socket.close()
    while running.server._present.is_full(FAR):
        await other.fence()
    await (await through_proxy(running, FAR)).fence()


async def test_an_ipv6_network_is_one_address(starting: Starting) -> None:
    running = await starting(entrance=Entrance(trusted_proxies=PROXY, connections_per_address=1))
    await (await through_proxy(running, "2001:db8::1")).fence()
    assert await (await through_proxy(running, "[2001:db8::ffff:2]:443")).closed() == 1013
    await (await through_proxy(running, "2001:db8:0:1::1")).fence()


async def test_a_client_cannot_spend_what_another_address_may_have(starting: Starting) -> None:
    running = await starting(entrance=Entrance(trusted_proxies=PROXY, connections_per_address=1))
    await (await through_proxy(running, f"198.51.100.1, {FAR}")).fence()
    assert await (await through_proxy(running, f"198.51.100.2, {FAR}")).closed() == 1013
    await (await through_proxy(running, "198.51.100.1")).fence()


@pytest.mark.parametrize(
    "entrance",
    [Entrance(), Entrance(trusted_proxies=PROXY), Entrance(trusted_proxies=PROXY, connections_per_address=0)],
)
async def test_who_is_not_counted(starting: Starting, entrance: Entrance) -> None:
    running = await starting(entrance=entrance)
    for _ in range(CONNECTIONS_PER_ADDRESS + 1):
        last = await (dial(running.url) if entrance.connections_per_address else through_proxy(running, FAR))
    await last.fence()


# Pages of browsers


async def test_pages_of_allowed_origins_are_let_in_and_no_others(starting: Starting) -> None:
    running = await starting(entrance=Entrance(origins=("https://chat.example", "http://localhost:3000")))
    for origin in (None, "https://chat.example", "http://localhost:3000"):
        await (await dial(running.url, origin=origin)).fence()
    for origin in ("http://chat.example", "https://chat.example:8443", "https://evil.example", "null", ""):
        with pytest.raises(InvalidStatus, match="403"):
            await dial(running.url, origin=origin)


# What strangers may send


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (json.dumps({"type": "rooms"}).ljust(16 * 1024), 1008),
        (json.dumps({"type": "rooms"}).ljust(16 * 1024 + 1), 1009),
        ("é" * 8 * 1024, 4000),
        ("é" * 8 * 1024 + "x", 1009),
        ("[" * 128 * 1024, 1009),
        ("[" * 128 * 1024 + "[", 1009),
    ],
    ids=lambda each: str(each)[:20],
)
async def test_a_frame_before_the_welcome(dial: Joining, frame: str, code: int) -> None:
    peer = await dial()
    await peer.socket.send(frame)
    assert await peer.closed() == code


async def test_a_frame_after_the_welcome_may_be_larger(join: Joining) -> None:
    ann = await join("ann")
    await ann.socket.send(json.dumps({"type": "rooms", "ref": "large"}).ljust(128 * 1024))
    assert (await ann.hear("rooms"))["ref"] == "large"
