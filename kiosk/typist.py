"""Between the keys and the field: the input method at work, what it composes and what it offers."""

import logging
import unicodedata
from collections.abc import Mapping

from kiosk import surnames
from kiosk.handwriting import MODEL, Handwriting, HandwritingError, Zinnia
from kiosk.ime import BACKSPACE, Composition, InputMethod, Latin, Method, Stroke
from kiosk.rime import Chinese, Rime, RimeError
from kiosk.state import KioskState
from kiosk.surnames import Offer
from kiosk.terms import Screen, State, Touched, Typed
from models.display import measure
from models.glass import font_for
from models.settings import Settings
from models.terms import Language

log = logging.getLogger(__name__)

_NAMES = {Screen.NAME, Screen.NAMES}
_CHINESE = _NAMES | {Screen.ORGANISATION}
"""The fields that may be written in Chinese; everything else is digits and letters."""
_FIRST = {Language.ZH_HANT: Method.PINYIN, Language.ZH_HANS: Method.PINYIN}
"""What a language begins with; all others in Latin. Who reads traditional characters in a mainland
office learnt pinyin as everybody there did; zhuyin, as taught in Taiwan, is one tap away."""
_TONES = "ˉˊˇˋ˙"
_MOST_PARTS = 60


def input_methods(settings: Settings) -> dict[Method, InputMethod]:
    """The ways of writing that this machine has, in the order of their keys. What is missing is
    said in the log: without it, visitors write in the ways that are left."""
    found: dict[Method, InputMethod] = {}
    try:
        rime = Rime(settings.kiosk.rime, settings.rime.resolve())
        for method in (Method.PINYIN, Method.ZHUYIN, Method.STROKE):
            found[method] = Chinese(rime, method)
    except RimeError as problem:
        log.warning("no Chinese by keys, visitors can only type Latin letters: %s", problem)
    try:
        found[Method.HANDWRITING] = Handwriting(Zinnia(settings.kiosk.zinnia, MODEL))
    except HandwritingError as problem:
        log.warning("no Chinese by handwriting: %s", problem)
    return found | {Method.LATIN: Latin()}


class Typist:
    """Feeds keys to the input method, shows what it composes in `kiosk`, and tells the flow what
    was typed. All on the UI thread."""

    def __init__(
        self, kiosk: KioskState, methods: Mapping[Method, InputMethod], settings: Settings
    ) -> None:
        self._kiosk = kiosk
        self._methods = methods
        self._fonts = settings.fonts
        self._place: tuple[Screen, Language] | None = None
        self._text = ""
        self._chosen: Method | None = None
        self._offers: tuple[Offer, ...] = ()
        kiosk.methods = list(methods)
        kiosk.key, kiosk.sign, kiosk.choose = self.key, self.sign, self.choose
        kiosk.draw, kiosk.use, kiosk.finish = self.draw, self.use, self.finish

    def follow(self, flow: State) -> None:
        """The flow has moved on. On another screen what was being composed is dropped, in another
        language it becomes text; at the welcome, the visitor's choice of a method is dropped."""
        self._text = flow.text
        if (flow.screen, flow.language) == self._place:
            return
        if self._place is not None and flow.screen == self._place[0]:
            # In the characters that are being looked at: those of the old language.
            self.finish()
        if self._place is None or flow.language != self._place[1]:
            for method in self._methods.values():
                method.write(simplified=flow.language is Language.ZH_HANS)
            self._chosen = None
        if flow.screen is Screen.WELCOME:
            self._chosen = None
        self.drop()
        self._place = flow.screen, flow.language
        self._kiosk.method = self._method

    @property
    def _method(self) -> Method:
        if self._place is None or self._place[0] not in _CHINESE:
            return Method.LATIN
        wanted = self._chosen or _FIRST.get(self._place[1], Method.LATIN)
        return wanted if wanted in self._methods else Method.LATIN

    @property
    def _ime(self) -> InputMethod:
        return self._methods[self._method]

    # --- what a visitor does ---------------------------------------------------------------------

    def key(self, key: str) -> None:
        """A key of the screen, or of a real keyboard: a character, or BACKSPACE."""
        if key == " " and self._offers and not self._lacks_tone():
            self.choose(0)
            return
        composition = self._ime.feed(key)
        if composition.taken:
            self._take(composition)
        elif key == BACKSPACE:
            self._kiosk.tell(Typed(self._text[:-1]))
        else:
            self.sign(key)

    def _lacks_tone(self) -> bool:
        # The space bar is the first tone of a syllable that has none yet.
        return self._method is Method.ZHUYIN and self._kiosk.preedit[-1:] not in _TONES

    def sign(self, character: str) -> None:
        """A character that no input method is to see, such as a digit: zhuyin are written with
        digits."""
        self.finish()
        self._type(character)

    def choose(self, index: int) -> None:
        """An offer was taken. One that is not there changes nothing."""
        if not 0 <= index < len(self._offers):
            return
        offer = self._offers[index]
        if offer.pick is None:
            self.drop()
            self._type(offer.text)
        else:
            self._take(self._ime.choose(offer.pick))

    def finish(self) -> None:
        """What is being composed becomes text, each part as its first offer; what has none goes."""
        for _ in range(_MOST_PARTS):
            if not self._offers:
                break
            self.choose(0)
        self.drop()

    def draw(self, stroke: Stroke) -> None:
        """A stroke was drawn on the writing area."""
        self._take(self._ime.draw(stroke))

    def use(self, method: Method) -> None:
        """Write in another way. What was being composed in the old one is dropped."""
        self.drop()
        self._chosen = method
        self._kiosk.method = self._method
        self._kiosk.tell(Touched())

    # --- what comes of it ------------------------------------------------------------------------

    def drop(self) -> None:
        """Forget what is being composed."""
        for method in self._methods.values():
            method.reset()
        self._show(Composition())

    def _take(self, composition: Composition) -> None:
        self._show(composition)
        if composition.commit:
            self._type(composition.commit)
        else:
            self._kiosk.tell(Touched())

    def _show(self, composition: Composition) -> None:
        self._offers = self._offered(composition)
        self._kiosk.preedit = composition.preedit
        self._kiosk.ink = list(composition.ink)
        self._kiosk.composing = bool(composition.preedit or composition.ink)
        self._kiosk.candidates = [offer.text for offer in self._offers]

    def _offered(self, composition: Composition) -> tuple[Offer, ...]:
        begins = not (composition.picked or any(map(_is_chinese, self._text)))
        if begins and self._place and self._place[0] in _NAMES:
            offers = surnames.surnames_first(composition.candidates, composition.preedit)
        else:
            offers = surnames.as_they_are(composition.candidates)
        lacking = set(self._undrawable("".join(composition.candidates)))
        return tuple(offer for offer in offers if lacking.isdisjoint(offer.text))

    def _type(self, text: str) -> None:
        lacking = set(self._undrawable(text))
        kept = "".join(character for character in text if character not in lacking)
        self._kiosk.tell(Typed(self._text + kept, lost=bool(lacking)))

    def _undrawable(self, text: str) -> str:
        face = font_for(self._place[1]) if self._place else "TC"
        # What has no form is no concern of the font's, and is cleaned away by the flow.
        shown = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"})
        return measure.missing(self._fonts / f"{face}-Regular.otf", shown)


def _is_chinese(character: str) -> bool:
    return character >= "\u3400"
