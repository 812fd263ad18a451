"""`python -m cs826tl` is `cs826tl`."""

import sys

from cs826tl.cli import main

if __name__ == "__main__":
    sys.exit(main())
