"""What is asked of the local lifecycle."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devkit.lifecycle.descriptor import Descriptor, read_descriptor
from devkit.lifecycle.problems import RequestInvalid
from devkit.lifecycle.steps import User
from devkit.lifecycle.target import Target


@dataclass(frozen=True, slots=True)
class Request:
    """A build (or only a detection) of one app with one group of buildpacks."""

    buildpacks: tuple[Path, ...]
    """Root directories of component buildpacks, in the order of the group."""
    app: Path
    """The app's source; it is copied, never changed."""
    state: Path
    """The directory that holds this app's image and cache between builds."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The user's variables (``pack build --env``): one file each in ``<platform>/env``, with no newline added."""
    bindings: Path | None = None
    """A directory with one directory per service binding; it is copied to ``<platform>/bindings``."""
    optional: frozenset[str] = frozenset()
    """The ids of buildpacks that may be left out."""
    previous_image: bool = True
    """False: the previous image cannot be reached, as under a new name. If the build fails, it is still there."""
    cache: bool = True
    """False: the cache cannot be reached, as on another machine. If the build fails, it is still there."""
    output: Callable[[str], None] | None = None
    """Gets every line of the log while the build goes on."""
    exec_env: str = "production"
    """What is built for; a buildpack gets it from Buildpack API 0.12 on."""
    target: Target = field(default_factory=Target.of_host)
    lifecycle_env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment of the build container. Only what the contract lets through reaches a buildpack."""
    build_config: Path | None = None
    """The operator's ``/cnb/build-config``: its ``env`` has the suffixes of layers, by default ``default``."""
    user: User | None = None
    """Who runs the buildpacks, when that is not us; needs root."""

    def descriptors(self) -> list[Descriptor]:
        """Read the buildpacks and check what was asked.

        Raises Violation for a bad ``buildpack.toml`` and RequestInvalid when there is nothing that could be built.
        """
        app, state = self.app.resolve(), self.state.resolve()
        if not app.is_dir():
            raise RequestInvalid(f"{self.app} is not a directory")
        if state.is_relative_to(app):
            raise RequestInvalid(
                f"the state directory {self.state} must not be inside the app: it would be copied, too"
            )
        if strange := sorted(name for name in self.env if not name or "/" in name or "=" in name):
            raise RequestInvalid(f"{', '.join(map(repr, strange))} cannot be the name of a variable")
        group = [read_descriptor(root) for root in self.buildpacks]
        ids = [buildpack.id for buildpack in group]
        if not ids or len(set(ids)) != len(ids):
            raise RequestInvalid(f"a group has at least one buildpack, and each once; this one has {ids}")
        if unknown := sorted(self.optional - set(ids)):
            raise RequestInvalid(f"optional names {', '.join(unknown)}, which is not in the group {ids}")
        return group
