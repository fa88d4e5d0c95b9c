"""Start the board: `python -m board`. Prints "first frame" once the last good content is shown."""

import logging
import os
import sys

from models import enrolment, glass, settings, words
from models.terms import Role


def main() -> int:
    """The exit status: 2 with one sentence on stderr if the settings cannot be used."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if enrolment.asked(sys.argv):
        return enrolment.main(Role.BOARD, sys.argv[1:])
    try:
        office = settings.load()
        title = words.say(office.board.language, "board.title")
        glass.prepare(office, office.board.window, title)
        # Kivy reads its environment when it is imported: only now.
        from board.app import Board

        board = Board(office)
        board.run()
    except settings.SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    if board.again:
        os.execv(sys.executable, [sys.executable, "-m", "board"])  # noqa: S606 - this very program
    return 0


sys.exit(main())
