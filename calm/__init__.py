"""CALM Studio: cross-lingual consistency of language models, from a question to an adapter.

The story, one stage a line; each is a module, a function, a command and a file in the run folder:

questions  what is asked, in every language                      questions.jsonl
translate  versions in languages that a question lacks           translations.jsonl
           and those that nobody could make                      untranslated.jsonl
sample     several responses to each question in each language   responses.jsonl
extract    the answer read out of each response, or none         answers.jsonl
vote       the answer that most responses give, and its share    votes.jsonl
pairs      chosen agrees with the vote, rejected does not        pairs.jsonl
train      a LoRA adapter over the 4-bit base, by its method     adapter/, metrics.jsonl
evaluate   accuracy and consistency, base and aligned            evaluations.jsonl, scores.jsonl
damage     what the alignment may have harmed                    damage_answers.jsonl, damage.jsonl
compare    question by question, before and after                comparisons.jsonl

The method is CALM (Wang et al., Findings of NAACL 2025, arXiv 2501.18457).

A program calls `calm.align`, `calm.ask`, `calm.vote`, `calm.lint`, `calm.load_run` and
`calm.load_model`; nothing is imported before it is used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from calm.api.calls import Voted, align, ask, lint, load_model, load_run, vote
    from calm.errors import CalmError
    from calm.records import PreferencePair, Question, Response
    from calm.runs.folder import Run

__version__ = "0.2.0"
__all__ = [
    "CalmError",
    "PreferencePair",
    "Question",
    "Response",
    "Run",
    "Voted",
    "align",
    "ask",
    "lint",
    "load_model",
    "load_run",
    "vote",
]
_PLACES = {
    "calm.errors": ("CalmError",),
    "calm.records": ("PreferencePair", "Question", "Response"),
    "calm.runs.folder": ("Run",),
    "calm.api.calls": ("Voted", "align", "ask", "lint", "load_model", "load_run", "vote"),
}


def __getattr__(name: str) -> object:
    """Import a name of the public interface when it is first used."""
    for module, names in _PLACES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(module), name)
    raise AttributeError(f"module 'calm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
