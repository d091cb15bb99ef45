"""Write a run's page: `python -m ui.static RUN FOLDER`; `calm archive RUN --html` calls it."""

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Write the folder; return 0, or 2 for a problem that the user can fix."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    from calm.asking.store import AskedStore
    from calm.errors import CalmError, as_line
    from calm.exchange.archive import asked_of
    from calm.runs.folder import open_run
    from ui.static.file import write_page

    given = argparse.ArgumentParser(prog="python -m ui.static", description=__doc__)
    given.add_argument("run", metavar="RUN")
    given.add_argument("folder", metavar="FOLDER")
    given.add_argument("--with-asked", action="store_true")
    given.add_argument("--without-asked", action="store_true")
    options = given.parse_args()
    try:
        run = open_run(options.run)
        store = AskedStore() if options.with_asked else None
        asked = [] if options.without_asked else asked_of(run, store)
        size = write_page(run, Path(options.folder), asked)
    except CalmError as error:
        print(f"calm: {as_line(error)}", file=sys.stderr)
        return 2
    print(f"{options.folder}: {size / 1e6:.1f} MB, {len(asked)} asked questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
