"""`python -m calm COMMAND`, and `calm COMMAND` where the package is installed."""

import sys

from calm.cli import parser


def main() -> int:
    """Run the command that the process was called with; return its exit status."""
    return parser.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
