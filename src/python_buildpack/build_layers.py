"""Makes and provides the layers of one build from what was decided."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cnb.context import BuildContext
from cnb.frozen import frozen, replace
from python_buildpack.app.hook_files import PRE_COMPILE
from python_buildpack.app.project import Project
from python_buildpack.decide.development import LAYER as DEVELOPMENT
from python_buildpack.decide.development import Development
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.recipe import ManagerChoice, PythonChoice
from python_buildpack.interpreters.included import FOLDER, Included
from python_buildpack.interpreters.inventory import Inventory
from python_buildpack.layers.announce import report_installed
from python_buildpack.layers.cache import Cache, growing_file
from python_buildpack.layers.dependencies.inputs import NAME as DEPENDENCIES
from python_buildpack.layers.dependencies.inputs import DependenciesInputs
from python_buildpack.layers.dependencies.layer import SUBDIRECTORY, DependenciesLayer
from python_buildpack.layers.dependencies.older_python import OlderPythonNeeded
from python_buildpack.layers.dependencies.stale_metadata import remove_stale_metadata
from python_buildpack.layers.packages.layer import PackageLayers
from python_buildpack.layers.python import NAME as PYTHON
from python_buildpack.layers.python import SUBDIRECTORY as INTERPRETER
from python_buildpack.layers.python import PythonLayer
from python_buildpack.layers.runtime.launch_environment import PROFILE
from python_buildpack.layers.runtime.layer import provide_runtime
from python_buildpack.layers.runtime.variables import provide_variables
from python_buildpack.layers.tools import ToolsLayer
from python_buildpack.layers.watch import WatchedLayer
from python_buildpack.package_managers.built_wheels import BuiltWheels, archive_name
from python_buildpack.package_managers.installer_environment import installer_environment
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.policy import passed_on
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.ports.fetching.http import DownloadFailed, DownloadNotFound
from python_buildpack.ports.interfaces import CommandRunner, Fetcher, Reporter
from python_buildpack.ports.limited import limited
from python_buildpack.settings.run_time import run_time_variables
from python_buildpack.settings.table import INSTALL_TIMEOUT, MIRROR, SLIM
from python_buildpack.settings.values import Settings
from python_buildpack.support.beside import Beside
from python_buildpack.tools.uv import Uv

if TYPE_CHECKING:
    from python_buildpack.package_managers.fetched_wheels import FetchedWheels

_REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "315619200"}
"""The time for files that are built from source (https://reproducible-builds.org/specs): the second day that a zip file
can have. In time zones to the west of UTC, the first day would be one that it cannot have."""


@frozen
class OthersNeed:
    """What other buildpacks need while the image is built, according to the buildpack plan."""

    python: bool
    packages: bool


@frozen
class BuildLayers:
    """The layers of one build."""

    context: BuildContext
    settings: Settings
    inventory: Inventory
    cache: Cache
    cached_base: Cache
    cached_python: Cache
    others_need: OthersNeed
    uv: Uv
    fetcher: Fetcher
    runner: CommandRunner
    reporter: Reporter
    beside: "Beside[FetchedWheels]"
    """Downloads the packages of a first build while the interpreter is installed."""

    def python(self, choice: PythonChoice, packages: tuple[ManagerChoice, Project] | None = None) -> PythonLayer:
        """Provide the interpreter. Raises BuildpackError.

        Where it has to be installed, the ``packages`` that the app declares are downloaded at the same time.
        """
        mirror = self.settings.get(MIRROR)
        layer = PythonLayer(
            layers=self.context.layers,
            interpreter=choice.interpreter,
            buildpack_version=self.context.descriptor.version,
            mirror=mirror.text if mirror else None,
            slim=self.settings.is_on(SLIM, default=True),
            keep_content=self.others_need.python or self.others_need.packages,
            on_path=self.others_need.python and not self.others_need.packages,
            included=Included(self.context.buildpack_dir / FOLDER, self.inventory.included),
            archives=self.cached_python,
            cache=self.cache,
            fetcher=self.fetcher,
            runner=self.runner,
            reporter=self.reporter,
            meanwhile=lambda: self._fetch_ahead(layer, packages),
            watched=WatchedLayer(self.context.layers.path(PYTHON), INTERPRETER, self.reporter),
        )
        try:
            layer.provide()
        except (DownloadFailed, DownloadNotFound) as error:
            from python_buildpack.interpreters.not_downloaded import explain_download  # noqa: PLC0415 - on failure only

            raise explain_download(error, choice.interpreter, choice.because, self.settings) from error
        return layer

    def dependencies(
        self,
        choice: ManagerChoice,
        project: Project,
        python: PythonLayer,
        older_pythons: tuple[str, ...],
        since: float | None = None,
    ) -> DependenciesLayer:
        """Provide what the app declares. Raises BuildpackError.

        ``older_pythons`` are minor versions that the app may have instead. Raises OlderPythonNeeded if what is
        installed needs one of them. ``since`` is when code of packages began to run in an earlier attempt.
        """
        context = self.context
        manager = manager_named(choice.name, self.settings)
        declaration = manager.declaration(project)
        inputs = DependenciesInputs(
            manager=manager,
            declaration=declaration,
            context=self._fetched(self._again(self._install_context(project, python, declaration), since)),
            interpreter=python.interpreter,
            buildpack_version=context.descriptor.version,
            platform=self._platform,
            keep_content=self.others_need.packages,
            venv=context.layers.path(DEPENDENCIES) / SUBDIRECTORY,
            older_pythons=older_pythons,
        )
        packages = PackageLayers(
            layers=context.layers,
            cache=self.cache,
            runner=self.runner,
            buildpack_version=context.descriptor.version,
            interpreter=str(python.interpreter),
            platform=self._platform,
        )
        layer = DependenciesLayer(context.layers, inputs, python, packages, self.cached_base)
        earlier = layer.installed
        try:
            layer.provide()
        except OlderPythonNeeded:
            context.layers.forget(DEPENDENCIES)
            raise
        report_installed(layer.installed, earlier, self.reporter)
        remove_stale_metadata(project, layer.own, layer.installed, self.reporter)
        return layer

    def _fetch_ahead(self, python: PythonLayer, packages: tuple[ManagerChoice, Project] | None) -> None:
        """Begin to download the packages, if all are to be installed and no code of the app runs before."""
        if packages is None or PRE_COMPILE in packages[1].files:
            return
        choice, project = packages
        before = self.context.layers.restored_key(DEPENDENCIES)
        # Otherwise large packages of the previous image may be used again.
        is_anew = (before.get("interpreter"), before.get("buildpack")) != (
            str(python.interpreter),
            self.context.descriptor.version,
        )
        # The limit of time is for the downloads and the installation together.
        is_limited = self.settings.get(INSTALL_TIMEOUT) is not None
        # The buildpack's own Python, which stands for the app's here, takes no wheels for another variant.
        if not is_anew or is_limited or python.interpreter.variant != "default":
            self.beside.start(self._unpack_uv)
            return
        from python_buildpack.package_managers.ahead import fetch_ahead  # noqa: PLC0415 - for a first build only

        manager = manager_named(choice.name, self.settings)
        install = self._install_context(project, python, manager.declaration(project))
        self.beside.start(lambda is_cancelled: fetch_ahead(manager, install, is_cancelled))

    def _unpack_uv(self, is_cancelled: Callable[[], bool]) -> None:
        del is_cancelled
        self.uv.executable()

    def _fetched(self, install: InstallContext) -> InstallContext:
        """Return the context, with what was downloaded while the interpreter was installed, which it waits for."""
        fetched = self.beside.result()
        if fetched is None:
            return install
        if count := fetched.count:
            self.reporter.line(f"Downloaded while Python was installed: {count} package{'s' if count > 1 else ''}")
        return replace(install, fetched=fetched)

    def _again(self, install: InstallContext, since: float | None) -> InstallContext:
        """Return the context without what code of packages changed since then: files, programs and caches."""
        if since is None:
            return install
        from python_buildpack.layers.dependencies.from_wheels import context_untouched  # noqa: PLC0415 - rarely

        self.uv.clear()
        return context_untouched(replace(install, since=since))

    @property
    def development_path(self) -> Path:
        """Return the directory for the development tools, whether it exists or not."""
        return self.context.layers.path(DEVELOPMENT)

    def prune_caches(self) -> None:
        """Remove what no step of this build keeps for the next one. Raises FileNotWritten."""
        for cache in (self.cache, self.cached_base, self.cached_python):
            cache.prune()

    def development(self, development: Development, python: PythonLayer) -> None:
        """Provide the development tools, if settings ask for them. Raises BuildpackError."""
        if not (development.reloads or development.tools):
            return
        # Hardly any image is for development.
        from python_buildpack.layers.development.layer import DevelopmentLayer, open_to_group  # noqa: PLC0415

        if development.reloads:
            open_to_group(self.context.app_dir)
        if development.tools:
            self.reporter.heading("Development")
            self.reporter.line(", ".join(tool.name for tool in development.tools))
            target = self.context.target
            platform = f"{target.os}/{target.arch}"
            layer = DevelopmentLayer(
                self.context.layers, development.tools, python, self.uv, self.context.env, platform
            )
            layer.provide(self.runner, self.reporter)

    def runtime(self, plan: ProcessPlan, project: Project, dependencies: DependenciesLayer) -> None:
        """Provide the launch environment of the processes. Raises SettingInvalid."""
        variables = run_time_variables(self.settings)
        provide_runtime(
            self.context.layers,
            dependencies.python.executable,
            plan,
            self.context.app_dir,
            dependencies.installed,
            venv=dependencies.venv,
            has_profile=PROFILE in project.files,
            variables=variables,
        )
        provide_variables(self.context.layers, variables)

    @property
    def _platform(self) -> str:
        target = self.context.target
        return f"{target.os}/{target.arch} {target.distro_name or 'unknown'} {target.distro_version or ''}".strip()

    def _install_context(self, project: Project, python: PythonLayer, declaration: str) -> InstallContext:
        given = self.context.platform.env.keys()
        what = "The installation of the dependencies"
        runner = limited(self.runner, self.settings, INSTALL_TIMEOUT, what, together=True)
        passed = installer_environment(self.context.env, given, self.settings, declaration)
        return InstallContext(
            project=project,
            settings=self.settings,
            python_version=str(python.interpreter.version),
            env={**_REPRODUCIBLE, **passed.env, "PYTHONDONTWRITEBYTECODE": "1"},
            withheld=passed.withheld,
            uv=self.uv,
            runner=runner,
            reporter=self.reporter,
            scratch=self.uv.scratch,
            tools=ToolsLayer(self.context.layers, self.uv, runner, passed.env, self.reporter.line),
            built_wheels=self._wheels(python),
            kept_wheels=growing_file(f"wheels-{self.uv.version}", self.cached_base, self.cache),
            pythons=self.inventory.interpreters,
            app_python=python,
        )

    def _wheels(self, python: PythonLayer) -> BuiltWheels:
        """Return the cache's files for compiled wheels, and keep them even if this build installs nothing."""
        abi = f"{python.interpreter.minor} {python.interpreter.variant}"
        version = self.context.descriptor.version
        name = archive_name(version, abi, self._platform, self.context.env, passed_on(self.settings))
        archive, sources = self.cache.keep(name), self.cache.keep(f"{name}.sources")
        return BuiltWheels(archive, sources, self.uv.scratch, self.reporter)
