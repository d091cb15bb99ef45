"""`python -m calm <command>`."""

import sys

from calm.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
