"""What a gate would give before any pair is made: how many pairs, without a model and at once.

Which pairs a question gives does not depend on the gate, so they are made once for all questions,
without prompts, and counted for each gate.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from calm.config import PairsConfig, RunConfig
from calm.languages.table import language
from calm.pairs.build import balanced, pairs_by_language
from calm.records import Format, ModelRecord, PreferencePair, Question, Response, Vote

ByLanguage = Mapping[str, Sequence[PreferencePair]]


@dataclass(frozen=True)
class PairsPreview:
    """Every pair that the votes of a run can give. Their prompts are left out."""

    own: ByLanguage
    """By language, those whose sides the language wrote itself."""
    translated: ByLanguage
    """The same with *chosen* explanations of other languages, as if all could be translated."""

    def count(self, kept: Collection[str]) -> tuple[int, int]:
        """Return how many pairs the kept questions give: without translations, and with all."""
        return _count(self.own, kept), _count(self.translated, kept)


def preview(
    votes: Sequence[Vote],
    answered: Sequence[Response],
    groups: Mapping[str, Mapping[str, Question]],
    config: RunConfig,
    record: ModelRecord | None = None,
) -> PairsPreview:
    """Return the pairs of all decided votes; `config.pairs.min_vote_share` is left out."""
    form = format_of(config, answered, groups, record)
    settings = replace(config.pairs, min_vote_share=0.0)
    letters = language("en").letters if config.imported else None

    def made(settings: PairsConfig, translations: bool) -> ByLanguage:
        return pairs_by_language(
            votes,
            answered,
            groups,
            settings,
            lambda question, order: f"{order}",
            form == "chat",
            letters,
            (lambda text, source, target: text) if translations else None,
        )

    own = made(settings, False)
    translates = form == "chat" and settings.translated_chosen
    return PairsPreview(own, made(settings, True) if translates else own)


def format_of(
    config: RunConfig,
    answered: Sequence[Response],
    groups: Mapping[str, Mapping[str, Question]],
    record: ModelRecord | None = None,
) -> Format:
    """Return how the questions were asked, as the run wrote it down when it loaded its model.

    In a run of before that did not, it is told from what came back where the settings leave it
    open: `cloze` responses are the text of a choice and nothing else.
    """
    if config.imported:
        return "chat"
    if config.sampling.prompt_format != "auto":
        return config.sampling.prompt_format
    if record and record.prompts:
        return record.prompts.format
    if record and not record.chat_template:
        return "cloze"
    for response in answered:
        choices = groups[response.question_id][response.language].choices
        if not any(choice.startswith(response.text.strip()) for choice in choices):
            return "chat"
    return "cloze"


def _count(pairs: ByLanguage, kept: Collection[str]) -> int:
    inside = {
        code: [pair for pair in rows if pair.question_id in kept] for code, rows in pairs.items()
    }
    return sum(1 for _ in balanced(inside))
