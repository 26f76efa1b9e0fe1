"""What is owed on disk: whole or as before, a file for each running client, a sentence where that cannot be."""

import stat
from pathlib import Path

import pytest

from chat_tui.model.owed import Owed, OwedPost, decode
from chat_tui.outbox import CLIENTS_MAX, Outbox, OutboxError

SERVER = "ws://127.0.0.1:8080/ws"


def owed(*texts: str) -> Owed:
    return Owed(posts=tuple(OwedPost("general", f"nonce-{text}", text, 1) for text in texts))


def open_outbox(state: Path, name: str = "John", server: str = SERVER) -> Outbox:
    return Outbox.open(state, server, name)


def test_what_was_saved_is_there_again(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.save(owed("one", "two"))
    outbox.close()
    again = open_outbox(tmp_path)
    assert again.owed == owed("one", "two")
    again.close()


def test_clients_at_the_same_time_have_files_of_their_own(tmp_path: Path) -> None:
    first, second = open_outbox(tmp_path), open_outbox(tmp_path)
    first.save(owed("of the first"))
    second.save(owed("of the second"))
    first.close()
    third = open_outbox(tmp_path)
    assert [post.content for post in third.owed.posts] == ["of the first"]
    third.close()
    second.close()


@pytest.mark.parametrize(
    ("name", "server"),
    [("Mary", SERVER), ("john", SERVER), ("John", "ws://127.0.0.1:8081/ws"), ("../x/é", SERVER)],
)
def test_another_person_or_server_has_another_folder(tmp_path: Path, name: str, server: str) -> None:
    one, other = open_outbox(tmp_path), open_outbox(tmp_path, name, server)
    one.save(owed("mine"))
    assert other.owed.posts == ()
    assert len({path.name.lower() for path in tmp_path.iterdir()}) == 2
    one.close()
    other.close()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.save(owed("secret"))
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "owed-1.json").stat().st_mode) == 0o600
    outbox.close()


def test_what_a_crash_while_writing_left_changes_nothing(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    saved = owed("whole")
    outbox.save(saved)
    outbox.close()
    (folder,) = tmp_path.iterdir()
    (folder / "owed-1.tmp").write_bytes(b'{"format": 1, "posts": [{"ro')
    again = open_outbox(tmp_path)
    assert again.owed == saved
    again.close()


@pytest.mark.parametrize("text", [b"", b"{", b'{"format": 2}', b"\xff"])
def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(tmp_path: Path, text: bytes) -> None:
    open_outbox(tmp_path).close()
    (folder,) = tmp_path.iterdir()
    (folder / "owed-1.json").write_bytes(text)
    for _ in range(2):  # the lock was let go
        with pytest.raises(OutboxError, match=r"owed-1\.json cannot be read .*Mend that file, or move it away"):
            open_outbox(tmp_path)
    assert (folder / "owed-1.json").read_bytes() == text


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(OutboxError, match="Cannot keep unsent messages in"):
        open_outbox(tmp_path / "state")


def test_too_many_clients_are_a_sentence(tmp_path: Path) -> None:
    outboxes = [open_outbox(tmp_path) for _ in range(CLIENTS_MAX)]
    with pytest.raises(OutboxError, match=f"{CLIENTS_MAX} clients of this name run already"):
        open_outbox(tmp_path)
    for each in outboxes:
        each.close()


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    before = owed("before")
    outbox.save(before)
    (folder,) = tmp_path.iterdir()
    (folder / "owed-1.tmp").mkdir()
    with pytest.raises(OutboxError, match=r"Cannot keep unsent messages in .*owed-1\.json"):
        outbox.save(owed("after"))
    assert outbox.owed == before
    assert decode((folder / "owed-1.json").read_bytes()) == before
    outbox.close()


def test_a_draft_alone_keeps_the_file(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.save(Owed(drafts={"general": "I was"}))
    outbox.close()
    again = open_outbox(tmp_path)
    assert again.owed.drafts == {"general": "I was"}
    again.close()
