"""The stage and the page for phones: where phones find it, what is shown, who votes for what."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.records import Ballot
from tests.free_makers import freely_asked
from tests.recorded import asked_question
from tests.ui import honey
from tests.ui.english_left import texts_left
from ui.app import middleware
from ui.stage import address
from ui.stage.address import checked_address, only_here, public_address
from ui.stage.views import LONG_QUESTION, QUIET_ZONE, Tally, code_panel, phone_page, stage_tally
from ui.text.words import INTERFACE_LANGUAGES, spoken_in

VARIABLES = ("CALM_PUBLIC_URL", "SPACE_HOST", "GRADIO_ROOT_PATH", "GRADIO_SERVER_NAME")


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable is set, and the machine is no container."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(address, "CONTAINERS", ())


def asking(host: str, scheme: str = "http") -> Request:
    headers = [(b"host", host.encode("latin-1"))]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    return Request({**scope, "scheme": scheme, "server": ("127.0.0.1", 7860)})


# Where phones find it


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("192.168.1.20:7860", "http://192.168.1.20:7860/"),
        ("studio.example.org", "http://studio.example.org/"),
        ("[fd00::2]:7860", "http://[fd00::2]:7860/"),
        ("localhost:7860", None),
        ("app.localhost", None),
        ("127.0.0.1:7860", None),
        ("127.8.8.8", None),
        ("[::1]:7860", None),
        ("0.0.0.0:7860", None),
        ("", None),
        ("a b", None),
        ('x"><script>', None),
        ("example.org/elsewhere?", None),
        ("user@example.org", None),
        ("example.org:port", None),
        ("a" * 300, None),
    ],
)
def test_the_address_is_the_requests_own_where_others_can_use_it(
    host: str, found: str | None
) -> None:
    assert public_address(asking(host)) == found


def test_a_secure_address_stays_secure() -> None:
    assert public_address(asking("studio.example.org", "https")) == "https://studio.example.org/"


class Way:
    """A socket that says where this machine is, without a network."""

    machine: str | None = "10.0.0.7"

    def __init__(self, *kind: object) -> None: ...
    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *problem: object) -> None: ...
    def connect(self, where: tuple[str, int]) -> None:
        if self.machine is None:
            raise OSError("no network")

    def getsockname(self) -> tuple[str, int]:
        return str(self.machine), 1


@pytest.mark.parametrize(
    ("listens", "machine", "found"),
    [
        ("127.0.0.1", "10.0.0.7", None),
        ("localhost", "10.0.0.7", None),
        ("0.0.0.0", "10.0.0.7", "http://10.0.0.7:7860/"),
        ("::", "10.0.0.7", "http://10.0.0.7:7860/"),
        ("0.0.0.0", None, None),
        ("0.0.0.0", "127.0.0.1", None),
        ("10.0.0.9", None, "http://10.0.0.9:7860/"),
        ("fd00::9", None, "http://[fd00::9]:7860/"),
    ],
)
def test_who_opens_the_stage_on_the_machine_itself_gets_its_address_in_the_network(
    monkeypatch: pytest.MonkeyPatch, listens: str, machine: str | None, found: str | None
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", listens)
    monkeypatch.setattr(socket, "socket", type("Here", (Way,), {"machine": machine}))
    assert public_address(asking("127.0.0.1:7860")) == found


def test_in_a_container_its_own_address_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setattr(socket, "socket", Way)
    monkeypatch.setattr(address, "CONTAINERS", (tmp_path,))
    assert public_address(asking("127.0.0.1:7860")) is None


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("CALM_PUBLIC_URL", "https://example.org/studio", "https://example.org/studio/"),
        ("CALM_PUBLIC_URL", "http://10.0.0.7:7860/", "http://10.0.0.7:7860/"),
        ("SPACE_HOST", "ann-studio.hf.space", "https://ann-studio.hf.space/"),
        ("GRADIO_ROOT_PATH", "https://example.org/studio", "https://example.org/studio/"),
        ("GRADIO_ROOT_PATH", "/studio", "http://lan:7860/studio/"),
    ],
)
def test_an_address_that_is_told_goes_first(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, found: str
) -> None:
    monkeypatch.setenv(name, value)
    assert public_address(asking("lan:7860")) == found


@pytest.mark.parametrize(
    "told",
    [
        "example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "http://",
        "http://[",
        "https://a:b@c",
    ],
)
def test_what_is_told_and_is_no_address_is_refused(told: str) -> None:
    with pytest.raises(CalmError, match="CALM_PUBLIC_URL"):
        checked_address(told)


@pytest.mark.parametrize(("name", "here"), [("LOCALHOST", True), ("::1", True), ("lan", False)])
def test_names_of_the_machine_itself(name: str, here: bool) -> None:
    assert only_here(name) is here


# What is shown


def test_the_code_holds_the_address_and_is_dark_on_white() -> None:
    rows = [list(row) for row in segno.make_qr("http://lan/?asked=0&vote=1", error="m").matrix]
    shown = code_panel("http://lan/?asked=0&vote=1", rows)
    size = len(rows) + 2 * QUIET_ZONE
    assert f'viewBox="0 0 {size} {size}"' in shown
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", shown)}
    assert drawn == {
        (x + QUIET_ZONE, y + QUIET_ZONE)
        for y, row in enumerate(rows)
        for x, square in enumerate(row)
        if square
    }
    assert "http://lan/?asked=0&amp;vote=1" in shown


def test_a_long_question_is_set_smaller() -> None:
    assert "<h1" in stage_tally(asked_question(), Tally({}, {}))
    long = stage_tally(asked_question("Why? " * LONG_QUESTION), Tally({}, {}))
    assert '<h1 class="long"' in long


def test_the_readers_own_language_comes_first_on_a_phone() -> None:
    def order(code: str) -> list[str]:
        with spoken_in(code):
            shown = phone_page(asked_question(), Tally({}, {}), {"here": "?", "back": "?"})
        return re.findall(r'id="card-(\w+)"', shown)

    assert order("en") == ["all", "en", "fr"]
    assert order("fr") == ["all", "fr", "en"]


# Who votes for what


@pytest.fixture
def link(calm_home: Path) -> str:
    """A question that two of three languages agree on; the third gives no single answer."""
    seen = honey.asked({"en": [0, 0], "fr": [0, 0], "ar": [0, 1]})
    return f"/?asked={AskedStore().keep(seen)}"


@pytest.fixture
def app(calm_home: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(middleware=middleware()), base_url="http://lan:7860") as client:
        yield client


def another() -> TestClient:
    return TestClient(Starlette(middleware=middleware()), base_url="http://lan:7860")


def vote(client: TestClient, link: str, language: str, opinion: str) -> int:
    sent = {"language": language, "opinion": opinion}
    return client.post(f"{link}&vote=1", data=sent).status_code


def ballots() -> list[tuple[str, str, str]]:
    return [(row.kind, row.language, row.opinion) for row in all_ballots()]


def all_ballots() -> list[Ballot]:
    return BallotBox().all()


def test_a_phone_votes_on_an_answer_and_on_the_vote_and_the_stage_counts_it(
    app: TestClient, link: str
) -> None:
    before = app.get(f"{link}&stage=1&tally=1").text
    app.get(f"{link}&vote=1")
    answer = app.post(f"{link}&vote=1", data={"language": "en", "opinion": "up"})
    assert answer.url.fragment == "card-en"
    assert 'value="up" aria-pressed="true"' in answer.text
    assert vote(app, link, "all", "right") == 200
    assert ballots() == [("thumb", "en", "up"), ("consensus", "en", "right")]
    after = app.get(f"{link}&stage=1&tally=1").text
    assert "0 people have voted" in before
    assert "1 person has voted" in after
    assert after in app.get(f"{link}&stage=1").text


def test_a_phone_has_one_ballot_on_each_answer_and_may_change_it(
    app: TestClient, link: str
) -> None:
    app.get(f"{link}&vote=1")
    for opinion in ("up", "up", "down"):
        assert vote(app, link, "en", opinion) == 200
    assert ballots() == [("thumb", "en", "down")]
    other = another()
    other.get(f"{link}&vote=1")
    assert vote(other, link, "en", "down") == 200
    assert len(ballots()) == 2
    assert "2 people have voted" in app.get(f"{link}&stage=1&tally=1").text


def test_a_phone_that_keeps_no_cookie_has_no_vote(app: TestClient, link: str) -> None:
    assert vote(app, link, "en", "up") == 404
    app.cookies.set("calm-voter", "somebody")
    assert vote(app, link, "en", "up") == 404
    assert ballots() == []


@pytest.mark.parametrize(
    ("language", "opinion"), [("ar", "up"), ("xx", "up"), ("", ""), ("en", "right"), ("all", "up")]
)
def test_what_nobody_could_press_is_refused(
    app: TestClient, link: str, language: str, opinion: str
) -> None:
    """Arabic gave no single answer, so there is nothing to judge."""
    app.get(f"{link}&vote=1")
    assert vote(app, link, language, opinion) == 404
    assert ballots() == []


def test_an_audience_votes_where_the_app_is_for_looking_only(
    app: TestClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    app.get(f"{link}&vote=1")
    assert vote(app, link, "en", "up") == 200


def test_a_question_without_choices_goes_on_stage_too(app: TestClient) -> None:
    link = f"/?asked={AskedStore().keep(freely_asked())}"
    for how in ("stage", "vote"):
        assert app.get(f"{link}&{how}=1").status_code == 200


@pytest.mark.parametrize("how", ["stage", "vote"])
@pytest.mark.parametrize("identity", ["0" * 16, "../../x", "<script>"])
def test_a_question_that_is_not_kept_is_said_to_be_gone(
    app: TestClient, how: str, identity: str
) -> None:
    answer = app.get("/", params={"asked": identity, how: "1"})
    assert answer.status_code == 404
    assert "The answers of this link are not kept here" in answer.text


def test_the_stage_has_a_code_where_phones_can_follow_it(app: TestClient, link: str) -> None:
    shown = app.get(f"{link}&stage=1").text
    assert f"http://lan:7860{link}&vote=1".replace("&", "&amp;") in shown


@pytest.mark.parametrize(
    ("listens", "said"),
    [("127.0.0.1", "GRADIO_SERVER_NAME=0.0.0.0 make run"), ("0.0.0.0", "CALM_PUBLIC_URL")],
)
def test_where_phones_cannot_come_the_stage_says_what_to_do(
    app: TestClient, link: str, monkeypatch: pytest.MonkeyPatch, listens: str, said: str
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_NAME", listens)
    monkeypatch.setattr(socket, "socket", type("Nowhere", (Way,), {"machine": None}))
    shown = app.get(f"{link}&stage=1", headers={"host": "localhost:7860"}).text
    assert f'<code dir="ltr">{said}</code>' in shown
    assert 'viewBox="0 0 ' not in shown.partition('class="code"')[2]


def test_a_wrong_public_address_is_said_on_the_stage(
    app: TestClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_PUBLIC_URL", "<here>")
    shown = app.get(f"{link}&stage=1").text
    assert "&#x27;&lt;here&gt;&#x27;, which is no address" in shown


def test_the_host_that_a_request_claims_is_not_repeated(app: TestClient, link: str) -> None:
    shown = app.get(f"{link}&stage=1", headers={"host": 'x"><script>alert(1)</script>'}).text
    assert "alert(1)" not in shown


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES[1:])
@pytest.mark.parametrize("how", ["stage", "vote"])
def test_nothing_on_stage_or_phone_is_left_in_english(
    app: TestClient, link: str, how: str, code: str
) -> None:
    for host in ("lan", "localhost"):
        headers = {"accept-language": code, "host": host}
        assert texts_left(app.get(f"{link}&{how}=1", headers=headers).text, code) == []
