"""Two builds at once that share a cache, as on platforms that build the commits of one app side by side."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devkit.pack.build import PackBuild, PackResult
from devkit.pack.docker import docker
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from manager_context import write_app
from wheel_index import heavy, light, serve_wheels

MAIN = "import stone, feather\nprint(stone.version, feather.version)\n"


def test_two_builds_at_once_on_one_cache(
    platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """Both images are what their sources declare, whoever wrote the cache last; and so are those that find it later."""
    cache = tmp_path / "cache"
    cache.mkdir()
    options = ("--cache", f"type=build;format=bind;source={cache}")

    def build(name: str, stone: str, feather: str) -> PackResult:
        files = {"main.py": MAIN, "requirements.txt": f"stone=={stone}\nfeather=={feather}\n"}
        app = write_app(tmp_path / f"{name}-{stone}-{feather}", files)
        env = {**inventory, "PIP_INDEX_URL": index.url}
        return platform.build(
            PackBuild(app, names.image(name), platform.builder, (packaged.file,), env, options=options)
        )

    with serve_wheels(tmp_path / "index") as index, ThreadPoolExecutor(2) as threads:
        index.add(*(kind(name, version) for kind, name in ((heavy, "stone"), (light, "feather")) for version in "12"))
        for one, other in ((("1", "1"), ("2", "1")), (("1", "2"), ("2", "2"))):
            builds = [threads.submit(build, "one", *one), threads.submit(build, "other", *other)]
            for each, versions in zip(builds, (one, other), strict=True):
                result = each.result()
                assert result.status == 0, result.output
                assert docker("run", "--rm", result.image).strip() == " ".join(versions)
        again = build("one", "1", "2")
    assert again.status == 0, again.output
    assert not again.layers("Adding"), again.output
    assert docker("run", "--rm", again.image).strip() == "1 2"
