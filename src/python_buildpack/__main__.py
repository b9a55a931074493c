"""What bin/detect and bin/build run. Nothing that compiles regular expressions may be imported before ``patterns``."""

import gc

from python_buildpack.support import patterns

_OBJECTS = 100_000
"""Threshold of the garbage collector: with the default, its runs during imports take a tenth of a short build."""

if __name__ == "__main__":
    gc.set_threshold(_OBJECTS)
    patterns.use_compiled(patterns.TABLE)
    from python_buildpack.entry import main

    main()
