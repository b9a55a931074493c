"""What the programs in bin/ run. Nothing of ours may be imported before ``stored_modules`` and ``patterns``."""

import gc

from python_buildpack.support import patterns, stored_modules

_OBJECTS = 100_000
"""Threshold of the garbage collector: with the default, its runs during imports take a tenth of a short build."""

if __name__ == "__main__":
    gc.set_threshold(_OBJECTS)
    stored_modules.use_stored(stored_modules.STORED)
    patterns.use_compiled(patterns.TABLE)
    from python_buildpack.entry import main

    main()
