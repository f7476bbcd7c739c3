"""How fast one Telegram chat may be written to: about one message a second, short bursts pass (bots FAQ, "limits").

Answers never wait for it, as nobody writes faster than they are allowed to; but they count. The pace of the whole account is that of
announcements (`bot.delivery.announcements`).
"""

from __future__ import annotations

PER_CHAT_S, BURST = 1.0, 3
MOST = 20_000  # chats remembered


class Chats:
    """Of one account, in one process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}  # chat -> until when what it was sent is paid for

    def wait(self, chat: str, now: float, *, reply: bool) -> float:
        """Seconds to wait before the next message to this chat; 0 counts it as sent."""
        until = max(self._until.pop(chat, now), now)
        self._until[chat] = until  # the newest stands last
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        wait = until - now - (BURST - 1) * PER_CHAT_S
        if wait > 0 and not reply:
            return wait
        self._until[chat] = min(until, now + BURST * PER_CHAT_S) + PER_CHAT_S
        return 0.0
