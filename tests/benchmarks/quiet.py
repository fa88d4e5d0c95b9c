"""Was the machine otherwise idle? Figures from a busy one say little about the lobby."""

import time

import psutil


class Others:
    """What programs that are not ours use of the processors, from now on."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._busy, self._ours = _busy_seconds(), _our_seconds()

    def percent(self) -> float:
        """Of all cores, up to now."""
        theirs = _busy_seconds() - self._busy - (_our_seconds() - self._ours)
        cores = psutil.cpu_count() or 1
        return max(0, 100 * theirs / (cores * (time.monotonic() - self._start)))


def _busy_seconds() -> float:
    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - spent.iowait - spent.guest - spent.guest_nice)


def _our_seconds() -> float:
    """Of this process and all below it, those included that have ended."""
    seconds = 0.0
    for process in (ours := psutil.Process()), *ours.children(recursive=True):
        try:
            seconds += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return seconds
