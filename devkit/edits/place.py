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
    has_interpreter: bool = False
    """Whether builds begin with the interpreter's layer, which no edit changes: it takes half of a clean build.

    Nothing else is there: the previous image is of an app without packages.
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
        return self.root / "base"

    def begin(self) -> None:
        """Forget all images. Raises DevkitError."""
        shutil.rmtree(self._state, ignore_errors=True)
        if not self.has_interpreter:
            return
        if not self._base.exists():
            self._make_base()
        shutil.copytree(self._base, self._state, symlinks=True)

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
        group = (self.buildpack, self._asking()) if self.has_interpreter else (self.buildpack,)
        return build(Request(group, app, self._state, env={**self.env, **env}))

    def _make_base(self) -> None:
        app = self.root / "without-packages"
        app.mkdir()
        (app / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
        (app / "Procfile").write_text("web: python\n", encoding="utf-8")
        result = self._build(app, {})
        if isinstance(result, Failed):
            raise DevkitError(f"an app without packages cannot be built: {result.log}")
        self._state.rename(self._base)

    def _asking(self) -> Path:
        folder = self.root / "asking"
        for path, text in _ASKING.items() if not folder.exists() else ():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
            (folder / path).chmod(stat.S_IRWXU)
        return folder
