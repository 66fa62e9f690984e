"""`python -m tools.docs_pages docs`: write the pages that are made from the declarations."""

import sys
from pathlib import Path

from optimizer import InputError
from tools.docs_pages.catalogue import write

try:
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
except InputError as refused:
    sys.exit(refused.text())
