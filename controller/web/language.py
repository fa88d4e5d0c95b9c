"""Which language a request is answered in: the cookie the page's switch sets, else the site's."""

from starlette.requests import HTTPConnection

from models.settings import Settings
from models.terms import Language

COOKIE = "lobby_language"


def language_of(request: HTTPConnection, settings: Settings) -> Language:
    """The request's language. The board is the site's own voice, so its language is the default."""
    try:
        return Language(request.cookies.get(COOKIE, ""))
    except ValueError:
        return settings.board.language
