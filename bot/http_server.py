"""A short way for webhooks: a POST that came whole goes straight to its channel, and the answer straight to the socket.

ASGI costs a webhook's turn more than its conversation (docs/performance.md). Only a request that leaves nothing to
interpret is read here; every byte of any other is uvicorn's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.webhooks import RETRY_AFTER_S, Post, hand

HEAD_BYTES = 8192
# stricter than HTTP itself: whatever another reader could read in another way is not ours
_HEAD = re.compile(rb"POST (/[a-z]+) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ \t]*[!-~][ -~]*\r\n)+)\r\n")
_UNUSUAL = frozenset(
    (b"content-encoding", b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-connection")
)


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol; `posts` are the paths of webhooks."""

    def __init__(self, posts: Mapping[bytes, Post], **given: Any) -> None:
        super().__init__(**given)
        self._posts = posts
        self._within = False  # a message that uvicorn's parser has begun to read
        self._answering = False  # a webhook of ours awaits its answer
        self._closing = False  # once it is answered
        self._next: bytes = b""  # what came meanwhile

    def data_received(self, data: bytes) -> None:
        if self._answering:
            self._next += data
            self.flow.pause_reading()
        elif not self._taken(data):
            super().data_received(data)

    def on_message_begin(self) -> None:
        self._within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._within = False
        super().on_message_complete()

    def shutdown(self) -> None:
        if self._answering:
            self._closing = True
        else:
            super().shutdown()

    def _taken(self, data: bytes) -> bool:
        """Whether this is one whole POST for a webhook, and nothing else."""
        if self._within or not getattr(self.cycle, "response_complete", True) or self.flow.write_paused:
            return False
        found = _HEAD.match(data, 0, HEAD_BYTES)
        post = self._posts.get(found[1]) if found is not None else None
        if found is None or post is None:
            return False
        lines = found[2].split(b"\r\n")[:-1]
        head = {name.lower(): value.strip() for name, _colon, value in (line.partition(b":") for line in lines)}
        length = head.get(b"content-length", b"")
        if (
            len(head) < len(lines)
            or not _UNUSUAL.isdisjoint(head)
            or head.get(b"connection", b"keep-alive").lower() != b"keep-alive"
            or not length.isdigit()
            or len(data) != found.end() + int(length)
        ):
            return False
        self._unset_keepalive_if_required()
        self._answering = True
        hand(post, data[found.end() :], head, self._answer)
        return True

    def _answer(self, status: int, body: bytes) -> None:
        self._answering = False
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        more = b"retry-after: %d\r\n" % RETRY_AFTER_S if status == 503 else b""
        if self._closing:
            more += b"connection: close\r\n"
        self.transport.write(
            b"HTTP/1.1 %d %b\r\n%b%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (status, _PHRASES[status], self._default_headers(), more, len(body), body)
        )
        if self._closing:
            self.transport.close()
        elif self._next:
            data, self._next = self._next, b""
            self.flow.resume_reading()
            self.data_received(data)
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _default_headers(self) -> bytes:
        """What uvicorn says in every answer: the date."""
        return b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)


_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
