"""The part of the JSON API that is about who may sign in, and about one's own account."""

from fastapi import APIRouter, Depends, Request, Response

from controller import users
from controller.web import answers, auth
from controller.web.api import Desk, Person, User
from controller.web.bodies import PasswordIn, RowId, UserIn, UserWish
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from models import store

router = APIRouter(
    prefix="/api", tags=["people"], responses=RESPONSES, dependencies=[Depends(auth.signed_in)]
)


@router.get("/users", summary="Who may sign in, and as what")
def people() -> list[answers.DeskUser]:
    return [answers.DeskUser.model_validate(user) for user in store.users()]


@router.post(
    "/users",
    summary="Somebody new; their first password is told once",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def add(core: Desk, user: User, body: UserIn) -> answers.UserMade:
    made, password = users.add(body.user, body.display, body.role, user.display, now())
    core.committed("people")
    return answers.UserMade(name=made.name, password=password)


@router.put(
    "/users/{user_id}",
    summary="Another name on the page, another role, or no signing in for now",
    responses=WRITES | CONFLICT,
)
def change(core: Desk, user: User, user_id: RowId, body: UserWish) -> answers.DeskUser:
    args = (user_id, body.display, body.role, user.display, now())
    changed = users.change(core.settings, *args, disabled=body.disabled)
    core.committed("people")
    return answers.DeskUser.model_validate(changed)


@router.post(
    "/users/{user_id}/password",
    summary="A new first password, told once; they are signed out",
    responses=WRITES | CONFLICT,
)
def reset(core: Desk, user: User, user_id: RowId) -> answers.UserMade:
    found, password = users.reset(user_id, user.display, now())
    core.committed("people")
    return answers.UserMade(name=found.name, password=password)


@router.delete(
    "/users/{user_id}",
    summary="They cannot sign in any more",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def remove(core: Desk, user: User, user_id: RowId) -> None:
    users.remove(user_id, user.display, now())
    core.committed("people")


@router.put(
    "/account/password",
    summary="Choose one's own password; signed out everywhere but here",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def choose(
    core: Desk, user: Person, body: PasswordIn, request: Request, response: Response
) -> None:
    known = auth.check(request, user.name, body.old)
    users.choose(core.settings, known, body.new, now())
    auth.open_session(request, response, core.settings, known)
    core.committed("people")


@router.get("/account/sessions", summary="Where one is signed in, the newest first")
def sessions(user: Person, request: Request) -> list[answers.Session]:
    return [
        answers.Session(since=row.since, expires=row.expires, address=row.address, here=here)
        for row, here in auth.sessions(request, user)
    ]


@router.delete(
    "/account/sessions", summary="Sign out everywhere, here too", status_code=204, responses=WRITES
)
def sign_out_everywhere(user: Person, request: Request, response: Response) -> None:
    store.close_sessions(user.id)
    auth.sign_out(request, response)
