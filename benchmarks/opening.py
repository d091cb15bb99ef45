"""The answers that the page Ask opens with: what the shipped model said, recorded.

`python -m benchmarks.opening [--write]` asks the model the example questions as the page does, with
the default settings, and prints what each language answered. With `--write` the answers to the one
that the page opens with are kept.
"""

import dataclasses
import sys
import tempfile
from pathlib import Path

from calm.asking.ask import ask
from calm.asking.asked import Asked
from calm.asking.store import to_line
from calm.asking.verdict import verdict
from calm.config import SHIPPED_MODEL, SamplingConfig
from calm.models.interface import LanguageModel
from calm.models.loading import load_model
from calm.questions.translate import TranslationCache
from ui.ask.opening import RECORDED
from ui.asking.form import DISAGREED, FIRST_LANGUAGES, OPENING, built_in, order_for


def answered(model: LanguageModel, identity: str) -> Asked:
    """Return what the model answers to a built-in question, without its long prompts."""
    english = built_in()[identity]["en"]
    order = order_for(english.text, english.choices, "en", FIRST_LANGUAGES, SamplingConfig())
    with tempfile.TemporaryDirectory() as folder:
        asked = ask(model, order, [], TranslationCache(Path(folder) / "none.sqlite"))
    return dataclasses.replace(asked, prompts=())


def main() -> None:
    """Ask the examples, and keep the first one where that is wanted."""
    model = load_model(SHIPPED_MODEL)
    for identity in DISAGREED:
        asked = answered(model, identity)
        own = {code: asked.own(code) for code in FIRST_LANGUAGES}
        print(identity, verdict(asked), asked.vote and asked.vote.counts, own)
        if identity == OPENING and "--write" in sys.argv:
            RECORDED.write_text(to_line(asked) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
