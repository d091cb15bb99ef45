"""The passages of a run: looked up once, kept with it, and not looked up again when it goes on."""

from pathlib import Path

from calm.config import RunConfig
from calm.errors import CalmError
from calm.messages import message
from calm.paths import calm_home
from calm.pipeline.context import Context, Stopped
from calm.pipeline.run_questions import plain_groups_of
from calm.questions.passages import TextFolder, Translate, find
from calm.questions.translate import TranslationCache, translated_by
from calm.reading import Passage


def text_folder(config: RunConfig) -> TextFolder | None:
    """Return where a run looks passages up; `None` where it asks without."""
    if not config.context:
        return None
    return TextFolder(Path(config.context), config.passages, config.passage_length)


def check_context(config: RunConfig) -> None:
    """Raise CalmError where a run is to look passages up and cannot."""
    folder = text_folder(config)
    if folder is not None:
        folder.library()


def look_up(context: Context) -> None:
    """Look up passages for every question of a run in each of its languages, and keep them.

    Raises CalmError where the folder cannot be read, or has nothing on any question.
    """
    run = context.run
    folder = text_folder(run.config)
    if folder is None:
        return
    library, translate = folder.library(), _translator(run.config)
    rows: list[Passage] = []
    asked = 0
    for versions in plain_groups_of(run).values():
        if context.should_stop():
            raise Stopped
        asked += len(versions)
        rows += find(library, versions, tuple(versions), folder.passages, translate)
    if not rows:
        raise CalmError("context.nothing-found", folder=folder.path)
    run.write("passages", rows)
    found = len({(row.question_id, row.language) for row in rows})
    own = len({(r.question_id, r.language) for r in rows if r.found_in == r.language})
    said = message("log.passages", count=found, total=asked, folder=folder.path.name, own=own)
    context.tell("translate", said)


def _translator(config: RunConfig) -> Translate:
    """Return what puts passages into other languages: the service, where texts may be sent to it.

    A small model that translates whole passages does more harm than one that reads English.
    """
    if not config.translate_online:
        return lambda text, from_code, to_code: None
    from calm.questions.translators import GOOGLE

    return translated_by([GOOGLE], TranslationCache(calm_home() / "translations.sqlite"))
