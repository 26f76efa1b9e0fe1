"""Frames byte by byte, against the standard and against websockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chat_server.framing import text_frame


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, "81 00"),
        (125, "81 7d"),
        (126, "81 7e 00 7e"),
        (65_535, "81 7e ff ff"),
        (65_536, "81 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_the_length_takes_as_many_bytes_as_it_must(length: int, head: str) -> None:
    payload = b"x" * length
    assert text_frame(payload) == bytes.fromhex(head) + payload


@given(st.text())
def test_a_frame_is_what_websockets_makes_of_the_text(text: str) -> None:
    assert text_frame(text.encode()) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
