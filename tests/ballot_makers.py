"""Ballots written by hand, for the tests of what is made of them."""

from calm.records import Ballot, Kind, Verdict

QUESTION = {"en": "Which animal barks?", "fr": "Quel animal aboie ?"}
CHOICES = {"en": ("dog", "cat", "horse"), "fr": ("chien", "chat", "cheval")}


def ballot(kind: Kind, opinion: Verdict, answer: str, voter: str = "ann", **more: object) -> Ballot:
    """Return a ballot on the English question about dogs; its response states the answer alone."""
    values: dict[str, object] = {
        "question_id": "dogs",
        "question": QUESTION["en"],
        "language": "en",
        "model": "m",
        "prompt": "" if kind == "consensus" else "Which animal barks? Answer:",
        "choice_order": (0, 1, 2),
        "response": "" if kind == "consensus" else f" {answer}\n",
        "cast_at": 0.0,
    }
    return Ballot(kind=kind, opinion=opinion, answer=answer, voter=voter, **(values | more))  # type: ignore[arg-type]


def thumb(opinion: Verdict, answer: str, voter: str = "ann", **more: object) -> Ballot:
    return ballot("thumb", opinion, answer, voter, **more)


def duel(opinion: Verdict, answer: str, other: str, voter: str = "ann", **more: object) -> Ballot:
    values = {"other_model": "n", "other_answer": other, "other_response": f" {other}\n"}
    return ballot("duel", opinion, answer, voter, **(values | more))


def consensus(opinion: Verdict, answer: str, voter: str = "ann", **more: object) -> Ballot:
    return ballot("consensus", opinion, answer, voter, **more)


def in_french(**more: object) -> dict[str, object]:
    return {"question": QUESTION["fr"], "language": "fr", "prompt": "Quel animal ?", **more}
