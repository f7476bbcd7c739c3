"""How fast one person may write: a bucket a person, and one polite notice a minute to whoever floods."""

from __future__ import annotations

BURST, PER_SECOND = 20.0, 1.0  # messages at once, and from then on
NOTICE_S = 60.0
MOST = 50_000  # people remembered; the quietest are forgotten first


class Pace:
    """Remembers people in this process only: a restart forgives."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[float]] = {}  # tokens left, when counted, when last told
        self._language: dict[tuple[str, str], str] = {}

    def allows(self, who: tuple[str, str], now: float) -> bool:
        """Whether this message is within the pace; it counts if it is."""
        entry = self._seen.pop(who, None)
        if entry is None:
            entry = [BURST, now, -NOTICE_S]
            if len(self._seen) >= MOST:
                quiet = next(iter(self._seen))
                del self._seen[quiet]
                self._language.pop(quiet, None)
        self._seen[who] = entry  # the newest stands last
        entry[0] = min(BURST, entry[0] + max(0.0, now - entry[1]) * PER_SECOND)
        entry[1] = now
        if entry[0] < 1:
            return False
        entry[0] -= 1
        return True

    def notice(self, who: tuple[str, str], now: float) -> str:
        """The language to tell them in, at most once a minute; "" if they were told already."""
        entry = self._seen.setdefault(who, [0.0, now, -NOTICE_S])
        if now - entry[2] < NOTICE_S:
            return ""
        entry[2] = now
        return self._language.get(who, "fr")

    def speaks(self, who: tuple[str, str], language: str) -> None:
        """Note the language of a person, for the notice."""
        self._language[who] = language
