"""``python -m infra.apidoc FOLDER``: as a process of its own, for what it imports reads the environment."""

import sys
from pathlib import Path

from infra.apidoc.write import write

write(Path(sys.argv[1]))
