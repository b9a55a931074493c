"""``python -m devkit.pack prepare|status|stop|clean``: the real platform, by hand."""

import sys
import time

from devkit.errors import DevkitError
from devkit.pack.cache import machine_cache
from devkit.pack.engine import find_engine, stop_engine
from devkit.pack.prepare import prepare_platform
from devkit.pack.remove import remove_leftovers


def main(arguments: list[str]) -> int:
    """Run one command and return the exit status."""
    begin = time.monotonic()
    try:
        match arguments:
            case ["prepare"]:
                platform = prepare_platform(say=print)
                print(f"{platform.pack.program} builds with {platform.builder} ({time.monotonic() - begin:.1f} s)")
            case ["status"]:
                print(find_engine(machine_cache()) or "no Docker engine answers")
            case ["stop"]:
                print("stopped" if stop_engine(machine_cache()) else "there is no engine that we started")
            case ["clean"]:
                remove_leftovers()
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except DevkitError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
