"""What of the cache directory that bin/post_compile gets is kept for the image."""

from pathlib import Path

from python_buildpack.app_code.hooks import remove_caches_of_tools


def test_caches_of_package_managers_are_left_out(tmp_path: Path) -> None:
    """Browsers and models stay, which the app looks for; what yarn and Go keep for their own next run does not."""
    for name in ("ms-playwright/chromium/chrome", "huggingface/hub/x", "yarn/v6/x", "go-build/00/x", "node-gyp/20/x"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    remove_caches_of_tools(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["huggingface", "ms-playwright"]
    remove_caches_of_tools(tmp_path / "removed by the hook")
