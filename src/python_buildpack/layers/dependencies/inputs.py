"""All that decides an installation: the key of the ``dependencies`` layer is made from it."""

from collections.abc import Collection
from pathlib import Path

from cnb.frozen import frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerSpec, LayerTypes
from python_buildpack.installed.file_kinds import decide_file_kinds
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.layers.dependencies.app_inputs import AppInputs
from python_buildpack.layers.dependencies.conditions import digest_conditions
from python_buildpack.package_managers.choices import read_choices
from python_buildpack.package_managers.interface import InstallContext, Manager
from python_buildpack.package_managers.policy import policy_of
from python_buildpack.settings.table import SPLIT
from python_buildpack.support.digests import digest
from python_buildpack.tools.pip_config import read_pip_config

NAME = "dependencies"

UNCHANGED = "none"
"""Value of the key's last field if no hook changed the installed content."""

_SHARED_BUILDS = "no-build-isolation"
"""The name of a setting with which sdists are built with the packages of the environment: all of it must be there."""


@frozen
class DependenciesKey:
    """All that decides the content of the layer."""

    buildpack: str = labelled("the buildpack's version")
    manager: str = labelled("the package manager")
    installer: str = labelled("the installer")
    interpreter: str = labelled("the Python interpreter")
    platform: str = labelled("the platform")
    declaration: str = labelled("what the app declares")
    choices: str = labelled("the chosen groups and extras")
    resolution: str = labelled("the resolved versions")
    read: str = labelled("what the installation read of the app")
    path: str = labelled("the layer's path")
    split: str = labelled("the split into layers")
    slim: str = labelled("the slimming of packages")
    policy: str = labelled("the rules for packages")
    changed_by: str = labelled("the hook whose changes it holds")


@frozen
class DependenciesInputs:
    """All that decides an installation, except the resolved versions."""

    manager: Manager
    declaration: str
    """What the app declares. Read once, because it includes the content of all files that are named by path."""
    context: InstallContext
    interpreter: Interpreter
    buildpack_version: str
    platform: str
    """Linux distribution and architecture: compiled extensions run on no other."""
    keep_content: bool
    """Whether a later buildpack of this build needs the packages."""
    venv: Path
    """Where the virtual environment is, or will be."""
    older_pythons: tuple[str, ...] = ()
    """Older minor versions that the app may have, the newest first, if what is installed does not run on this one."""

    def spec(self, resolution: str, read: AppInputs, changed_by: str = UNCHANGED) -> LayerSpec:
        """Return the layer's specification.

        ``resolution`` is the digest of the resolved versions, ``read`` what the installation read of the app, and
        ``changed_by`` the hook that changed the environment.
        """
        key = DependenciesKey(
            buildpack=self.buildpack_version,
            manager=self.manager.name,
            installer=f"uv {self.context.uv.version}",
            interpreter=str(self.interpreter),
            platform=self.platform,
            declaration=digest(self.declaration),
            choices=str(read_choices(self.context.settings)),
            resolution=resolution,
            read=read.digest,
            path=str(self.venv),
            split="on" if self.is_split else "off",
            slim=self.slimming,
            policy=policy_of(self.context.settings),
            changed_by=changed_by,
        )
        keep = self.keep_content
        return LayerSpec(NAME, LayerTypes(launch=True, build=keep, cache=keep), key)

    def still(self, recorded: AppInputs) -> AppInputs:
        """Return what an earlier installation read of the app, as it is now."""
        return recorded.now(self.context.project, self.context.env)

    @property
    def is_split(self) -> bool:
        """Say whether heavy distributions get layers of their own."""
        # A later buildpack needs the content, so all of it is exported in each build, and splitting saves nothing.
        return self.context.settings.is_on(SPLIT, default=True) and not self.keep_content

    @property
    def slimming(self) -> str:
        """Return in words what is left out of the packages."""
        return ", ".join(kind.name for kind in decide_file_kinds(self.context.settings)) or "off"

    @property
    def is_incremental(self) -> bool:
        """Say whether an installation may reuse heavy distributions of the previous image."""
        options = f"{self.declaration} {' '.join(self.context.env)}".lower().replace("_", "-")
        return self.is_split and self.manager.is_exact(self.context) and _SHARED_BUILDS not in options

    def needs_wheels_only(self, own: Collection[str]) -> bool:
        """Say whether an installation probably builds nothing from source; ``own`` are the projects of the app.

        It builds these each time, and what is compiled in the cache was built by an earlier one.
        """
        options = f"{self.declaration} {' '.join(self.context.env)}".lower().replace("_", "-")
        compiled = self.context.built_wheels
        builds_anyway = any(option in options for option in (_SHARED_BUILDS, "no-binary"))
        return not own and not builds_anyway and not (compiled is not None and compiled.archive.exists())

    def conditions(self, resolved: str) -> str:
        """Return a digest that is equal if equal pins give equal packages; ``resolved`` is the resolution's text."""
        env = {**read_pip_config(self.context.env), **self.context.env}
        conditions = digest_conditions(self.context.project, self.declaration, resolved, env)
        return f"{conditions} slim={self.slimming} policy={policy_of(self.context.settings)}"
