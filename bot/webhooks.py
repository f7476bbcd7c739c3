"""What webhooks share: the body, read within its limits (size, time, no compression), and the answer.

A channel takes a whole body with the head it came under and says the answer once it is known (`Post`); how the body
came, through ASGI or the short way (`bot.http_server`), is no concern of its.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from bot.log import fault, log

RETRY_AFTER_S = 5

Say: TypeAlias = Callable[[int, bytes], None]  # status and body; called once
Post: TypeAlias = Callable[[bytes, Mapping[bytes, bytes], Say], None]  # body, head (names in small letters), answer


class BadBody(Exception):
    """A body that is not taken; `status` is the HTTP answer to it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


async def read_body(scope: Any, receive: Any, most: int, seconds: float) -> bytes:
    """The whole body, at most `most` bytes. BadBody: 413 too large, 408 too slow, 415 compressed, 400 if the sender left."""
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value != b"identity":
            raise BadBody(415)
        if name == b"content-length" and (not value.isdigit() or int(value) > most):
            raise BadBody(413)
    task = asyncio.current_task()
    assert task is not None
    late = False

    def give_up() -> None:
        nonlocal late
        late = True
        task.cancel()

    # a bare timer: asyncio.timeout() around each of these would cost a twentieth of a whole turn
    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    body: bytes = b""
    try:
        while True:
            event = await receive()
            if event["type"] != "http.request":
                raise BadBody(400)
            body += event.get("body", b"")
            if len(body) > most:
                raise BadBody(413)
            if not event.get("more_body", False):
                return body
    except asyncio.CancelledError:
        if late:
            task.uncancel()
            raise BadBody(408) from None
        raise
    finally:
        timer.cancel()


def hand(post: Post, raw: bytes, head: Mapping[bytes, bytes], say: Say) -> None:
    """Give a body to its channel; 503 if the channel fails on it, so that it comes again."""
    try:
        post(raw, head, say)
    except Exception as error:
        log.error("webhook refused for now", **fault(error))
        say(503, b"")


def say_when(done: asyncio.Future[None], say: Say, channel: str, body: bytes = b"") -> None:
    """Answer once a message is durably handled, or 503 if it should come again: the database is away, or something worse."""

    def handled(done: asyncio.Future[None]) -> None:
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        if error is None:
            say(200, body)
            return
        log.warning("webhook refused for now", channel=channel, **fault(error))
        say(503, b"")

    done.add_done_callback(handled)


async def answer_of(post: Post, raw: bytes, head: Mapping[bytes, bytes]) -> tuple[int, bytes]:
    """What a channel answers to a body, waited for."""
    said: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()

    def say(status: int, body: bytes) -> None:
        if not said.done():  # whoever waited may be gone
            said.set_result((status, body))

    hand(post, raw, head, say)
    return await said


async def answer(send: Any, status: int, body: bytes = b"", *, kind: bytes = b"text/plain") -> None:
    """Answer a webhook; by 503 a platform is asked to bring it again in a while."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER_S))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
