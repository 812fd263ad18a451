"""Run a command confined by Landlock and seccomp, through sandlock, until it ends.

A process of its own, because sandlock acts for what it confines: it must have no rights that the
submission does not have, which it would where root grades.
"""

from __future__ import annotations

import json
import os
import sys


def main(policy: str, *command: str) -> int:
    """Return the exit code of the command, run under this policy of sandlock's, given as JSON."""
    import sandlock

    box = sandlock.Sandbox(**json.loads(policy), clean_env=True, env=dict(os.environ))
    return int(box.run_interactive(command))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
