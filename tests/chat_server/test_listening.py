"""Where the server may listen and what is said about it; which proxies and origins can be named."""

import socket

import click
import pytest

from chat_server.listening import (
    OPEN_WARNING,
    PROXY_NOTE,
    AllowedOrigin,
    Host,
    TrustedProxy,
    bind,
    check_exposure,
    is_loopback,
    url,
)


@pytest.mark.parametrize(
    ("given", "taken", "loopback"),
    [
        ("localhost", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.9.9.9", "127.9.9.9", True),
        ("::1", "::1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "0.0.0.0", False),
        ("::ffff:0.0.0.0", "0.0.0.0", False),
        ("::", "::", False),
        ("192.168.1.1", "192.168.1.1", False),
        ("FD00:0::1", "fd00::1", False),
    ],
)
def test_hosts(given: str, taken: str, *, loopback: bool) -> None:
    assert Host().convert(given, None, None) == taken
    assert is_loopback(taken) is loopback


@pytest.mark.parametrize("host", ["", "example.org", "127.0.0", "127.1", "[::1]", "127.0.0.1:80", "2130706433"])
def test_no_host(host: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no IP address; give one of this machine's, or 0\.0\.0\.0"):
        Host().convert(host, None, None)
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::", "192.0.2.1"])
@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("proxied", [True, False])
@pytest.mark.parametrize("insecure", [True, False])
def test_exposure(host: str, *, encrypted: bool, proxied: bool, insecure: bool) -> None:
    def said() -> str | None:
        return check_exposure(host, encrypted=encrypted, proxied=proxied, insecure=insecure)

    if encrypted or is_loopback(host):
        assert said() is None
    elif proxied:
        assert said() == PROXY_NOTE
    elif insecure:
        assert said() == OPEN_WARNING
    else:
        with pytest.raises(
            click.UsageError, match=f"Others can reach {host}, .*--tls-cert.*--trusted-proxy.*--insec"
        ):
            said()


def test_the_warning_cannot_be_overlooked() -> None:
    lines = OPEN_WARNING.splitlines()
    assert len(lines) > 5
    assert "WARNING" in OPEN_WARNING
    assert "UNENCRYPTED" in OPEN_WARNING
    assert all(line.startswith("*") and len(line) <= 96 for line in lines)
    assert len(PROXY_NOTE.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "proxy", "192.0.2.5/24", "0.0.0.0/0"])
def test_no_proxy(text: str) -> None:
    with pytest.raises(click.BadParameter, match="; name proxies that you run, by addresses like 192"):
        TrustedProxy().convert(text, None, None)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://chat.example", "https://chat.example"),
        (" HTTPS://Chat.Example:8443 ", "https://chat.example:8443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("tauri://localhost", "tauri://localhost"),
    ],
)
def test_origins(given: str, taken: str) -> None:
    assert AllowedOrigin().convert(given, None, None) == taken


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "chat.example",
        "https://",
        "https://chat.example/",
        "https://chat.example/chat",
        "https://[/",
        "https://chat.example:0",
        "https://chat.example:x",
        "https://chat.example?",
        "//chat.example",
        "https://me@chat.example",
    ],
)
def test_no_origin(origin: str) -> None:
    with pytest.raises(click.BadParameter, match="is no origin; it should look like https://"):
        AllowedOrigin().convert(origin, None, None)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(click.ClickException, match="is no address of this machine; choose another one"):
        bind("192.0.2.1", 0)


def test_another_mistake_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(click.ClickException, match="Cannot listen on port 80 of ::1: Address family not"):
        bind("::1", 80)


@pytest.mark.parametrize("possible", [True, False])
@pytest.mark.parametrize("host", ["::", "::1", "0.0.0.0"])
def test_all_addresses_are_those_of_both_kinds_where_there_are_both(
    monkeypatch: pytest.MonkeyPatch, host: str, *, possible: bool
) -> None:
    asked = []
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: possible)
    monkeypatch.setattr(socket, "create_server", lambda *_, **options: asked.append(options))
    bind(host, 8080)
    family = socket.AF_INET if host == "0.0.0.0" else socket.AF_INET6
    assert asked == [{"family": family, "dualstack_ipv6": host == "::" and possible}]


def test_url() -> None:
    with bind("127.0.0.1", 0) as bound:
        place = f"127.0.0.1:{bound.getsockname()[1]}/ws"
        assert url(bound, tls=False) == f"ws://{place}"
        assert url(bound, tls=True) == f"wss://{place}"
