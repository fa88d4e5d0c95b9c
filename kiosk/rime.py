"""Chinese by keys, through librime (Debian's librime1): https://github.com/rime/librime.

Its flat functions are called with ctypes; the structures are those of rime_api.h of version 1.8.5,
which later versions only add to. One engine serves a process, on the thread of the window: a key
takes it some milliseconds. It learns nothing, and writes nothing but its schemas at set-up:
`python -m kiosk.rime LIBRARY FOLDER` deploys those that lie in a folder.
"""

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.ime import BACKSPACE, FACES, Composition, Method, Stroke

SHARED = Path("/usr/share/rime-data")
"""Where Debian keeps the dictionaries, ready for use."""
_BACKSPACE_KEY = 0xFF08
_SELECT_CANDIDATE = 72
"""The place of select_candidate in RimeApi, which alone has no flat function; the first member is
the size."""
_MOST_CANDIDATES = 200
_LONGEST = 120
"""Characters of a preedit beyond which keys do nothing: a stuck key is no sentence."""
_FATAL = 3
_ALPHABETS = {
    Method.PINYIN: frozenset("abcdefghijklmnopqrstuvwxyz'"),
    Method.ZHUYIN: frozenset(FACES[Method.ZHUYIN]),
    Method.STROKE: frozenset(FACES[Method.STROKE]),
}


class RimeError(Exception):
    """Chinese cannot be written; the text is one sentence."""


class _Traits(ctypes.Structure):
    _fields_ = (
        ("data_size", c_int),
        ("shared_data_dir", c_char_p),
        ("user_data_dir", c_char_p),
        ("distribution_name", c_char_p),
        ("distribution_code_name", c_char_p),
        ("distribution_version", c_char_p),
        ("app_name", c_char_p),
        ("modules", c_void_p),
        ("min_log_level", c_int),
        ("log_dir", c_char_p),
        ("prebuilt_data_dir", c_char_p),
        ("staging_dir", c_char_p),
    )


class _Preedit(ctypes.Structure):
    _fields_ = (
        ("length", c_int),
        ("cursor_pos", c_int),
        ("sel_start", c_int),
        ("sel_end", c_int),
        ("preedit", c_char_p),
    )


class _Candidate(ctypes.Structure):
    _fields_ = (("text", c_char_p), ("comment", c_char_p), ("reserved", c_void_p))


class _Menu(ctypes.Structure):
    _fields_ = (
        ("page_size", c_int),
        ("page_no", c_int),
        ("is_last_page", c_int),
        ("highlighted_candidate_index", c_int),
        ("num_candidates", c_int),
        ("candidates", POINTER(_Candidate)),
        ("select_keys", c_char_p),
    )


class _Context(ctypes.Structure):
    _fields_ = (
        ("data_size", c_int),
        ("composition", _Preedit),
        ("menu", _Menu),
        ("commit_text_preview", c_char_p),
        ("select_labels", c_void_p),
    )


class _Commit(ctypes.Structure):
    _fields_ = (("data_size", c_int), ("text", c_char_p))


class _Candidates(ctypes.Structure):
    _fields_ = (("ptr", c_void_p), ("index", c_int), ("candidate", _Candidate))


def _sized(kind: type[Any], **values: Any) -> Any:
    """A structure that says its size, without the size itself."""
    return kind(data_size=ctypes.sizeof(kind) - ctypes.sizeof(c_int), **values)


_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "RimeSetup": (POINTER(_Traits),),
    "RimeInitialize": (POINTER(_Traits),),
    "RimeDeployerInitialize": (POINTER(_Traits),),
    "RimeDeploySchema": (c_char_p,),
    "RimeFinalize": (),
    "RimeCreateSession": (),
    "RimeDestroySession": (c_size_t,),
    "RimeSelectSchema": (c_size_t, c_char_p),
    "RimeSetOption": (c_size_t, c_char_p, c_int),
    "RimeProcessKey": (c_size_t, c_int, c_int),
    "RimeClearComposition": (c_size_t,),
    "RimeGetContext": (c_size_t, POINTER(_Context)),
    "RimeFreeContext": (POINTER(_Context),),
    "RimeGetCommit": (c_size_t, POINTER(_Commit)),
    "RimeFreeCommit": (POINTER(_Commit),),
    "RimeCandidateListFromIndex": (c_size_t, POINTER(_Candidates), c_int),
    "RimeCandidateListNext": (POINTER(_Candidates),),
    "RimeCandidateListEnd": (POINTER(_Candidates),),
    "rime_get_api": (),
}


def _load(library: str) -> Any:
    try:
        rime = ctypes.CDLL(library)
        for name, arguments in _ARGUMENTS.items():
            getattr(rime, name).argtypes = arguments
    except (OSError, AttributeError) as problem:
        raise RimeError(f"librime cannot be loaded: {problem}.") from None
    rime.RimeCreateSession.restype = c_size_t
    rime.rime_get_api.restype = POINTER(c_void_p)
    return rime


def _traits(folder: Path) -> Any:
    return _sized(
        _Traits,
        shared_data_dir=bytes(SHARED),
        user_data_dir=bytes(folder),
        distribution_name=b"Lobby",
        distribution_code_name=b"lobby",
        distribution_version=b"1",
        app_name=b"rime.lobby",
        # It logs to files of its own otherwise, wherever there is room.
        min_log_level=_FATAL,
        log_dir=b"",
    )


def schemas(folder: Path) -> list[Path]:
    """The schemas of a folder, by name."""
    return sorted(folder.glob("*.schema.yaml"))


def deploy(library: str, folder: Path) -> None:
    """Make what lies in a folder as `….schema.yaml` ready for use, below `build`. Takes a second or
    two. For a process of its own: the engine that it starts cannot serve a kiosk. Raises RimeError.
    """
    rime = _load(library)
    traits = _traits(folder)
    rime.RimeSetup(traits)
    rime.RimeDeployerInitialize(traits)
    for file in schemas(folder):
        if not rime.RimeDeploySchema(bytes(file)) or not _built(folder, file).exists():
            raise RimeError(f"The schema {file.name} cannot be deployed: is rime-data installed?")
    rime.RimeFinalize()


def _built(folder: Path, schema: Path) -> Path:
    return folder / "build" / schema.name.replace(".schema.yaml", ".prism.bin")


@cache
class Rime:
    """The engine, on a folder of deployed schemas. Raises RimeError where it cannot be used."""

    def __init__(self, library: str, folder: Path) -> None:
        self.library = _load(library)
        found = schemas(folder)
        if not found or not all(_built(folder, schema).exists() for schema in found):
            raise RimeError(f"The folder {folder} has no deployed schemas: run make setup.")
        self._traits = _traits(folder)
        self.library.RimeSetup(self._traits)
        self.library.RimeInitialize(self._traits)
        place = self.library.rime_get_api()[_SELECT_CANDIDATE]
        self.select = ctypes.CFUNCTYPE(c_int, c_size_t, c_size_t)(place)


class Chinese:
    """An input method of librime's: a session of its own with one schema."""

    def __init__(self, rime: Rime, method: Method) -> None:
        self._library, self._select = rime.library, rime.select
        self._session = self._library.RimeCreateSession()
        if not self._library.RimeSelectSchema(self._session, f"lobby_{method}".encode()):
            raise RimeError(f"librime does not know the schema lobby_{method}.")
        self._alphabet = _ALPHABETS[method]
        self._faces = str.maketrans(FACES.get(method, {}))
        self._preedit = ""

    def feed(self, key: str) -> Composition:
        if key == BACKSPACE:
            if not self._preedit:
                return Composition(taken=False)
            self._library.RimeProcessKey(self._session, _BACKSPACE_KEY, 0)
            return self._composition()
        if key not in self._alphabet and not (key == " " and self._preedit):
            return Composition(taken=False)
        if len(self._preedit) <= _LONGEST:
            self._library.RimeProcessKey(self._session, ord(key), 0)
        return self._composition()

    def draw(self, stroke: Stroke) -> Composition:  # noqa: ARG002 - nothing is drawn
        return self._composition()

    def choose(self, index: int) -> Composition:
        if index >= 0:
            self._select(self._session, index)
        return self._composition()

    def reset(self) -> None:
        self._library.RimeClearComposition(self._session)
        self._committed()
        self._preedit = ""

    def write(self, *, simplified: bool) -> None:
        self._library.RimeSetOption(self._session, b"simplification", int(simplified))

    def _composition(self) -> Composition:
        commit = self._committed()
        self._preedit, picked = self._composing()
        candidates = self._candidates() if self._preedit else ()
        return Composition(commit, self._preedit, candidates, picked=picked)

    def _composing(self) -> tuple[str, bool]:
        context = _sized(_Context)
        self._library.RimeGetContext(self._session, context)
        preedit = (context.composition.preedit or b"").decode().translate(self._faces)
        picked = context.composition.sel_start > 0
        self._library.RimeFreeContext(context)
        return preedit, picked

    def _committed(self) -> str:
        commit = _sized(_Commit)
        if not self._library.RimeGetCommit(self._session, commit):
            return ""
        text: str = commit.text.decode()
        self._library.RimeFreeCommit(commit)
        return text

    def _candidates(self) -> tuple[str, ...]:
        found: list[str] = []
        listed = _Candidates()
        if self._library.RimeCandidateListFromIndex(self._session, listed, 0):
            while len(found) < _MOST_CANDIDATES and self._library.RimeCandidateListNext(listed):
                found.append(listed.candidate.text.decode())
            self._library.RimeCandidateListEnd(listed)
        return tuple(found)


if __name__ == "__main__":
    try:
        deploy(sys.argv[1], Path(sys.argv[2]))
    except RimeError as error:
        sys.exit(str(error))
