"""`python -m calm <command>`."""

import sys

from calm.cli.parser import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
