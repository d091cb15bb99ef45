"""Build the pages of CALM Studio and serve them: `python -m ui`, or `calm-studio`."""

import os
import signal
import sys

from calm.errors import CalmError
from calm.paths import calm_home
from ui.serving.start import check_start


def set_environment() -> None:
    """Keep everything on this machine; must happen before gradio is imported."""
    os.environ.setdefault("GRADIO_TEMP_DIR", str(calm_home() / "temporary"))
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [os.environ.get(name, ""), "localhost", "127.0.0.1"]
        os.environ[name] = ",".join(filter(None, hosts))


def main() -> None:
    """Show the page at once, load the model behind it, and serve until ended.

    Exits with 2 and a sentence where the app cannot be served as it was told to.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # process 1 would not end
    set_environment()
    try:
        check_start()
        from ui.app import serve

        serve()
    except CalmError as problem:
        print(f"calm: {problem}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
