"""What webhooks share: the body, read within its limits (size, time, no compression), and the answer."""

from __future__ import annotations

import asyncio
from typing import Any


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


async def answer(send: Any, status: int, body: bytes = b"", *, kind: bytes = b"text/plain") -> None:
    """Answer a webhook; by 503 a platform is asked to bring it again in a while."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
