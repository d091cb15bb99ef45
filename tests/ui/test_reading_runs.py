"""What pages read of a run is read once until its files change, and shown page by page."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.runs.folder import Run, create_run
from ui.parts.paging import page_of, pages_of
from ui.parts.runs import changed_at, read_once


@pytest.fixture
def run(calm_home: Path) -> Run:
    return create_run("mine", RunConfig())


def test_a_run_is_read_again_only_where_a_file_has_changed(run: Run) -> None:
    times: list[str] = []

    @read_once(lambda run: [run.log])
    def read(run: Run) -> int:
        """Count."""
        times.append(run.name)
        return len(times)

    assert (read(run), read(run), read.__doc__) == (1, 1, "Count.")
    run.log.write_text("loading\n")
    assert (read(run), read(run)) == (2, 2)
    os.utime(run.log, ns=(1, 1))
    assert read(run) == 3
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: read(run), range(8))) == {3}


def test_a_file_that_is_not_there_changed_never(run: Run) -> None:
    assert changed_at([run.folder / "gone"]) == (0,)
    assert changed_at([]) == ()


@pytest.mark.parametrize(
    ("page", "rows", "number"),
    [
        (1, [0, 1], 1),
        (3, [4], 3),
        (99, [4], 3),
        (0, [0, 1], 1),
        (None, [0, 1], 1),
        (2.0, [2, 3], 2),
    ],
)
def test_a_page_beyond_the_ends_is_the_nearest_one(
    page: float | None, rows: list[int], number: int
) -> None:
    assert page_of(range(5), page, 2) == (range(rows[0], rows[-1] + 1), number)
    assert page_of([], page, 2) == ([], 1)
    assert (pages_of(0, 2), pages_of(5, 2)) == (1, 3)
