"""Build the pages of CALM Studio and serve them: `python -m ui`, or `calm-studio`."""

import os

from calm.paths import calm_home


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
    """Show the page at once, load the model behind it, and serve until stopped."""
    set_environment()
    from ui.app import serve

    serve()


if __name__ == "__main__":
    main()
