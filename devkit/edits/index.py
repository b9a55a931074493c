"""The package index that random apps are resolved against."""

import subprocess
import sys
from functools import cache


@cache
def index_url() -> str:
    """Return the package index that pip uses by default."""
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() + "/"
