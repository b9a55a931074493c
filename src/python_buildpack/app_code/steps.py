"""The steps between the packages and the processes, in Heroku's order: data, static files, bin/post_compile."""

from cnb.context import BuildContext
from cnb.frozen import frozen, replace
from python_buildpack.app.project import Project, scan
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.app_code.hooks import POST_COMPILE, is_hook, run_post_compile
from python_buildpack.app_code.nltk_data import LIST, NltkData, read_packages
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.settings import Settings


@frozen
class Steps:
    """What the steps work with."""

    context: BuildContext
    settings: Settings
    project: Project
    cache: Cache
    build_time: BuildTimeEnvironment
    dependencies: DependenciesLayer

    def run(self, installed: InstalledDistributions) -> Project:
        """Run what the app asks for, and return its files as they are then. Raises BuildpackError."""
        build_time = self._with_data(installed)
        manage = find_manage(self.project, installed)
        if manage is not None or is_hook(self.project, POST_COMPILE):
            build_time.bytecode(self.dependencies)
        if manage is not None:
            from python_buildpack.app_code.collectstatic import StaticFiles  # noqa: PLC0415 - few apps have any

            StaticFiles(
                manage, self.settings, self.context.platform.bindings, self.cache, build_time, self.dependencies
            ).collect()
        if not is_hook(self.project, POST_COMPILE):
            return self.project
        run_post_compile(build_time, self.dependencies)
        return scan(self.context.app_dir)

    def _with_data(self, installed: InstalledDistributions) -> BuildTimeEnvironment:
        """Provide the data for NLTK, and return a site at which the app's code finds it."""
        packages = read_packages(self.project)
        if not packages:
            return self.build_time
        self.build_time.reporter.heading("NLTK data")
        nltk = installed.version("nltk")
        if nltk is None:
            self.build_time.reporter.warning(
                f"{LIST} is not used",
                f"{LIST} names data for NLTK, but nltk is not installed. Add nltk to the app's dependencies, or "
                f"remove {LIST}.",
            )
            return self.build_time
        data = NltkData(packages, nltk, self.settings, self.context.layers, self.build_time, self.dependencies)
        data.provide()
        return replace(self.build_time, data=(data.restored,))
