"""`python -m controller print-test [KIOSK]`: a slip to see that the printer is set up."""

import secrets
import sys
from datetime import UTC, datetime

from controller import printers, slips
from controller.slips import Slip
from models.settings import Printer, Settings
from models.terms import Language
from models.words import say

NUMBER = "T-0000"
_TOKEN = 154
"""Characters of a pass's token: its code has the same size."""


def run(settings: Settings, kiosk: str = "") -> int:
    """Print a test slip at the desk's printer or a kiosk's; the exit code, after a sentence."""
    printer = settings.printer.kiosks.get(kiosk, Printer()) if kiosk else settings.printer
    where = f"at kiosk {kiosk}" if kiosk else "at the desk"
    try:
        picture = slips.draw(slip(settings, datetime.now(UTC)), printer.width, settings.fonts)
        printers.put(printer, picture, "print-test")
    except OSError as problem:
        sys.stderr.write(f"The slip cannot be drawn: {problem}. Run make setup.\n")
        return 1
    except printers.PrinterProblem as problem:
        words = say(Language.EN, f"desk.print_{problem.code}")
        sys.stderr.write(f"The printer {where} ({printer.kind}): {words}.\n")
        return 1
    print(f"A test slip was printed {where} ({printer.kind}, {printer.width} dots).")
    return 0


def slip(settings: Settings, now: datetime) -> Slip:
    """A slip whose codes are as large as a pass's and open nothing."""
    language = settings.board.language
    local = now.astimezone(settings.zone)
    codes = [f"TEST:{secrets.token_hex(_TOKEN)}"[:_TOKEN].upper() for _ in range(2)]
    return Slip(
        office=settings.name,
        language=language,
        number=NUMBER,
        name=say(language, "slip.test_name"),
        organisation="",
        destination=say(language, "slip.test_place"),
        host="",
        day=f"{local:%Y-%m-%d}",
        until=f"{local:%H:%M}",
        original=codes[0],
        duplicate=codes[1],
    )
