"""`mouwakib serve` in a process of its own, which can be killed as a power cut kills it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.house import free_port

HOME = Path(__file__).resolve().parent.parent


class Guard:
    """Ends a child when this process ends before it, however it ends: a pipe closes, which somebody else listens to."""

    def __init__(self, child: subprocess.Popen[bytes], signal: str = "KILL", *, leaves: str = "") -> None:
        """`leaves`: a folder of the child's that goes with it."""
        told = 'read _; kill -s "$1" "$2"; while kill -0 "$2"; do sleep 0.1; done; [ -z "$3" ] || rm -r "$3"'
        self._shell = subprocess.Popen(
            ["sh", "-c", told, "sh", signal, str(child.pid), leaves],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not for it
        )

    def leave(self) -> None:
        """The child has ended."""
        self._shell.kill()
        self._shell.communicate()


class Process:
    """Started again it is the same bot: the same port, database and files."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"serve-{self.port}.log"
        given = {"database_url": url, "files": str(folder / "files"), "port": str(self.port), **settings}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MOUWAKIB_")}
        self._env = {
            **inherited,
            "PYTHONPATH": str(HOME),
            **{f"MOUWAKIB_{name.upper()}": value for name, value in given.items()},
        }
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def run(self) -> None:
        """Start it, and do not wait."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"], cwd=self._folder, env=self._env, stdout=log, stderr=log
            )
        self._guard = Guard(self._process)

    async def start(self) -> None:
        """Start it, and return when it is healthy. AssertionError if it ends instead."""
        self.run()
        try:
            async with httpx2.AsyncClient(timeout=None) as client:
                while True:
                    assert self.alive, self.log.read_text()[-2000:]
                    try:
                        if (await client.get(f"{self.url}/health")).status_code == 200:
                            return
                    except httpx2.TransportError:
                        pass
                    await asyncio.sleep(0.02)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        if self._process is not None:
            self._process.kill()
            self._ended()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._ended()

    def _ended(self) -> int:
        assert self._process is not None
        code = self._process.wait()
        if self._guard is not None:
            self._guard.leave()
            self._guard = None
        return code


async def sending(processes: list[Process], channel: str) -> Process:
    """Whoever of them sends what is due on a channel, once one does."""
    async with httpx2.AsyncClient(timeout=None) as http:
        while True:
            for process in processes:
                try:
                    if channel in (await http.get(f"{process.url}/health")).json()["sending"]:
                        return process
                except (httpx2.TransportError, ValueError):
                    continue  # it is starting
            await asyncio.sleep(0.05)
