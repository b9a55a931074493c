"""Metadata that was uploaded with the source: removed only where it hides that of an installed package of the app."""

from pathlib import Path

from manager_context import Log, write_app
from python_buildpack.app.project import scan
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.dependencies.stale_metadata import remove_stale_metadata

FILES = ("src/my_shop.egg-info/PKG-INFO", "src/other.egg-info/PKG-INFO", "vendor/flask-1.0.dist-info/METADATA")


def test_only_the_metadata_of_the_apps_own_packages_is_left_out(tmp_path: Path) -> None:
    """What is vendored, or describes something that is not installed, stays; a link is not followed."""
    app = write_app(tmp_path / "app", dict.fromkeys(FILES, ""))
    (app / "my_shop-9.dist-info").symlink_to("src")
    log = Log()
    installed = InstalledDistributions.parse("my-shop==2.0 flask==3.0")
    remove_stale_metadata(scan(app), {"my-shop"}, installed, log)
    left = [name for name in FILES if (app / name).exists()]
    assert left == list(FILES[1:])
    assert log.said == [
        "src/my_shop.egg-info is left out of the image: my-shop 2.0 is installed, with metadata of its own"
    ]
    assert (app / "my_shop-9.dist-info").is_symlink()
