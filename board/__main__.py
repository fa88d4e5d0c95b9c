"""Start the board: `python -m board`. Prints "first frame" once the last good content is shown."""

import logging
import sys

from models import glass, settings, words


def main() -> int:
    """The exit status: 2 with one sentence on stderr if the settings cannot be used."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        office = settings.load()
        title = words.say(office.board.language, "board.title")
        glass.prepare(office, office.board.window, title)
        # Kivy reads its environment when it is imported: only now.
        from board.app import Board

        Board(office).run()
    except settings.SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


sys.exit(main())
