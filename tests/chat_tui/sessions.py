"""A session in one room for tests by transcript, and the frames and events of its first minute."""

from chat_server.protocol import AnyFrame as Frame
from chat_server.protocol import FetchHistory, Info, Post, ReadBy, Request, Welcome
from chat_tui.model.effects import Effect, Say
from chat_tui.model.events import Cut, Heard, Linked, Looked, Proved, Seen, Typed
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.view import Link, Tick
from tests.chat_tui.frames import ANN, ME, ROOM, message, page, summary, welcome
from tests.identities import NONCE, challenge, signer

PAGE_MAX = 4
KEY = signer(ME).public
CHALLENGE = challenge(NONCE)
SIGNATURE = "a signature"
AWAY = Looked(attended=False, following=True)
SCROLLED = Looked(attended=True, following=False)


def new(owed: Owed | None = None) -> Session:
    return Session(ME, ROOM, owed or Owed(), KEY)


def greet(session: Session) -> Session:
    """Have it prove who it is to a server that has done so, on a connection of its own."""
    session.handle(Linked(NONCE))
    session.handle(Heard(CHALLENGE, 0))
    session.handle(Proved(SIGNATURE))
    return session


def hear(session: Session, frame: Frame, now_ms: int = 0) -> list[Effect]:
    """What a frame makes it do; nobody is welcomed who has not greeted."""
    if isinstance(frame, Welcome) and session.status().link is not Link.ONLINE:
        greet(session)
    return session.handle(Heard(frame, now_ms))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def asked(effects: list[Effect]) -> FetchHistory:
    """The page that is asked for, and nothing else is."""
    (request,) = said(effects)
    assert isinstance(request, FetchHistory)
    assert (request.room, request.limit) == (ROOM, PAGE_MAX)
    return request


def answer(
    session: Session, effects: list[Effect], *told: int, sender: str = ANN, revision: int = 0
) -> list[Effect]:
    """Answer the page that was asked for with these messages, all of one sender."""
    pages = [each for each in said(effects) if isinstance(each, FetchHistory)]
    assert len(pages) == 1
    return hear(session, page(*(message(each, sender) for each in told), revision=revision, ref=pages[0].ref))


def opened(last: int, *, sender: str = ANN, first: int = 1, last_id: int | None = None) -> Session:
    """A session online, with the window [first, last] of messages by one sender."""
    session = new()
    session.handle(Linked(NONCE))
    effects = hear(session, welcome(summary(last if last_id is None else last_id)))
    if last:
        answer(session, effects, *range(first, last + 1), sender=sender)
    return session


def cut(session: Session) -> list[Effect]:
    return session.handle(Cut("gone", 500))


def typed(nonce: str, content: str = "hi") -> Typed:
    return Typed(content, nonce, 7)


def post(nonce: str, content: str = "hi") -> Post:
    return Post(ref=nonce, room=ROOM, nonce=nonce, content=content)


def seen(*ids: int, now_ms: int = 0) -> Seen:
    return Seen(ROOM, frozenset(ids), now_ms)


def window(session: Session) -> list[int]:
    return [each.id for each in session.view().messages if each.id is not None]


def ticks(session: Session) -> dict[str, Tick | None]:
    return {each.key: each.tick for each in session.view().messages if each.own}


def owed_posts(session: Session) -> list[OwedPost]:
    return list(session.owed.posts)


def shown_info(session: Session) -> Info | None:
    return session.info


def info(message_id: int, *readers: str, room: str = ROOM) -> Info:
    read_by = tuple(ReadBy(each, 5_000) for each in readers)
    return Info(room=room, message_id=message_id, read_by=read_by, missing=(), unshared=())
