"""Entry of bin/detect and bin/build. Nothing that compiles a regular expression is imported before the first lines."""

import gc

from python_buildpack.support import patterns

_OBJECTS = 100_000
"""Between two searches for garbage: the default has importing searched again and again, a tenth of a short build."""

if __name__ == "__main__":
    gc.set_threshold(_OBJECTS)
    patterns.use_compiled(patterns.TABLE)
    from python_buildpack.entry import main

    main()
