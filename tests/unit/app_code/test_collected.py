"""What of collectstatic's output is put back, for which files of the app."""

import os
from pathlib import Path

from cnb.layers import Layers
from python_buildpack.app_code.collected import Inputs, look_at
from python_buildpack.layers.cache import provide_cache
from python_buildpack.support.stored_tree import NotStored, Restored

INPUTS = Inputs("identity", ("manage.py",), {}, ())


def silent(line: str) -> None:
    """Say nothing."""


def test_code_cannot_hide_that_it_was_read(tmp_path: Path) -> None:
    """It sets the times of its file as they were before; the next build, without the code, runs collectstatic again."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "manage.py").write_text("import settings")
    (app / "settings.py").write_text("hostile")
    (app / "unread.py").write_text("x = 1")
    cache = provide_cache(Layers(tmp_path / "layers"), silent)
    collected = look_at(app, INPUTS, cache)
    watched = collected.watch()
    before = (app / "settings.py").stat()
    for name in ("manage.py", "settings.py"):
        (app / name).read_text()
    (app / "site.js").write_text("hostile")
    os.utime(app / "settings.py", ns=(0, before.st_mtime_ns))
    collected.keep(watched, "manage.py")
    (app / "site.js").unlink()

    assert look_at(app, INPUTS, cache).restore() == Restored(2)
    (app / "site.js").unlink()
    (app / "unread.py").write_text("x = 2")
    assert look_at(app, INPUTS, cache).restore() == Restored(2)
    (app / "site.js").unlink()
    (app / "settings.py").write_text("honest")
    assert isinstance(look_at(app, INPUTS, cache).restore(), NotStored)
    assert (app / "settings.py").read_text() == "honest"
    assert not (app / "site.js").exists()
