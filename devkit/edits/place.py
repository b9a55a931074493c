"""Where the apps of the rounds are built: the image that is edited on, and clean builds beside it."""

import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.errors import DevkitError
from devkit.lifecycle.build import build
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Failed

_ASKING = {
    "buildpack.toml": 'api = "0.10"\n[buildpack]\nid = "edits/asking"\nversion = "1.0.0"\n[[targets]]\nos = "linux"\n',
    "bin/detect": "#!/bin/sh\nprintf '[[requires]]\\nname = \"python\"\\n[requires.metadata]\\nbuild = true\\n' "
    '> "$CNB_BUILD_PLAN_PATH"\n',
    "bin/build": "#!/bin/sh\n",
}
"""A buildpack that needs the interpreter while the image is built, so that its layer is in the cache as it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the builds are made, and with what.

    All states are used at one path, because the path is in what is built.
    """

    root: Path
    buildpack: Path
    env: Mapping[str, str]
    base: str = ""
    """The name of the app without packages whose image a clean build begins with; empty for none.

    So the interpreter and the package manager are there, which no edit changes: they take half of a clean build.
    """

    @property
    def app(self) -> Path:
        """The app's source."""
        return self.root / "app"

    @property
    def _state(self) -> Path:
        return self.root / "state"

    @property
    def _base(self) -> Path:
        return self.root / "bases" / self.base

    def begin(self) -> None:
        """Forget all images but that of the app without packages."""
        shutil.rmtree(self._state, ignore_errors=True)
        if self.base:
            shutil.copytree(self._base, self._state, symlinks=True)

    def has_base(self) -> bool:
        """Return whether there is all that clean builds begin with."""
        return not self.base or self._base.exists()

    def make_base(self) -> None:
        """Build the app, which has no packages, for clean builds to begin with. Raises DevkitError."""
        shutil.rmtree(self._state, ignore_errors=True)
        result = self._build(self.app, {})
        if isinstance(result, Failed):
            raise DevkitError(f"an app without packages cannot be built: {result.log}")
        self._base.parent.mkdir(exist_ok=True)
        self._state.rename(self._base)

    def build(self, env: Mapping[str, str] | None = None) -> Built | Failed:
        """Build the app after the previous image and cache; ``env`` are further variables of the user."""
        return self._build(self.app, env or {})

    def build_cleanly(self, app: Path, env: Mapping[str, str] | None = None) -> Built | Failed:
        """Build a copy of the app without the previous image and cache, which are kept. Raises DevkitError."""
        aside = self.root / "aside"
        self._state.rename(aside)
        try:
            self.begin()
            return self._build(app, env or {})
        finally:
            shutil.rmtree(self._state)
            aside.rename(self._state)

    def _build(self, app: Path, env: Mapping[str, str]) -> Built | Failed:
        group = (self.buildpack, self._asking()) if self.base else (self.buildpack,)
        return build(Request(group, app, self._state, env={**self.env, **env}))

    def _asking(self) -> Path:
        folder = self.root / "asking"
        for path, text in _ASKING.items() if not folder.exists() else ():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
            (folder / path).chmod(stat.S_IRWXU)
        return folder
