"""The app's own code in a build, in Heroku's order: bin/pre_compile; data, static files and bin/post_compile."""

from collections.abc import Iterator
from contextlib import ExitStack

from cnb.context import BuildContext
from cnb.frozen import frozen, replace
from python_buildpack.app.hook_files import POST_COMPILE, PRE_COMPILE
from python_buildpack.app.project import Project, scan
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.app_code.hooks import is_hook, run_post_compile, run_pre_compile
from python_buildpack.decide.processes.interface import Evidence, ProcessPlan
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.data.interface import AppPython, DataLayer, DataRequest
from python_buildpack.layers.data.provide import ProvidedData
from python_buildpack.layers.data.registry import DATA_LAYERS
from python_buildpack.layers.dependencies.inputs import NAME as DEPENDENCIES
from python_buildpack.layers.dependencies.layer import SUBDIRECTORY as VENV
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.layers.python import PythonLayer
from python_buildpack.layers.watch import WatchedLayer
from python_buildpack.ports.interfaces import CommandRunner, Reporter
from python_buildpack.ports.limited import limited
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.table import APP_CODE_TIMEOUT
from python_buildpack.settings.values import Settings


@frozen
class AppCode:
    """Runs the hooks and collectstatic, and provides data, as the app asks for them."""

    context: BuildContext
    settings: Settings
    cache: Cache
    restored_layers: ExitStack
    """Contains the restored layers; closed when the build ends."""
    runner: CommandRunner
    reporter: Reporter

    def pre_compile(self, project: Project, python: PythonLayer) -> Project:
        """Run bin/pre_compile, if there is one, and return the app as it is afterwards. Raises BuildpackError."""
        if not is_hook(project, PRE_COMPILE):
            return project
        # A layer that a later buildpack needs is on disk already.
        packages = WatchedLayer(self.context.layers.path(DEPENDENCIES), VENV, self.reporter)
        packages.written()
        run_pre_compile(self._environment(python))
        packages.undo_changes(PRE_COMPILE, lambda: self.context.layers.forget(DEPENDENCIES))
        return scan(self.context.app_dir, project.upload)

    def after_install(self, project: Project, dependencies: DependenciesLayer) -> Project:
        """Run the steps that need the packages, and return the app as it is afterwards. Raises BuildpackError."""
        environment = self._environment(dependencies.python)
        data = tuple(self._data(project, environment, dependencies))
        environment = replace(environment, data=data)
        manage = find_manage(project, dependencies.installed, self.settings)
        if manage is not None or is_hook(project, POST_COMPILE):
            environment.bytecode(dependencies)
        if manage is not None:
            from python_buildpack.app_code.collectstatic import StaticFiles  # noqa: PLC0415 - few apps have any

            bindings = self.context.platform.bindings
            StaticFiles(manage, self.settings, bindings, self.cache, environment, dependencies).collect()
        if not is_hook(project, POST_COMPILE):
            return project
        run_post_compile(environment, dependencies)
        return scan(self.context.app_dir, project.upload)

    def smoke_test(self, plan: ProcessPlan, evidence: Evidence, dependencies: DependenciesLayer) -> None:
        """Import what the default process starts with. Raises SmokeTestFailed and BuildpackError."""
        from python_buildpack.app_code.smoke_test import SmokeTest  # noqa: PLC0415 - few builds test
        from python_buildpack.decide.startup.smoke import decide_smoke  # noqa: PLC0415

        environment = self._environment(dependencies.python)
        data = tuple(self._provided_data(evidence.project, environment, dependencies))
        SmokeTest(decide_smoke(plan, evidence), replace(environment, data=data), dependencies).run()

    def _environment(self, python: PythonLayer) -> BuildTimeEnvironment:
        context = self.context
        runner = limited(self.runner, self.settings, APP_CODE_TIMEOUT, "A step that runs the app's own code")
        return BuildTimeEnvironment(context.app_dir, context.env, python, self.restored_layers, runner, self.reporter)

    def _data(
        self, project: Project, environment: BuildTimeEnvironment, dependencies: DependenciesLayer
    ) -> Iterator[ProvidedData]:
        """Provide the layers for all data that the app asks for."""
        for kind in DATA_LAYERS:
            request = kind.find(project, dependencies.installed, self.settings)
            if request is None:
                continue
            self.reporter.heading(kind.heading)
            if isinstance(request, Notice):
                self.reporter.warning(request.title, request.text)
                continue
            data = self._one_data(kind, request, environment, dependencies)
            data.provide()
            yield data

    def _provided_data(
        self, project: Project, environment: BuildTimeEnvironment, dependencies: DependenciesLayer
    ) -> Iterator[ProvidedData]:
        """Yield the data that this build has provided already."""
        for kind in DATA_LAYERS:
            if kind.name in self.context.layers.provided:
                request = kind.find(project, dependencies.installed, self.settings)
                if isinstance(request, DataRequest):
                    yield self._one_data(kind, request, environment, dependencies)

    def _one_data(
        self, kind: DataLayer, request: DataRequest, environment: BuildTimeEnvironment, dependencies: DependenciesLayer
    ) -> ProvidedData:
        return ProvidedData(
            kind,
            request,
            self.context.layers,
            self.cache,
            lambda: AppPython(
                dependencies.venv / "bin" / "python", environment.with_packages(dependencies), self.runner
            ),
            dependencies.unchanged,
            self.context.env,
            self.reporter,
        )
