"""The kiosk's own camera, where there is one: a code held before it is read as by a scanner.

Pictures are looked at on a thread of its own, and none is kept. What they say is text and nothing
else: whoever receives it decides whether it is one of ours.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import av
import zxingcpp
from PIL import Image

log = logging.getLogger(__name__)

_LOOKS = 0.15
"""Seconds between two looks: a hand holds still for longer, and a core has other work."""
AWAY = 3.0
"""Seconds for which a code must be out of sight before it is news again."""
_AGAIN = 5.0
"""Seconds between two tries to open a camera that is not there."""
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class Sight:
    """Which of the codes seen are news. Time is an argument: seconds on a monotonic clock."""

    def __init__(self) -> None:
        self._text, self._at = "", 0.0

    def news(self, text: str, now: float) -> bool:
        """A code that stays before the camera is read once."""
        is_news = text != self._text or now - self._at > AWAY
        self._text, self._at = text, now
        return is_news


class Camera:
    """Reads `source`, a video device such as /dev/video0 or a file or address that FFmpeg knows,
    from `start` to `stop`. `found(text)` is called on the camera's thread."""

    def __init__(self, source: str, found: Callable[[str], None]) -> None:
        self._source = source
        self._found = found
        self._sight = Sight()
        self.state = "failed"
        """`looks`, or `failed` until it does."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. A device that hangs is left to the end of the process."""
        self._stopping.set()
        self._thread.join(1)

    def _run(self) -> None:
        said = ""
        while not self._stopping.is_set():
            try:
                self._watch()
                said = ""
            except Exception as problem:  # noqa: BLE001 - FFmpeg's are of every kind
                if str(problem) != said:
                    said = str(problem)
                    log.warning("the camera cannot be used, and is tried again: %s", problem)
            self.state = "failed"
            self._stopping.wait(_AGAIN)

    def _watch(self) -> None:
        kind = "v4l2" if self._source.startswith("/dev/") else None
        with av.open(self._source, format=kind, timeout=_AGAIN) as film:
            log.info("the camera reads codes")
            looked = 0.0
            for frame in self._frames(film):
                now = time.monotonic()
                if now - looked >= _LOOKS:
                    looked = now
                    self._look(frame, now)

    def _frames(self, film: av.container.InputContainer) -> Iterator[av.VideoFrame]:
        """The pictures that can be read: on a long cable one or the other arrives damaged."""
        for packet in film.demux(video=0):
            if self._stopping.is_set():
                return
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self.state = "failed"
                continue
            for frame in frames:
                self.state = "looks"
                yield frame

    def _look(self, frame: av.VideoFrame, now: float) -> None:
        gray = frame.reformat(format="gray").planes[0]
        size = (frame.width, frame.height)
        picture = Image.frombytes("L", size, bytes(gray), "raw", "L", gray.line_size, 1)
        code = zxingcpp.read_barcode(picture, formats=_QR)
        if code is not None and code.text and self._sight.news(code.text, now):
            self._found(code.text)
