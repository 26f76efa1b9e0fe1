"""Frames from and to bytes; the one place where a peer's text becomes values."""

import unicodedata
from typing import Final, cast

import msgspec
from msgspec import Struct

from chat_server.protocol.frames import AnyFrame, Frame
from chat_server.protocol.limits import CloseCode
from chat_server.protocol.reactions import is_reaction
from chat_server.protocol.requests import AnyRequest, FetchHistory, Join, React, Read, Ref, Request, Topic


class ProtocolError(ValueError):
    """The peer sent what is no frame of this protocol.

    `code` is None where the connection can go on after a refusal, else the code to close it with.
    """

    def __init__(self, reason: str, *, ref: str | None = None, code: int | None = None) -> None:
        """Take a sentence for a person, the request's own `ref`, and how grave it is."""
        super().__init__(reason)
        self.reason = reason
        self.ref = ref
        self.code = code


class _Envelope(Struct):
    """As much of a faulty frame as its refusal needs."""

    type: object = None
    ref: Ref | None = None


_requests: Final = msgspec.json.Decoder(AnyRequest)
_frames: Final = msgspec.json.Decoder(AnyFrame)
_envelopes: Final = msgspec.json.Decoder(_Envelope)
_encoder: Final = msgspec.json.Encoder()

_UNFIT: Final = ("Cc", "Zl", "Zp")
"""Categories of control characters and of what ends a line."""
_NOT_JSON: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding raises for bytes that are no JSON; a `ValidationError`, which is one of them, is caught before."""


def encode(frame: Request | Frame) -> bytes:
    """The frame as UTF-8 JSON, to be sent as one text frame."""
    return _encoder.encode(frame)


def decode_request(text: str | bytes) -> AnyRequest:
    """The request in a text frame.

    Raises ProtocolError: with a close code for what is no JSON object, without one (the request is refused,
    the connection goes on) for an unknown type, unknown or missing fields, or a value out of bounds.
    """
    try:
        request = cast("AnyRequest", _requests.decode(text))
    except msgspec.ValidationError as error:
        raise ProtocolError(str(error), ref=_envelope(text).ref) from None
    except _NOT_JSON as error:
        raise _not_json(error) from None
    _check(request)
    return request


def decode_frame(text: str | bytes) -> AnyFrame | None:
    """The frame from a server; None for a type that this version does not know.

    Raises ProtocolError for whatever else is no frame.
    """
    try:
        return cast("AnyFrame", _frames.decode(text))
    except msgspec.ValidationError as error:
        if "at `$.type`" in str(error) and isinstance(_envelope(text).type, str):
            return None
        raise ProtocolError(str(error), code=CloseCode.PROTOCOL_ERROR) from None
    except _NOT_JSON as error:
        raise _not_json(error) from None


def _check(request: AnyRequest) -> None:
    """Refuse what the types alone cannot: reversed ranges, no reaction, no or two directions, unfit titles."""
    match request:
        case Read(ranges=ranges) if any(last < first for first, last in ranges):
            raise ProtocolError("a range ends before it begins - at `$.ranges`", ref=request.ref)
        case React(emoji=emoji) if not is_reaction(emoji):
            raise ProtocolError(
                "no character that can be seen, or one that cannot - at `$.emoji`", ref=request.ref
            )
        case FetchHistory(before=before, after=after, around=around):
            if sum(each is not None for each in (before, after, around)) != 1:
                raise ProtocolError("ask for exactly one of `before`, `after`, `around`", ref=request.ref)
        case Topic(title=title) | Join(title=str(title)):
            if not title.strip() or any(unicodedata.category(each) in _UNFIT for each in title):
                raise ProtocolError("a title is one line, and not blank - at `$.title`", ref=request.ref)
        case _:
            pass


def _envelope(text: str | bytes) -> _Envelope:
    """What can be told of a faulty frame; a fault is found before the end, so the rest may be no JSON at all."""
    try:
        return _envelopes.decode(text)
    except msgspec.ValidationError as error:
        if str(error).startswith("Expected `object`"):
            raise ProtocolError("a frame is one JSON object", code=CloseCode.PROTOCOL_ERROR) from None
        return _Envelope()
    except _NOT_JSON as error:
        raise _not_json(error) from None


def _not_json(error: Exception) -> ProtocolError:
    return ProtocolError(f"not JSON: {error}", code=CloseCode.PROTOCOL_ERROR)
