"""The packages of a real lifecycle, with this checkout's buildpack or extension, without an engine and images."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.go_programs import go_program
from devkit.packaging.assemble import with_api
from devkit.paths import CHECKOUT
from manager_context import write_app

EXTENSION = CHECKOUT / "extensions" / "apt"


@dataclass(frozen=True)
class RealPhases:
    """The directories of one build; ``run`` runs the program of tools/phases under a name that says what it does."""

    root: Path
    app: Path
    exec_env: str = "production"

    def run(self, name: str, *, is_platform: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a phase, or as a container does (``is_platform`` is false), a process of this type."""
        program = self.root / name
        if not program.exists():
            program.symlink_to(go_program("phases"))
        env = {**self._environment(), **({"CNB_EXEC_ENV": self.exec_env} if is_platform else {})}
        return subprocess.run([program], env=env, check=False, capture_output=True, text=True)

    def add_checkout(self, api: str) -> None:
        """Make this checkout the buildpack, with this Buildpack API."""
        text = (CHECKOUT / "buildpack.toml").read_text(encoding="utf-8")
        folder = self._place("buildpacks", tomllib.loads(text)["buildpack"])
        for path in CHECKOUT.iterdir():
            if path.name != "buildpack.toml":
                (folder / path.name).symlink_to(path)
        (folder / "buildpack.toml").write_text(with_api(text, api), encoding="utf-8")
        self._order(tomllib.loads(text)["buildpack"])

    def add_extension(self) -> None:
        """Have the extension before a buildpack that takes any app."""
        extension = tomllib.loads((EXTENSION / "extension.toml").read_text(encoding="utf-8"))["extension"]
        shutil.copytree(EXTENSION, self._place("extensions", extension), dirs_exist_ok=True)
        any_app = {"id": "test/any", "version": "1.0.0"}
        folder = self._place("buildpacks", any_app)
        files = {"buildpack.toml": 'api = "0.10"\n[buildpack]\nid = "test/any"\nversion = "1.0.0"\n'}
        write_app(folder, {**files, "bin/detect": "#!/bin/sh\n", "bin/build": "#!/bin/sh\n"})
        for path in (folder / "bin").iterdir():
            path.chmod(0o755)
        self._order(any_app, extension)
        write_app(self.root, {"analyzed.toml": '[run-image]\nreference = "run:1"\nimage = "run:1"\n'})

    def give(self, variables: Mapping[str, str]) -> None:
        """Give variables to the build, as ``pack build --env`` does."""
        write_app(self.root / "platform" / "env", variables)

    def _place(self, kind: str, about: Mapping[str, str]) -> Path:
        folder = self.root / kind / about["id"].replace("/", "_") / about["version"]
        folder.mkdir(parents=True)
        return folder

    def _order(self, buildpack: Mapping[str, str], extension: Mapping[str, str] | None = None) -> None:
        lines = [("order", buildpack), *([("order-extensions", extension)] if extension else [])]
        groups = (
            f'[[{key}]]\n[[{key}.group]]\nid = "{about["id"]}"\nversion = "{about["version"]}"\n'
            for key, about in lines
        )
        write_app(self.root, {"order.toml": "".join(groups)})
        (self.root / "layers").mkdir(exist_ok=True)

    def _environment(self) -> dict[str, str]:
        places = {
            "APP_DIR": self.app,
            "LAYERS_DIR": self.root / "layers",
            "PLATFORM_DIR": self.root / "platform",
            "BUILDPACKS_DIR": self.root / "buildpacks",
            "EXTENSIONS_DIR": self.root / "extensions",
            "GENERATED_DIR": self.root / "layers" / "generated",
            "ORDER_PATH": self.root / "order.toml",
            "ANALYZED_PATH": self.root / "analyzed.toml",
        }
        own = {"PATH": os.environ["PATH"], "HOME": str(self.root), "CNB_PLATFORM_API": "0.15"}
        return own | {f"CNB_{name}": str(path) for name, path in places.items()}
