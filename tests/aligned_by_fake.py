"""`python -m tests.aligned_by_fake COMMAND`: the command line with a model made for tests.

What the app starts in a process of its own, where a test has it start this one.
"""

import sys
from unittest.mock import patch

from calm.cli.parser import main
from tests.fakes import FakeModel, training_of_nothing

with (
    patch("calm.pipeline.context.Context.model", lambda context: FakeModel()),
    patch("calm.pipeline.stage_train.train", training_of_nothing(1)),
    patch("calm.pipeline.align.not_enough", lambda run: None),
):
    sys.exit(main(sys.argv[1:]))
