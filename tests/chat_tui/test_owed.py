"""The outbox's text: what goes in comes out, and nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.model.owed import FORMAT, Mark, Owed, OwedPost, decode, encode

ids = st.integers(1, 2**53 - 1)
posts = st.builds(
    OwedPost,
    room=st.text(),
    nonce=st.text(),
    content=st.text(),
    typed_at=st.integers(0, 2**53),
    reply_to=st.none() | ids,
)
reads = st.dictionaries(st.text(), st.lists(st.tuples(ids, ids)).map(tuple))
everything = st.builds(
    Owed,
    epoch=st.text(),
    posts=st.lists(posts, max_size=5).map(tuple),
    reads=reads,
    editions=reads,
    drafts=st.dictionaries(st.text(), st.text()),
    marks=st.dictionaries(st.text(), st.builds(Mark, st.integers(1, 10**9), st.integers(0, 10**9))),
    silenced=st.lists(st.text()).map(tuple),
    modes=st.dictionaries(st.text(), st.sampled_from(("public", "private", "off"))),
)


@given(everything)
def test_what_is_encoded_is_decoded(owed: Owed) -> None:
    assert decode(encode(owed)) == owed


def test_people_can_read_it() -> None:
    owed = Owed(
        epoch="first",
        posts=(OwedPost("general", "n", "hi", 7), OwedPost("general", "m", "yes", 8, reply_to=3)),
        reads={"general": ((1, 3),)},
        editions={"general": ((2, 1),)},
        drafts={"general": "I was"},
        marks={"general": Mark(message=4, count=2)},
        silenced=("noise",),
        horizons=("general",),
        modes={"general": "off"},
    )
    assert json.loads(encode(owed)) == {
        "format": FORMAT,
        "epoch": "first",
        "posts": [
            {"room": "general", "nonce": "n", "content": "hi", "typedAt": 7},
            {"room": "general", "nonce": "m", "content": "yes", "typedAt": 8, "replyTo": 3},
        ],
        "reads": {"general": [[1, 3]]},
        "editions": {"general": [[2, 1]]},
        "drafts": {"general": "I was"},
        "marks": {"general": {"message": 4, "count": 2}},
        "silenced": ["noise"],
        "horizons": ["general"],
        "modes": {"general": "off"},
    }
    assert encode(owed).count(b"\n") > 5
    assert encode(owed).endswith(b"}\n")


def test_what_an_older_client_kept_is_read() -> None:
    """It told itself from others by a word, and knew nothing of edited texts."""
    assert decode(b'{"format": 1, "client": "word", "epoch": "first", "posts": []}') == Owed(epoch="first")


@pytest.mark.parametrize(
    "owed",
    [
        Owed(posts=(OwedPost("general", "n", "hi", 7),)),
        Owed(reads={"general": ((1, 3),)}),
        Owed(drafts={"general": "I was"}),
        Owed(marks={"general": Mark(message=4, count=2)}),
        Owed(silenced=("noise",)),
        Owed(horizons=("general",)),
    ],
)
def test_anything_that_is_kept_is_something(owed: Owed) -> None:
    assert not owed.is_nothing
    assert Owed(epoch="first").is_nothing


def test_a_refusal_is_kept() -> None:
    assert b'"refused": "too long"' in encode(Owed(posts=(OwedPost("general", "n", "hi", 7, "too long"),)))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x00",
        b"[]",
        b'{"format": 1',
        b'{"format": "1"}',
        b'{"format": 2}',
        b'{"posts": [{"room": "general"}]}',
        b'{"reads": {"general": [[1]]}}',
        b'{"epoch": "\xff"}',
    ],
)
def test_what_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(text)


@given(everything, st.data())
def test_a_torn_file_is_refused(owed: Owed, data: st.DataObject) -> None:
    text = encode(owed)
    end = data.draw(st.integers(0, len(text) - 2))
    with pytest.raises(ValueError, match=r".+"):
        decode(text[:end])
