"""uv, which is compressed in the package and unpacked only by a build that must resolve or install something."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen
from cnb.trees import make_directory, remove
from python_buildpack.ports.certificates import system_certificates
from python_buildpack.support.fingerprint import Signature, signature
from python_buildpack.support.zstandard import open_to_read
from python_buildpack.tools.pip_config import read_pip_config

COMPRESSED = Path("tools/uv.zst")
"""The path in the package. A .zst has three quarters of the size of a .gz, and is unpacked in half the time."""
VERSION_FILE = Path("tools/uv.version")
DEVELOPMENT = Path(".venv/bin/uv")
"""The path in a source checkout."""

_UNPACKED = "uv"
_BUILDS = "builds-v"
_PINNED = re.compile(r"^uv==(?P<version>[^\s;\\]+)", re.MULTILINE)


class UvMissing(BuildpackError):
    """The package contains no uv: it was not made by ./dev package, or it is damaged."""

    code = "uv-missing"
    title = "The buildpack is incomplete"


@frozen
class Uv:
    """The uv of this buildpack."""

    buildpack_dir: Path
    scratch: Path
    python: Path
    """The interpreter that uv runs while it resolves: the buildpack's own, because the app's may not be on disk."""
    seen: dict[Path, Signature] = field(default_factory=dict)
    """The signature of uv as it was unpacked."""

    @property
    def version(self) -> str:
        """The version, read from a file: layer keys contain it, and running uv would first have to unpack it."""
        packaged = self.buildpack_dir / VERSION_FILE
        if packaged.is_file():
            return packaged.read_text(encoding="utf-8").strip()
        locked = self.buildpack_dir / "requirements" / "dev.txt"
        match = _PINNED.search(locked.read_text(encoding="utf-8")) if locked.is_file() else None
        return match["version"] if match else "unknown"

    def executable(self) -> Path:
        """Return the path of uv, which is unpacked at the first call. Raises UvMissing."""
        development = self.buildpack_dir / DEVELOPMENT
        unpacked = self.scratch / _UNPACKED
        if development.is_file():
            return development
        if not self._is_as_unpacked(unpacked):
            compressed = self.buildpack_dir / COMPRESSED
            if not compressed.is_file():
                raise UvMissing(f"{COMPRESSED} is not in the buildpack.", "Use a package made by ./dev package.")
            remove(unpacked)
            partial = unpacked.with_suffix(".part")
            remove(partial)
            with open_to_read(compressed) as source, partial.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            partial.chmod(0o755)
            partial.rename(unpacked)
            self.seen[unpacked] = signature(unpacked.lstat())
        return unpacked

    def _is_as_unpacked(self, path: Path) -> bool:
        """Say whether no program of the build has changed the file since it was unpacked."""
        return path in self.seen and os.path.lexists(path) and signature(path.lstat()) == self.seen[path]

    @contextmanager
    def noting_builds(self) -> Iterator[Callable[[], bool]]:
        """Yield a function that says whether uv has built something from source since the block began.

        uv makes the bucket ``builds`` for the environment of its first build
        (https://docs.astral.sh/uv/concepts/cache/). The code that is built can remove it.
        """
        from python_buildpack.support.created import watching_names  # noqa: PLC0415 - most builds resolve nothing

        make_directory(self.cache)
        for bucket in self.cache.glob(f"{_BUILDS}*"):
            remove(bucket)
        with watching_names(self.cache) as made:

            def has_built() -> bool:
                names = made()
                is_seen = names is None or any(name.startswith(_BUILDS) for name in names)
                return is_seen or any(self.cache.glob(f"{_BUILDS}*")) or not self.cache.is_dir()

            yield has_built

    def built_names(self) -> frozenset[str]:
        """Return the normalised names of what was built from source; "?" if there is none that has one."""
        from_index = (*self.cache.glob("sdists-v*/pypi/*"), *self.cache.glob("sdists-v*/index/*/*"))
        return frozenset(path.name for path in from_index) or frozenset({"?"})

    def forget_everything(self) -> None:
        """Remove uv's cache: the code of packages that ran could have written into it."""
        remove(self.cache)

    def clear(self) -> None:
        """Remove all temporary files of the build but uv: a program that is no part of an installation has run."""
        for path in self.scratch.iterdir():
            if path.name != _UNPACKED:
                remove(path)

    @property
    def cache(self) -> Path:
        """The directory of uv's cache in this build."""
        return self.scratch / "uv-cache"

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment for uv: that of the build, pip's settings as uv's variables, and fixed settings."""
        translated = dict(_from_pip({**read_pip_config(env), **env}))
        return {
            **translated,
            **env,
            **system_certificates(env),
            # On the file system of the layers, so that uv can install by hard links. It is removed with the scratch
            # directory, so that the image does not contain the files twice.
            "UV_CACHE_DIR": str(self.cache),
            "UV_LINK_MODE": "hardlink",
            "UV_NO_PROGRESS": "1",
            # Otherwise uv may download another interpreter instead of reporting that this one cannot be used.
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_PYTHON_PREFERENCE": "only-system",
        }


_PIP_SETTINGS = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_CONSTRAINT": "UV_CONSTRAINT",
    "PIP_NO_BUILD_ISOLATION": "UV_NO_BUILD_ISOLATION",
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_CLIENT_CERT": "SSL_CLIENT_CERT",
}
"""pip's environment variable → uv's with the same meaning (https://docs.astral.sh/uv/reference/environment/)."""
_COMMA_SEPARATED = frozenset({"UV_FIND_LINKS"})
"""Variables of uv with commas between the items of a list; all others have spaces, as pip's have."""


def _from_pip(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for theirs, ours in _PIP_SETTINGS.items():
        value = env.get(theirs, "").strip()
        if value:
            yield ours, ",".join(value.split()) if ours in _COMMA_SEPARATED else value
    if env.get("PIP_PRE", "").strip().lower() in {"1", "true", "yes", "on"}:
        yield "UV_PRERELEASE", "allow"
