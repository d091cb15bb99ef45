"""From a question to an edit: in every language, with the answer of the vote or of a person."""

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from calm.asking.ask import Order, ask
from calm.asking.asked import Asked
from calm.asking.verdict import verdict, votes_in_all
from calm.config import BUILT_IN, RunConfig
from calm.errors import CalmError
from calm.fixes import Edit
from calm.fixing.patch import Taught
from calm.fixing.probe import other_wordings
from calm.languages.table import LANGUAGES
from calm.paths import calm_home
from calm.pipeline.context import Context, Stopped
from calm.questions.rows import parse_questions
from calm.questions.sets import by_id, load_questions
from calm.questions.translate import TranslationCache, translate_question
from calm.records import Question


def typed_question(text: str, choices: Sequence[str], code: str) -> dict[str, Question]:
    """Return the versions that there are of a question: many where it is one of the built-in set.

    Raises CalmError where it has fewer than two choices, or is no question for other reasons.
    """
    listed = [choice.strip() for choice in choices if choice.strip()]
    if len(listed) < 2:
        raise CalmError("question.too-few-choices")
    identity = f"typed-{zlib.crc32(' / '.join([code, text, *listed]).encode()):08x}"
    row = {"id": identity, "language": code, "text": text, "choices": listed, "split": "train"}
    (typed,) = parse_questions([(1, row)], "question")
    for versions in by_id(load_questions(BUILT_IN, tuple(LANGUAGES))).values():
        own = versions.get(code)
        if own and (own.text, own.choices) == (typed.text, typed.choices):
            return versions
    return {code: typed}


def edit_of(asked: Asked, answer: int | None = None, set_name: str = BUILT_IN) -> Taught:
    """Return the edit that teaches a question's vote, or the `answer` that a person picked.

    Raises CalmError for a question without choices, and, where no answer is picked, for one on
    which the languages do not agree.
    """
    if not asked.has_choices:
        raise CalmError("question.too-few-choices")
    trusted = verdict(asked) == "agreed"
    if answer is None and (not trusted or asked.vote is None):
        raise CalmError("fix.no-agreement", question=repr(asked.versions[0].text[:60]))
    voted = asked.vote.winner if asked.vote else None
    chosen = voted if answer is None else answer
    return _taught(asked.versions, chosen, asked, answer is not None, set_name)


def ask_and_teach(
    context: Context, known: Mapping[str, Question], answer: int | None, set_name: str = BUILT_IN
) -> Taught:
    """Put a question into every language of a patch and return its edit.

    Without an `answer` all of them are asked, and their vote is taught. What the question cannot
    be put into is left out and told; raises CalmError as `edit_of` does.
    """
    config = context.run.config
    versions = _versions(context, known, config)
    own = {code: versions[code] for code in config.languages if code in versions}
    elsewhere = tuple(question for code, question in versions.items() if code not in own)
    if answer is not None:
        return _taught((*own.values(), *elsewhere), answer, None, True, set_name)
    if len(own) < 2:
        raise CalmError("fix.one-language")
    order = Order(next(iter(own.values())), own, tuple(own), config.sampling)
    asked = ask(context.model(), order, should_stop=context.should_stop)
    if context.should_stop():
        raise Stopped
    found = edit_of(asked, None, set_name)
    return replace(found, versions=(*found.versions, *elsewhere))


def _versions(
    context: Context, known: Mapping[str, Question], config: RunConfig
) -> dict[str, Question]:
    from calm.questions.translators import translators_for

    original, model = next(iter(known.values())), context.model()
    cache = TranslationCache(calm_home() / "translations.sqlite")
    translators = translators_for(model, config.translate_online)
    found: dict[str, Question] = {}
    for code in config.measured_languages:
        if context.should_stop():
            raise Stopped
        try:
            found[code] = known.get(code) or translate_question(
                original, code, translators, cache, model.name
            )
        except CalmError as error:
            context.tell_here(error.message)
    return found


def _taught(
    versions: Sequence[Question],
    answer: int | None,
    asked: Asked | None,
    by_person: bool,
    set_name: str,
) -> Taught:
    choices = min(len(question.choices) for question in versions)
    if answer is None or not 0 <= answer < choices:
        raise CalmError("fix.no-choice", answer=(answer or 0) + 1)
    share = asked.vote.counts[answer] / votes_in_all(asked) if asked and asked.vote else 0.0
    by = "person" if by_person else "vote"
    edit = Edit(versions[0].id, answer, by, round(share, 6), time.time())  # type: ignore[arg-type]
    return Taught(edit, tuple(versions), other_wordings(versions, set_name))
