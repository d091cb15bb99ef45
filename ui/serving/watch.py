"""`python -m ui.serving.watch`: the health check of a container; status 0 where all is well."""

import json
import os
import sys
import urllib.error
import urllib.request

from calm.errors import CalmError
from ui.serving.start import server_port

SECONDS = 4.0
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}
"""Where an app that listens to everybody is found from its own machine."""


def watch() -> str:
    """Return what is wrong with the app that is served here, empty for nothing."""
    name = os.environ.get("GRADIO_SERVER_NAME", "")
    prefix = os.environ.get("GRADIO_ROOT_PATH", "").strip("/")
    below = f"/{prefix}" if prefix and "://" not in prefix else ""
    try:
        address = f"http://{EVERYWHERE.get(name, name)}:{server_port()}{below}/healthz"
        urllib.request.urlopen(address, timeout=SECONDS).close()
    except urllib.error.HTTPError as answer:
        return f"the model is {json.loads(answer.read()).get('model')}"
    except (OSError, ValueError, CalmError) as problem:
        return str(problem)
    return ""


if __name__ == "__main__":
    sys.exit(watch() or 0)
