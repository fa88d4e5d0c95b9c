"""The last good content on disk: two generations, checksummed, written whole or not at all.

A generation is a file of one header line (what it is, its number, the SHA-256 of number and body)
and a body of JSON: {topic: payload}. Generations are written in turn, each to a new file that is
flushed to the disk and then renamed over the older one, so that at every moment one good generation
is on the disk. One that was damaged is noticed by its checksum, and the other one is read.
"""

import hashlib
import json
import logging
import os
import threading
from pathlib import Path

log = logging.getLogger(__name__)

_KIND = "lobby-board-1"
_NAMES = ("content-a", "content-b")

Content = dict[str, bytes]
"""Payloads by topic, as they came over the wire."""


class Cache:
    """The content of one board in `folder`. Writing happens on a thread of its own, because a
    flush to a slow disk must not hold up a frame; only the newest content is ever written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._waiting: Content | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write_all, name="cache", daemon=True)

    def load(self, *, skip_newest: bool = False) -> Content:
        """The newest generation that is whole, or the other one where the newest may be what the
        board cannot bear; empty if there is none. Never raises."""
        found = [good for name in _NAMES if (good := _read(self._folder / name)) is not None]
        found.sort(key=lambda generation: generation[0])
        if skip_newest:
            del found[1:]
        if not found:
            return {}
        self._number, content = found[-1]
        return content

    def start(self) -> None:
        self._writer.start()

    def save(self, content: Content) -> None:
        """Have `content` written soon; returns at once."""
        with self._changed:
            self._waiting = dict(content)
            self._changed.notify()

    def close(self) -> None:
        """Write what is still waiting, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join()

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None or self._closed)
                content, self._waiting = self._waiting, None
            if content is None:
                return
            try:
                self._write(content)
            except OSError:
                log.exception("the content could not be kept on disk")

    def _write(self, content: Content) -> None:
        number = self._number + 1
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / _NAMES[number % 2]
        draft = target.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(_encode(number, content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _flush_folder(self._folder)
        self._number = number


def _flush_folder(folder: Path) -> None:
    """Make a rename last over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encode(number: int, content: Content) -> bytes:
    texts = {topic: payload.decode() for topic, payload in content.items()}
    body = json.dumps(texts, ensure_ascii=False).encode()
    return f"{_KIND} {number} {_sum(number, body)}\n".encode() + body


def _read(file: Path) -> tuple[int, Content] | None:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("%s cannot be read: %s", file, error)
        return None
    try:
        return _decode(raw)
    except (ValueError, AttributeError, RecursionError) as error:
        log.warning("%s is damaged and was passed over: %s", file, error)
        return None


def _decode(raw: bytes) -> tuple[int, Content]:
    header, _, body = raw.partition(b"\n")
    kind, digits, checksum = header.decode("ascii").split(" ")
    if kind != _KIND or checksum != _sum(int(digits), body):
        raise ValueError("its checksum differs")
    return int(digits), {topic: text.encode() for topic, text in json.loads(body).items()}


def _sum(number: int, body: bytes) -> str:
    return hashlib.sha256(b"%d\n" % number + body).hexdigest()
