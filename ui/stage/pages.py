"""The stage and the page for phones, as requests ask for them.

Ballots are open to every visitor (see `ui.parts.rights`); what they are on comes from the server's
own memory, and a browser only says which card it means.
"""

from collections.abc import Mapping
from functools import partial

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from ui.asking.readers import reader_version
from ui.asking.replay import find_asked
from ui.asking.voters import checked_voter, judged_answers, judged_consensus, known_voter, tallies
from ui.parts.plain import GUEST, Answer, Sent, document, page
from ui.stage.address import is_open_here_alone, public_address
from ui.stage.views import Tally, code_panel, no_code, phone_page, stage_page, stage_tally
from ui.text.problems import worded
from ui.text.words import say

COOKIE = "calm-voter"
A_YEAR = 365 * 24 * 60 * 60
OF_ALL = "all"
"""Stands where a language does: the ballot is on the vote of all of them."""


def stage_pages(store: AskedStore, box: BallotBox) -> Mapping[str, Answer]:
    """Return what answers `?asked=ID&stage=1` and `?asked=ID&vote=1`, by their parameters."""
    return {"stage": partial(show_stage, store, box), "vote": partial(show_phone, store, box)}


def show_stage(store: AskedStore, box: BallotBox, request: Request, sent: Sent) -> Response:
    """Return the stage of a question, or with `tally` the part of it that changes."""
    asked = _asked(store, request)
    tally = tally_of(box, asked, "")
    if request.query_params.get("tally"):
        return page(stage_tally(asked, tally))
    links = {"tally": _link(request, stage=1, tally=1), "back": _link(request)}
    shown = stage_page(asked, tally, code_for(request), links)
    return page(document(_title(asked), shown, ["stage/stage.css"], "stage/stage.js"))


def code_for(request: Request) -> Markup:
    """Return the code that leads phones to a question, or why there is none."""
    try:
        address = public_address(request)
    except CalmError as problem:
        return no_code(worded(problem))
    if address is None:
        return no_code(say("stage.only-here" if is_open_here_alone() else "stage.unknown"))
    link = f"{address}{_link(request, vote=1)}"
    rows = [list(row) for row in segno.make_qr(link, error="m").matrix]
    return code_panel(link, rows)


def show_phone(store: AskedStore, box: BallotBox, request: Request, sent: Sent) -> Response:
    """Return a question's page for phones; keep the ballot that a button of it sends."""
    asked, here = _asked(store, request), _link(request, vote=1)
    if request.method == "POST":
        voter, code = checked_voter(request.cookies.get(COOKIE)), sent.get("language", "")
        keep_ballot(box, asked, voter, code, sent.get("opinion", ""))
        return RedirectResponse(f"{here}#card-{code}", 303)
    voter = known_voter(request.cookies.get(COOKIE, ""))
    links = {"here": here} if request.scope.get(GUEST) else {"here": here, "back": _link(request)}
    shown = phone_page(asked, tally_of(box, asked, voter), links)
    response = page(document(_title(asked), shown, ["stage/phone.css"]))
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, voter, A_YEAR, httponly=True, samesite="lax", secure=secure)
    return response


def keep_ballot(box: BallotBox, asked: Asked, voter: str, code: str, opinion: str) -> None:
    """Keep what a voter thinks of one language's answer, or of the vote.

    Raises CalmError where there is no such answer, or no such opinion.
    """
    judged = judged_consensus(asked) if code == OF_ALL else judged_answers(asked).get(code)
    if judged is None:
        raise CalmError("answer.none-single")
    box.cast(judged, voter, opinion)


def tally_of(box: BallotBox, asked: Asked, voter: str) -> Tally:
    """Return all ballots on a question, with what this voter said among them."""
    consensus = judged_consensus(asked)
    things = [*judged_answers(asked).values(), *([consensus] if consensus else [])]
    return Tally(
        tallies(box, asked, voter),
        box.opinions(consensus) if consensus else {},
        box.own(consensus, voter) if consensus else None,
        box.people(things),
    )


def _asked(store: AskedStore, request: Request) -> Asked:
    return find_asked(store, request.query_params.get("asked", ""))


def _title(asked: Asked) -> str:
    return reader_version(asked.versions).text


def _link(request: Request, **more: int) -> str:
    """Return a question's address, from wherever the app lies: its id is one that was found."""
    names = {"asked": request.query_params.get("asked", ""), **more}
    return "?" + "&".join(f"{name}={value}" for name, value in names.items())
