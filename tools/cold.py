"""A cache of one's own: the downloads of the real one, and none of its codes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from cs826tl.assets.cache import ASSETS, cache_dir


@contextmanager
def cold_cache() -> Iterator[None]:
    """Let this process and its children use a temporary cache: warm downloads, cold codes."""
    warm = cache_dir()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ASSETS:
            if (warm / name).exists():
                (Path(folder) / name).symlink_to(warm / name, target_is_directory=True)
        with patch.dict(os.environ, CS826TL_HOME=folder):
            yield
