"""Which addresses may be opened, in which form, and where they are said to lead."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.links import CHARS_MAX, cleaned, host_of, reads_like_one, whole

RFC_3986 = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTP://Example.org/A?b=c#d", "HTTP://Example.org/A?b=c#d"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://x.org/a%20b", "https://x.org/a%20b"),
        ("https://x.org/100%", "https://x.org/100%25"),
        ("https://x.org/%zz", "https://x.org/%25zz"),
        ("https://x.org/é", "https://x.org/%C3%A9"),
        ("https://x.org/\U0001f44d", "https://x.org/%F0%9F%91%8D"),
        ("mailto:ann@x.org", "mailto:ann@x.org"),
        ("mailto:ann@x.org?attach=/etc/passwd", None),
        ("mailto:ann", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("ssh://x.org", None),
        ("-https://x.org", None),
        ("https://", None),
        ("https://./", None),
        ("https://x.org:port/", None),
        ("https://[x/", None),
        ("https://x.org/\x1b[2J", "https://x.org/%1B[2J"),
        ("https://x.org/a b", None),
        ("https://x.org\\@y.org", None),
        (f"https://x.org/{'a' * (CHARS_MAX - 14)}", f"https://x.org/{'a' * (CHARS_MAX - 14)}"),
        (f"https://x.org/{'a' * (CHARS_MAX - 13)}", None),
        ("https://evil.example%2Fx.org/", None),
        ("https://x.org%0a/", None),
        (f"https://{'a.' * 126}aa", None),
        (f"https://{'a.' * 126}a", f"https://{'a.' * 126}a"),
    ],
)
def test_cleaned(address: str, clean: str | None) -> None:
    assert cleaned(address) == clean


@given(
    st.one_of(st.text(), st.text().map("https://x".__add__), st.from_regex(r"https?://[^\s]{1,20}/[^\s]{0,20}"))
)
def test_what_is_cleaned_can_only_be_an_address(text: str) -> None:
    clean = cleaned(text)
    if clean is not None:
        assert set(clean) <= RFC_3986
        assert re.match("(?i)https?://.|mailto:.", clean)
        assert cleaned(clean) in (clean, None)
        assert host_of(clean).isascii()


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Example.org:8080/a@b", "example.org"),
        ("https://www.example.org/", "example.org"),
        ("https://google.com@evil.example/", "evil.example"),
        ("https://g%D0%BE%D0%BEgle.com/", "xn--ggle-55da.com"),
        ("https://g\u043e\u043egle.com/", "xn--ggle-55da.com"),
        (f"https://{'é' * 64}.com/", f"{'%C3%A9' * 64}.com"),
        ("mailto:ann@x.org", "x.org"),
    ],
)
def test_host(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://x.org.", "https://x.org"),
        ("https://x.org/a_(b)", "https://x.org/a_(b)"),
        ("https://x.org/a)", "https://x.org/a"),
        ("https://x.org/[a]", "https://x.org/[a]"),
        ("https://x.org/a])!?", "https://x.org/a"),
        ("https://x.org/**", "https://x.org/"),
        ("...", ""),
    ],
)
def test_whole(text: str, address: str) -> None:
    assert whole(text) == address


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("the log", False),
        ("see it. Now", False),
        ("google.com", True),
        ("login (google.com)", True),
        ("http://x", True),
        ("ann@x", True),
        ("google。com", True),
    ],
)
def test_reads_like_one(text: str, does: bool) -> None:  # noqa: FBT001
    assert reads_like_one(text) is does
