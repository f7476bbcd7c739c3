"""Logs carry ids and outcomes: never words, names, numbers or tokens."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()
_HOME = Path(__file__).resolve().parent.parent
_OURS = tuple(f"{_HOME / package}{os.sep}" for package in ("bot", "handlers", "storage"))


def start_logging(*, pretty: bool) -> None:
    """One JSON line an event on standard error; readable ones in a terminal. Libraries' own chatter is left out."""
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr, force=True)


def fault(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its kind and where it arose. Its message may hold a founder's words."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_OURS)]
    at = [f"{Path(frame.filename).relative_to(_HOME)}:{frame.lineno}" for frame in frames[-3:]]
    return {"error": type(error).__name__, "at": " < ".join(reversed(at))}
