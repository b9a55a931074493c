"""The steps between the packages and the processes, in Heroku's order: data, static files, bin/post_compile."""

from collections.abc import Mapping

from cnb.context import BuildContext
from cnb.records import record, replace
from python_buildpack.app.project import Project, scan
from python_buildpack.app_code.django_project import find_manage
from python_buildpack.app_code.environment import Site
from python_buildpack.app_code.hooks import POST_COMPILE, is_hook, run_post_compile
from python_buildpack.app_code.nltk_data import LIST, NltkData, read_packages
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.dependencies.layer import DISTRIBUTIONS, DependenciesLayer, installed_names
from python_buildpack.settings import Settings


@record
class Steps:
    """What the steps work with."""

    context: BuildContext
    settings: Settings
    project: Project
    cache: Cache
    site: Site
    dependencies: DependenciesLayer

    def run(self, facts: Mapping[str, str]) -> Project:
        """Run what the app asks for, and return its files as they are then. Raises BuildpackError.

        ``facts`` are those of the dependencies layer.
        """
        site = self._with_data(facts)
        manage = find_manage(self.project, installed_names(facts))
        if manage is not None or is_hook(self.project, POST_COMPILE):
            site.bytecode(self.dependencies)
        if manage is not None:
            from python_buildpack.app_code.collectstatic import StaticFiles  # noqa: PLC0415 - few apps have any

            StaticFiles(
                manage, self.settings, self.context.platform.bindings, self.cache, site, self.dependencies
            ).collect()
        if not is_hook(self.project, POST_COMPILE):
            return self.project
        run_post_compile(site, self.dependencies)
        return scan(self.context.app_dir)

    def _with_data(self, facts: Mapping[str, str]) -> Site:
        """Provide the data for NLTK, and return a site at which the app's code finds it."""
        packages = read_packages(self.project)
        if not packages:
            return self.site
        versions = dict(item.split("==", 1) for item in facts.get(DISTRIBUTIONS, "").split())
        self.site.reporter.heading("NLTK data")
        if "nltk" not in versions:
            self.site.reporter.warning(
                f"{LIST} is not used",
                f"{LIST} names data for NLTK, but nltk is not installed. Add nltk to the app's dependencies, or "
                f"remove {LIST}.",
            )
            return self.site
        data = NltkData(packages, versions["nltk"], self.settings, self.context.layers, self.site, self.dependencies)
        data.provide()
        return replace(self.site, data=(data.on_disk,))
