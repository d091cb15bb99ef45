"""A GPU that is lent for one call: what is to compute on it is marked, and runs in the lease.

A ZeroGPU Space has no GPU of its own. The package `spaces`, which every such Space has, lends one
to a function that was marked before the app was served: it runs in a process forked for it, at
most as long as was asked for, and the time counts against the daily quota of whoever made the
request. It cannot be lent to a process that we start ourselves. Everywhere else a mark does
nothing, and `spaces` is not imported.
"""

import re
import traceback
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from calm.errors import CalmError
from calm.models.hardware import is_gpu_lent

P = ParamSpec("P")
Result = TypeVar("Result")
MOST_SECONDS = 60
"""The longest lease that we ask for: what a visitor gets who has little quota left, too."""
LEAST_SECONDS = 15
"""A shorter one is over before a model is loaded."""
TAG = re.compile(r"<[^>]+>")


class Refused(CalmError):
    """No GPU was lent, or it was taken back: what was done in the lease may be lost."""

    is_quota = False
    """Whether a shorter lease may be given, or one on another day."""


def on_gpu(seconds: Callable[P, int]) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Mark a function, or a generator, that computes on a lent GPU for at most `seconds(...)`.

    What it is given and what it returns goes from process to process, so it must be picklable; and
    it begins with `calm.models.hardware.take_lease`.
    """

    def mark(function: Callable[P, Result]) -> Callable[P, Result]:
        if not is_gpu_lent():
            return function
        import spaces  # type: ignore[import-not-found,unused-ignore]

        marked: Callable[P, Result] = spaces.GPU(duration=seconds)(function)
        return marked

    return mark


def lent(call: Callable[P, Result], *given: P.args, **named: P.kwargs) -> Result:
    """Call a marked function; raise Refused where the lease was not given, or ended before it did.

    It hands its own problems back as values: whatever is raised comes from the lease.
    """
    try:
        return call(*given, **named)
    except Exception as error:
        raise _refusal(error) from error


def lent_each(
    call: Callable[P, Iterator[Result]], *given: P.args, **named: P.kwargs
) -> Iterator[Result]:
    """Yield what a marked generator does, as `lent` calls a function."""
    steps = call(*given, **named)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration:
                return
            except Exception as error:
                raise _refusal(error) from error
            yield step
    finally:
        close = getattr(steps, "close", None)
        if close:
            close()


def _refusal(error: Exception) -> Refused:
    """Return it in words: `spaces` raises what Gradio shows, with a title and perhaps with tags."""
    title, said = getattr(error, "title", ""), str(getattr(error, "message", error))
    reason = TAG.sub("", said).strip()
    if not title:  # no answer of the platform, but something that broke
        traceback.print_exception(error)
        reason = f"{type(error).__name__}: {reason}"
    is_quota = "quota" in f"{title}".lower() or "illegal duration" in f"{title}".lower()
    refused = Refused("lease.refused", reason=reason[:300])
    refused.is_quota = is_quota
    return refused
