"""Whose address it is: what proxies say is believed from the end of the list on, up to the first stranger."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.proxies import Network, address, client_address, network

PROXIES = tuple(network(each) for each in ("127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"))
STRANGER = "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        # Nobody whom one trusts.
        (STRANGER, [], STRANGER),
        (STRANGER, ["198.51.100.1"], STRANGER),
        ("127.0.0.2", ["198.51.100.1"], "127.0.0.2"),
        ("2001:db8:2::1", ["198.51.100.1"], "2001:db8:2::1"),
        # One proxy.
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [STRANGER], STRANGER),
        ("127.0.0.1", [f" \t{STRANGER}\t "], STRANGER),
        ("2001:db8:1::7", [STRANGER], STRANGER),
        # What the client invented stands to the left.
        ("127.0.0.1", [f"127.0.0.1, {STRANGER}"], STRANGER),
        ("127.0.0.1", [f"10.0.0.1, 198.51.100.1, {STRANGER}"], STRANGER),
        ("127.0.0.1", ["10.0.0.1", STRANGER], STRANGER),
        ("127.0.0.1", ["198.51.100.1", f"198.51.100.2, {STRANGER}"], STRANGER),
        # Several proxies, in one header or in several.
        ("127.0.0.1", [f"{STRANGER}, 10.1.2.3"], STRANGER),
        ("127.0.0.1", [f"198.51.100.1, {STRANGER}, 10.1.2.3, 10.0.0.1"], STRANGER),
        ("127.0.0.1", [STRANGER, "10.1.2.3"], STRANGER),
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        # IPv6, with brackets, ports and scopes.
        ("127.0.0.1", ["2001:DB8:2:0::1"], "2001:db8:2::1"),
        ("127.0.0.1", ["[2001:db8:2::1]"], "2001:db8:2::1"),
        ("127.0.0.1", ["[2001:db8:2::1]:55000"], "2001:db8:2::1"),
        ("127.0.0.1", [f"{STRANGER}:55000"], STRANGER),
        ("127.0.0.1", [f"[{STRANGER}, 10.0.0.1]:1, 10.0.0.1:1"], "10.0.0.1"),
        ("127.0.0.1", [f"{STRANGER}, [2001:db8:1::2]:443"], STRANGER),
        ("fe80::1%eth0", [], "fe80::1"),
        ("127.0.0.1", ["fe80::1%eth0\n"], "fe80::1"),
        # IPv4 mapped into IPv6.
        ("::ffff:127.0.0.1", [STRANGER], STRANGER),
        ("::ffff:203.0.113.9", ["198.51.100.1"], STRANGER),
        ("127.0.0.1", ["198.51.100.1, ::ffff:cb00:7109"], STRANGER),
        # What is no address: the last known proxy is as near as one gets.
        *(("127.0.0.1", [f"{STRANGER}, {what}"], "127.0.0.1") for what in ("", "unknown", "unix:", "_x", "1.2.3")),
        *(
            ("127.0.0.1", [f"{STRANGER}, {what}"], "127.0.0.1")
            for what in ("[]", "[]:1", "[::1", "::1]", ":", "é")
        ),
        *(("127.0.0.1", [f"{STRANGER}, {what}"], "127.0.0.1") for what in ("1.2.3.4:", "1.2.3.4:x", "01.2.3.4")),
        ("127.0.0.1", [f"{STRANGER}, nonsense, 10.0.0.1"], "10.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [",,,"], "127.0.0.1"),
        # A peer without an address, like that of a Unix socket.
        ("", [STRANGER], ""),
        ("somewhere", [STRANGER], "somewhere"),
    ],
)
def test_client_address(peer: str, headers: list[str], client: str) -> None:
    assert client_address(peer, headers, PROXIES) == client


def test_nobody_is_trusted_by_default() -> None:
    assert client_address("127.0.0.1", [STRANGER], ()) == "127.0.0.1"


addresses = st.ip_addresses().map(str)


@given(
    st.lists(st.text() | addresses),
    st.sampled_from([STRANGER, "2001:db8:2::1"]),
    st.lists(st.sampled_from(["10.0.0.1", "127.0.0.1"])),
)
def test_nothing_that_a_client_sends_changes_its_address(
    invented: list[str], client: str, proxies: list[str]
) -> None:
    headers = [*invented, ", ".join([client, *proxies])]
    assert client_address("127.0.0.1", headers, PROXIES) == client
    assert client_address("127.0.0.1", [",".join(headers)], PROXIES) == client
    assert client_address(client, headers, PROXIES) == client


@given(st.lists(st.text() | addresses))
@example(["fe80::1%\x1b[31m"])
def test_an_address_is_one_whatever_is_sent(headers: list[str]) -> None:
    assert address(client_address("127.0.0.1", headers, PROXIES)) is not None
    assert client_address("127.0.0.1", headers, PROXIES).isprintable()
    assert "%" not in client_address("127.0.0.1", headers, PROXIES)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("192.0.2.5", "192.0.2.5/32"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:192.0.2.5", "192.0.2.5/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
    ],
)
def test_network(text: str, parsed: str) -> None:
    found: Network = network(text)
    assert str(found) == parsed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not appear to be"),
        ("proxy.example", "does not appear to be"),
        ("192.0.2.5/24", "has host bits set"),
        ("0.0.0.0/0", "is everybody"),
        ("::/0", "is everybody"),
        ("::ffff:0:0/96", "is everybody"),
    ],
)
def test_no_network(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        network(text)
