"""A visitor with thirty seconds, at the kiosk's touchscreen."""

from tests.e2e.windows import Window


class Visitor:
    """Fills in what is asked, screen after screen, by touch only."""

    def __init__(
        self, kiosk: Window, name: str, purpose: str = "service", pinyin: str = ""
    ) -> None:
        self.kiosk = kiosk
        self.name = name
        self.purpose = purpose
        self.pinyin = pinyin

    def register(self) -> None:
        self.fill_in()
        self.submit()

    def fill_in(self) -> None:
        """From the welcome to the check."""
        self.kiosk.tap("welcome_register")
        self.kiosk.tap(f"purpose_{self.purpose}")
        self.kiosk.wait_for("name_input")
        self.write_name()
        self.kiosk.tap("next")
        while (asked := self._next_question()) != "submit":
            self.kiosk.tap(asked)
            self.kiosk.wait_until_gone(asked if asked != "next" else "organisation_input")

    def write_name(self) -> None:
        """In Latin letters, or in Chinese by its sound, choosing among what the sound may mean."""
        if not self.pinyin:
            self.kiosk.tap("method_latin")
            self.kiosk.type(self.name)
            return

        def meant(widgets: dict) -> str | None:
            offered = (name for name in widgets if name.startswith("candidate_"))
            return next((name for name in offered if widgets[name]["text"] == self.name), None)

        self.kiosk.type(self.pinyin)
        self.kiosk.tap(self.kiosk.wait(meant, f"{self.name} among the candidates"))

    def submit(self) -> None:
        self.kiosk.tap("submit")
        self.kiosk.wait_until_gone("submit")

    def use_code(self, code: str) -> None:
        """Announce an appointment by its four digits."""
        self.kiosk.tap("welcome_appointment")
        for digit in code:
            self.kiosk.tap(f"digit_{digit}")
        self.kiosk.tap("next")
        self.kiosk.tap("confirm_yes")

    def leave(self, number: str) -> None:
        """Hand the pass back by its number."""
        self.kiosk.tap("welcome_leave")
        self.kiosk.wait_for("leave_input")
        self.kiosk.type(number)
        self.kiosk.tap("next")

    def finish(self) -> None:
        """Away from the pass or the answer, so that the next visitor finds the welcome."""
        self.kiosk.tap("done")
        self.kiosk.wait_for("welcome_register")

    def _next_question(self) -> str:
        """What to touch on this screen: the first department and host, and no further details."""

        def wanted(widgets: dict) -> str | None:
            if "name_input" in widgets:
                return None  # still leaving the question before
            if any(name.startswith("department_") for name in widgets):
                return next(n for n in sorted(widgets) if widgets[n]["text"] == "工程部")
            hosts = sorted(name for name in widgets if name.startswith("host_"))
            return next((n for n in [*hosts, "submit", "next"] if n in widgets), None)

        return self.kiosk.wait(wanted, "the next question")
