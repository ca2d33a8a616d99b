"""`python -m missiegraaf` is the command `missiegraaf`."""

import sys

from missiegraaf.cli import main

if __name__ == "__main__":
    sys.exit(main())
