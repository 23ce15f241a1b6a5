"""Importing this puts site/ on the path, so that tests find the package reading_room as the plugin does."""

import sys

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "site"))
