"""The stage `pairs`: preference pairs of the votes and of what people chose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from calm.ballots.box import BallotBox
from calm.ballots.preferences import ballots_on, disagreements, drop_overruled_votes, pairs_of
from calm.config import PairsSource
from calm.errors import CalmError
from calm.languages.table import language
from calm.messages import message
from calm.pairs.build import PromptText, pairs
from calm.paths import calm_home
from calm.pipeline.context import Context, Stopped
from calm.pipeline.run_questions import Groups, golds_of, groups_of, split_of
from calm.questions.prompts import chat_message, prompt_for, resolve_format
from calm.questions.recorded_prompts import recorded_prompt
from calm.questions.translate import (
    TranslationCache,
    TranslationFailed,
    translate_text,
)
from calm.records import (
    Ballot,
    PreferencePair,
    TrlSettings,
    Vote,
)


def make_pairs(context: Context) -> None:
    run = context.run
    config = run.config.pairs
    explanations = Explanations(context)
    asked = _asked_plainly() if run.config.imported else _asked_by_model(context)
    groups = split_of(groups_of(run), "train")
    ballots, by_people = _ballots(context, groups, asked)
    votes = _votes(run.rows("votes"), config.source, groups)
    overruled = disagreements(ballots, votes, groups)
    kept, versions = drop_overruled_votes(votes, groups, overruled)
    made = pairs(
        kept,
        run.rows("answers"),
        versions,
        config,
        asked.prompt_text,
        asked.explains,
        asked.letters,
        explanations.translated,
    )
    run.write("trl_settings", asked.trl_settings)
    if config.source == "gold":
        made = (replace(pair, source="gold") for pair in made)
    run.write("pairs", [*made, *by_people])
    said = message("status.pairs", count=len(run.rows("pairs")))
    if config.source == "gold":
        said = message("status.pairs-of-gold", pairs=said)
    if config.source in ("ballots", "both"):
        said = message("status.pairs-by-people", pairs=said, count=len(by_people))
    if overruled:
        said = message("status.overruled", pairs=said, count=len(overruled))
    if explanations.lacking:
        said = message("status.no-explanation", pairs=said, count=explanations.lacking)
    run.set_status("pairs", "running", message=said)
    context.report(f"pairs: {said}")


def _votes(votes: list[Vote], source: PairsSource, groups: Groups) -> list[Vote]:
    """Return what tells the sides apart: the votes, none of them, or in their place what is right.

    Raises CalmError where right answers are wanted and no training question has one.
    """
    if source == "ballots":
        return []
    if source != "gold":
        return votes
    found = list(_right(votes, golds_of(groups)))
    if not found:
        raise CalmError("pairs.no-gold")
    return found


def _right(votes: Iterable[Vote], golds: Mapping[str, int | None]) -> Iterator[Vote]:
    """Yield the votes with the right answer as their winner, whatever was voted for."""
    for vote in votes:
        gold = golds.get(vote.question_id)
        if gold is not None:
            yield replace(vote, winner=gold, share=1.0)


def _ballots(
    context: Context, groups: Groups, asked: "_AskedAs"
) -> tuple[list[Ballot], list[PreferencePair]]:
    """Return the ballots on the training questions, and their pairs; none where votes alone count.

    The run keeps the ballots it took, their voters hashed. Raises CalmError where nothing but
    ballots is to be trained on and none makes a pair.
    """
    run = context.run
    config = run.config.pairs
    run.path("ballots").unlink(missing_ok=True)
    if config.source in ("votes", "gold"):
        return [], []
    ballots = ballots_on(BallotBox().anonymous(), groups)
    run.write("ballots", ballots)
    made = pairs_of(ballots, groups, config, asked.prompt_text, asked.explains, asked.letters)
    if not made and config.source == "ballots":
        raise CalmError("ballots.no-pair", count=len(ballots), folder=run.folder)
    return ballots, made


@dataclass(frozen=True)
class _AskedAs:
    """How the questions of a run are asked in its pairs."""

    prompt_text: PromptText
    explains: bool
    letters: str | None
    trl_settings: list[TrlSettings]
    """Empty where it is not known in which template the model is asked."""


def _asked_plainly() -> _AskedAs:
    """Imported responses explain; who gave them saw Latin letters, in whatever template."""
    letters = language("en").letters
    return _AskedAs(
        lambda question, order: chat_message(question, order, letters), True, letters, []
    )


def _asked_by_model(context: Context) -> _AskedAs:
    """Return how the model is asked, as the run wrote it down; else it is loaded to know."""
    kept = context.run.model_record()
    if kept and kept.prompts:
        record = kept.prompts
        return _AskedAs(
            lambda question, order: recorded_prompt(record, question, order),
            record.format == "chat",
            None,
            list(record.trl_settings),
        )
    wanted = context.run.config.sampling.prompt_format
    model = context.model()
    chat = resolve_format(wanted, model.is_chat) == "chat"
    return _AskedAs(
        lambda question, order: prompt_for(model, question, order, wanted).text,
        chat,
        None,
        [TrlSettings(form, told) for form, told in model.trl_settings(chat).items()],
    )


class Explanations:
    """Puts explanations into another language through a service, as far as it is reachable."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cache = TranslationCache(calm_home() / "translations.sqlite")
        self.lacking = 0
        """How many could not be translated."""

    def translated(self, text: str, from_code: str, to_code: str) -> str | None:
        """Return the text in the other language, or `None`. Raises Stopped when asked to stop.

        A service that failed is not asked again for some minutes, so without a network only the
        first call waits. Where the run does not translate online, none is asked.
        """
        from calm.questions.translators import GOOGLE

        if self._context.should_stop():
            raise Stopped
        if not self._context.run.config.translate_online:
            self.lacking += 1
            return None
        try:
            return translate_text(text, from_code, to_code, GOOGLE, self._cache)
        except TranslationFailed as failure:
            if not self.lacking:
                said = message("log.explanation-untranslated", reason=failure.reason)
                self._context.tell("pairs", said)
            self.lacking += 1
            return None
