"""The questions a visitor is asked, in order, and what counts as an answer. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.terms import Form, Screen
from models.messages import Department, Register
from models.permits import LAST4
from models.terms import Language, Purpose, clean

MOST_PEOPLE = 99
"""A larger party is a matter for the desk."""

_ASKED: dict[Purpose, tuple[Screen, ...]] = {
    Purpose.BUSINESS: (Screen.NAME, Screen.ORGANISATION, Screen.DEPARTMENT, Screen.PARTY),
    Purpose.INTERVIEW: (Screen.NAME, Screen.DEPARTMENT),
    Purpose.SERVICE: (Screen.NAME, Screen.ORGANISATION, Screen.DEPARTMENT),
    Purpose.WORKS: (Screen.NAME, Screen.ORGANISATION, Screen.PARTY),
    Purpose.PROCEDURE: (Screen.NAME,),
    Purpose.COLLEAGUE: (Screen.NAME, Screen.DEPARTMENT),
}
_SCRIPTS = {
    *("LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"),
    *("GREEK", "CYRILLIC", "COMBINING", "FULLWIDTH", "HALFWIDTH", "MODIFIER", "IDEOGRAPHIC"),
}
"""First words of the Unicode names of letters that the screens' fonts can draw."""


def questions(form: Form, departments: tuple[Department, ...]) -> tuple[Screen, ...]:
    """The screens between welcome and waiting for this visitor."""
    if form.purpose is None:
        return (Screen.PURPOSE,)
    asked: list[Screen] = [Screen.PURPOSE]
    for screen in _ASKED[form.purpose]:
        asked.append(screen)
        if screen is Screen.PARTY and form.party > 1:
            asked.append(Screen.NAMES)
        if screen is Screen.DEPARTMENT and hosts_of(form.department, departments):
            asked.append(Screen.HOST)
    return (*asked, Screen.CHECK)


def hosts_of(name: str, departments: tuple[Department, ...]) -> bool:
    """Has this department people who can be chosen?"""
    return any(department.hosts for department in departments if department.name == name)


def answered(screen: Screen, form: Form) -> str:
    """What the field of a screen starts with."""
    match screen:
        case Screen.NAME:
            return form.name
        case Screen.ORGANISATION:
            return form.organisation
        case Screen.PHONE:
            return form.phone
        case Screen.NAMES:
            return form.others[form.naming] if form.naming < len(form.others) else ""
    return ""


def with_other(form: Form, name: str) -> Form:
    """The form with the name of the person who was asked for."""
    if form.naming >= form.party - 1:
        return form
    others = [*form.others, *[""] * form.party][: form.party - 1]
    others[form.naming] = name
    return replace(form, others=tuple(others))


def _line(text: str) -> str:
    cleaned = clean(text)
    # The space that somebody is about to continue after stays.
    return cleaned + " " if cleaned and text[-1].isspace() else cleaned


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())


def _phone(text: str) -> str:
    return ("+" if text.strip().startswith("+") else "") + _digits(text)


def _id_digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c in "0123456789X")


def _id_problem(text: str) -> str:
    return "" if re.fullmatch(LAST4, text) else "id_last4"


def _empty(key: str) -> Callable[[str], str]:
    return lambda text: "" if text else key


def _name_problem(text: str) -> str:
    if not text:
        return "name_empty"
    if not any(character.isalpha() for character in text):
        return "name_letters"
    return _script_problem(text)


def _script_problem(text: str) -> str:
    letters = (c for c in text if unicodedata.category(c)[0] in "LM")
    drawable = all(unicodedata.name(c, "?").split()[0] in _SCRIPTS for c in letters)
    return "" if drawable else "script"


def _phone_problem(text: str) -> str:
    return "" if not text or 4 <= len(text.removeprefix("+")) <= 15 else "phone_digits"


@dataclass(frozen=True)
class _Field:
    """`typed` keeps what may stand in the field, `problem` judges it once it is finished."""

    longest: int
    typed: Callable[[str], str]
    problem: Callable[[str], str]


_FIELDS = {
    Screen.NAME: _Field(60, _line, _name_problem),
    Screen.NAMES: _Field(60, _line, lambda text: _name_problem(text) if text else ""),
    Screen.ORGANISATION: _Field(60, _line, _script_problem),
    Screen.PHONE: _Field(16, _phone, _phone_problem),
    Screen.CODE: _Field(4, _digits, lambda text: "" if len(text) == 4 else "code_digits"),
    Screen.PERMIT: _Field(4, _digits, lambda text: "" if len(text) == 4 else "code_digits"),
    Screen.WORKER: _Field(4, _id_digits, _id_problem),
    Screen.PIN: _Field(12, _digits, _empty("pin_wrong")),
    Screen.LEAVE: _Field(40, lambda text: _line(text).upper(), _empty("leave_empty")),
}
TEXT_SCREENS = frozenset(_FIELDS)
_SHORT = {Screen.CODE, Screen.PERMIT, Screen.WORKER}


def typed(screen: Screen, text: str) -> tuple[str, str]:
    """What the field then holds, and the words' key of what is wrong with it so far."""
    field = _FIELDS[screen]
    kept = field.typed(text)
    if len(kept) <= field.longest:
        return kept, ""
    return kept[: field.longest], "" if screen in _SHORT else "too_long"


def problem(screen: Screen, text: str) -> str:
    """The words' key of why a finished text is no answer, or an empty string."""
    return _FIELDS[screen].problem(clean(text))


def registration(form: Form, departments: tuple[Department, ...], language: Language) -> Register:
    """The request that a filled form makes; answers that its purpose does not ask are left out."""
    asked = questions(form, departments)
    place = Screen.DEPARTMENT in asked
    return Register(
        purpose=form.purpose or Purpose.BUSINESS,
        name=form.name,
        organisation=form.organisation if Screen.ORGANISATION in asked else "",
        phone=form.phone,
        department=form.department if place else "",
        host=form.host.id if place and form.host else None,
        party=form.party if Screen.PARTY in asked else 1,
        others=form.others[: form.party - 1] if Screen.NAMES in asked else (),
        language=language,
    )
