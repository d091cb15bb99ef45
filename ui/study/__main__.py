"""Write a study's report: `python -m ui.study STUDY FILE`; `calm study` calls it when it ends."""

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Write the file; return 0, or 2 for a problem that the user can fix."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    from calm.errors import CalmError, as_line
    from calm.study.folder import study_at
    from ui.study.file import report_file
    from ui.text.words import INTERFACE_LANGUAGES, spoken_in

    asked = argparse.ArgumentParser(prog="python -m ui.study", description=__doc__)
    asked.add_argument("study", metavar="STUDY", help="its folder")
    asked.add_argument("file", metavar="FILE")
    asked.add_argument("--language", choices=INTERFACE_LANGUAGES, default="en")
    options = asked.parse_args()
    try:
        with spoken_in(options.language):
            written = report_file(study_at(Path(options.study)))
        try:
            Path(options.file).write_text(written, encoding="utf-8")
        except OSError as error:
            raise CalmError("file.not-writable", path=options.file, reason=error) from None
    except CalmError as error:
        print(f"calm: {as_line(error)}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
