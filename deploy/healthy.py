"""Whether this container's instance answers: exit status 0 or 1."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.switch import health

if __name__ == "__main__":
    sys.exit(0 if health(Path("/run/iran-death-sentences") / f"{os.environ.get('INSTANCE', '1')}.sock") else 1)
