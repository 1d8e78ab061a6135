"""The command `evz`: `python -m evz`, or the script of that name."""

from __future__ import annotations

import signal
import sys

from . import _evz


def main() -> int:
    """Runs the command with the arguments of this process.

    Returns:
        What to exit with: 0 done, 1 failed, 2 bad arguments, 3 done with loss.
    """
    # Ctrl-C ends it at once, as it ends any command: Python would only be told of it at the end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _evz.command([sys.executable, "-m", "evz"], sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
