"""The board with a fault in it: `python -m tests.faulty_board`, `FAULT` says where.

What is wrong with a program cannot be arranged from outside, so one of its own functions fails the
first time it is called once the board runs.
"""

import logging
import os
import sys

from models import glass, settings


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    office = settings.load()
    glass.prepare(office, office.board.window, "faulty")
    from board import app

    board = app.Board(office)
    fault = os.environ["FAULT"]
    where = {
        "message": (board, "_receive"),
        "state": (app, "receive"),
        "drawing": (board._screen, "_show_frame"),
        "timer": (board, "_report"),
        "flip": (board, "_send_receipts"),
        "picture": (board._reporter, "answer"),
    }
    owner, name = where[fault]
    whole = getattr(owner, name)

    def failing(*arguments: object) -> object:
        setattr(owner, name, whole)
        raise ValueError(f"injected into {name}")

    def broken() -> None:
        setattr(owner, name, failing)
        print("broken", file=sys.stderr, flush=True)

    board._glass.after_flip(broken)
    board.run()


main()
