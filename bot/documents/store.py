"""The file folder: documents under random names, outside any web root, readable by this user only."""

from __future__ import annotations

import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path


class FileStore:
    """A folder of files named at random; what they are called and whose they are is in the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, id: str) -> Path:
        """Where a file lies. ValueError for a name that cannot be one of ours."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{32}", id):
            raise ValueError("not a file name of ours")
        return self.folder / id[:2] / id

    def keep(self, content: bytes, id: str = "") -> str:
        """Keep the bytes on disk; the random name they lie under, a new one unless it was chosen already."""
        id = id or secrets.token_urlsafe(24)
        path = self.path(id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return id

    def remove(self, id: str) -> None:
        """Remove a file, if it is there."""
        self.path(id).unlink(missing_ok=True)

    def age(self, id: str, now: datetime) -> timedelta:
        """How long ago a file was kept; nothing for one that is not there."""
        path = self.path(id)
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else timedelta(0)

    def names(self) -> list[str]:
        """Every file in the folder."""
        return [path.name for path in self.folder.glob("??/*") if path.is_file()]
