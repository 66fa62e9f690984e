"""`python -m optimizer …`."""

import os
import sys

from optimizer.cli import STOPPED, main

try:
    main()
except SystemExit as end:
    if end.code != STOPPED:
        raise
    # Threads of libraries that are still reading would abort the process on its way out.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(STOPPED)
