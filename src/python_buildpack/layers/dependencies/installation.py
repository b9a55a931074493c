"""Makes the virtual environment of an app: all steps from an empty directory to the content of the layer."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from cnb.frozen import frozen, replace
from cnb.trees import remove
from python_buildpack.installed.bytecode import compile_trees
from python_buildpack.installed.dist_info import read_dist_infos, site_packages
from python_buildpack.installed.file_kinds import decide_file_kinds
from python_buildpack.installed.installer_files import remove_installer_files
from python_buildpack.installed.kept_bytecode import KeptBytecode
from python_buildpack.installed.scrub_credentials import scrub_credentials
from python_buildpack.installed.slim import slim
from python_buildpack.installed.virtual_environment import create_environment, look_at_environment, put_back
from python_buildpack.layers.dependencies.app_inputs import AppInputs
from python_buildpack.layers.dependencies.check import inspect_environment
from python_buildpack.layers.dependencies.find_inputs import Upload, find_inputs, read_local_projects
from python_buildpack.layers.dependencies.from_wheels import (
    Before,
    QuietRunner,
    context_untouched,
    context_without_builds,
)
from python_buildpack.layers.dependencies.inputs import DependenciesInputs
from python_buildpack.layers.dependencies.install_wheels import WholePythonNeeded, install_wheels
from python_buildpack.layers.dependencies.older_python import OlderPythonNeeded
from python_buildpack.layers.dependencies.reads import ReadingRunner
from python_buildpack.layers.packages.reusable import ReusableGroup
from python_buildpack.layers.packages.split import HEAVY, Split
from python_buildpack.layers.packages.split_environment import EnvironmentSplit, Filled
from python_buildpack.layers.python import PythonLayer
from python_buildpack.package_managers.built_wheels import forget_local_builds, reusing_wheels
from python_buildpack.package_managers.failures.errors import (
    DependenciesNotInstalled,
    PackageBuildFailed,
    PackageNotForPython,
    WheelsFor,
)
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.kept_wheels import InstallWatch, KeptWheels
from python_buildpack.package_managers.source_builds import UNKNOWN, pins_of
from python_buildpack.tools.pinned import AskedTools

_WORTH_REPORTING = 100_000
"""Bytes: if less was left out, the log does not mention it."""


@frozen
class Installed:
    """The result of an installation."""

    packages: tuple[str, ...]
    """Names of the layers of heavy distributions."""
    read: AppInputs
    """What it read of the app."""
    own: tuple[str, ...]
    """Normalised names of the distributions that are projects of the app."""


@frozen
class Installation:
    """One installation. The interpreter must be on disk."""

    inputs: DependenciesInputs
    split: EnvironmentSplit
    python: PythonLayer
    watch: ReadingRunner
    """Runs the programs that install, and sees what they read of the app."""
    upload: Upload | None
    """What was uploaded, if the app is only a folder of it."""
    bytecode: KeptBytecode
    """The bytecode that earlier builds compiled."""
    code: InstallWatch
    """Sees whether code of packages runs."""
    wheels: KeptWheels | None
    """The wheels that earlier builds downloaded."""

    @classmethod
    def of(
        cls, inputs: DependenciesInputs, split: EnvironmentSplit, python: PythonLayer, bytecode: KeptBytecode
    ) -> "Installation":
        """Return an installation from the app as it is now, with an interpreter that is on disk."""
        root = inputs.context.project.root
        kept, scratch = inputs.context.kept_wheels, inputs.context.scratch
        fetched = inputs.context.fetched.earlier if inputs.context.fetched else None
        wheels = fetched or (KeptWheels(kept, scratch) if kept is not None else None)

        def keep() -> None:
            if wheels is not None:
                wheels.keep(_versions(inputs.venv), (), HEAVY)

        code = InstallWatch(inputs.context.runner, inputs.context.uv.executable(), keep)
        watch = ReadingRunner.of(root, code)
        upload = Upload.around(root, inputs.context.settings)
        return cls(inputs, split, python, watch, upload, bytecode, code, wheels)

    def run(self, resolution: Resolution, previous: str, is_rewritten: Callable[[str], bool]) -> Installed:
        """Install what is resolved; return how the environment is split, and what of the app decided it.

        ``previous`` is the identity of the environment of the previous build; ``is_rewritten`` says of a file of the
        app whether its content is another than when it was uploaded. Raises BuildpackError, and OlderPythonNeeded.
        """
        venv, context = self.inputs.venv, self.inputs.context
        before = Before.look(context)
        with reusing_wheels(context.built_wheels, venv, resolution.text, context.built_from_source):
            # Else it has them since before the interpreter was there.
            if context.fetched is None:
                self._restore_wheels()
            try:
                filled = self._made_of_wheels(before, resolution, previous)
            except (PackageBuildFailed, PackageNotForPython) as error:
                self._ask_for_older(error.wheels_for, before)
                raise
            self._keep_wheels(filled)
        site = site_packages(venv)
        local = read_local_projects(context.project.root, site, self.upload.root if self.upload else None)
        reads = self.watch.reads(is_rewritten)
        read = find_inputs(context.project, context.env, reads, local, self.inputs.declaration, self.upload)
        remove_installer_files(venv, site)
        scrub_credentials(venv, site)
        try:
            inspect_environment(context, venv, self.python.root, filled.libraries, self.inputs.older_pythons)
        except OlderPythonNeeded:
            if context.built_from_source:
                before.put_back()
            raise
        heavy = self.split.split(filled)
        compile_trees(self.python.executable, {**dict.fromkeys(heavy), venv / "lib": self.bytecode}, context.runner)
        identity = self.inputs.spec(resolution.digest, read).identity
        conditions = self.inputs.conditions(resolution.text)
        sources = pins_of(context.built_from_source, resolution.text)
        self.split.remember(filled, resolution.text, conditions, identity, sources)
        return Installed(filled.split.layers, read, local.names)

    def _ask_for_older(self, found: WheelsFor, before: Before) -> None:
        """Raise OlderPythonNeeded if an older Python that the app may have needs no build of what cannot be built.

        Its code ran, so what installers read is made again what it was ``before``.
        """
        for minor in self.inputs.older_pythons:
            if minor in found.minors:
                before.put_back()
                because = f"{found.package} has no wheel for a newer one, and cannot be built"
                raise OlderPythonNeeded(minor, because, self.inputs.context.since)

    def _made_of_wheels(self, before: Before, resolution: Resolution, previous: str) -> Filled:
        """Install everything; if that has built something, install it once more without builds: from_wheels.py."""
        context = self.inputs.context
        used: set[str] = set()
        tools = AskedTools(context.tools, lambda tool: used.add(tool.name))
        # Where a resolution has built something, code of packages ran already.
        given = context_untouched(context) if context.built_from_source else context
        first = replace(given, tools=tools, built_from_source=set(), built_directories=set())
        filled = self._with(first).fill_on_enough(resolution, previous)
        self.python.undo_changes("the installation of packages")
        context.built_from_source.update(first.built_from_source)
        if not first.built_from_source:
            return filled
        is_same = before.declares_the_same(first, used)
        if is_same:
            with context.fetched.kept() if context.fetched else nullcontext():
                again = context_without_builds(first, before, used)
                if again is not None:
                    self._restore_wheels()
            if again is not None:
                return self._without_builds(again, resolution, previous)
        if not used:
            # A package could have done that, so nothing that was installed beside it is kept.
            context.reporter.line("Not installed again from wheels, so no package is kept for later builds")
            context.built_from_source.add(UNKNOWN)
        return filled

    def _without_builds(self, context: InstallContext, resolution: Resolution, previous: str) -> Filled:
        """Install everything anew, where the programs that built it have ended."""
        if context.built_wheels is not None:
            context.built_wheels.restore(resolution.text, is_said=False)
        self.inputs.context.reporter.line(
            "Installed again, from wheels only, because code of packages ran while they were built"
        )
        remove(self.inputs.venv)
        quiet = QuietRunner(self.watch.runner, context.reporter)
        again = replace(self._with(context), watch=replace(self.watch, runner=quiet, is_marking=False))
        filled = again.fill(resolution, previous, forget=False)
        self.python.undo_changes("the installation of packages")
        if built := {*context.built_from_source, *context.built_directories}:
            self.inputs.context.built_from_source.update(context.built_from_source)
            context.reporter.line(f"Built once more during that, so code of packages ran: {', '.join(sorted(built))}")
        return filled

    def _restore_wheels(self) -> None:
        """Give the installer the wheels of earlier builds; what it had until now may be the work of packages' code."""
        self.code.ran.clear()
        self.code.clean.clear()
        if self.wheels is not None:
            self.wheels.restore()

    def _keep_wheels(self, filled: Filled) -> None:
        """Keep the wheels for the next build, unless code of packages could have changed them."""
        if self.wheels is not None and not self.code.ran:
            heavy = {member.name for group in filled.split.groups for member in group.members}
            self.wheels.keep(_versions(self.inputs.venv), heavy)

    def _with(self, context: InstallContext) -> "Installation":
        return replace(self, inputs=replace(self.inputs, context=context))

    def fill_on_enough(self, resolution: Resolution, previous: str) -> Filled:
        """Install everything, on an interpreter that is good enough for it."""
        try:
            return self.fill(resolution, previous)
        except WholePythonNeeded:
            self.python.complete()
            remove(self.inputs.venv)
            return self.fill(resolution, previous)

    def fill(self, resolution: Resolution, previous: str, *, forget: bool = True) -> Filled:
        """Install everything, if possible without the heavy packages that the previous image has already."""
        if self.inputs.is_incremental:
            kept = self.split.recall(previous, resolution.text, self.inputs.conditions(resolution.text))
            if kept and (filled := self._fill_around(kept, resolution, forget)) is not None:
                return filled
        self._create()
        self._install(resolution, forget=forget)
        return (self.split.look(()) if self.inputs.is_split else None) or Filled(Split())

    def _fill_around(self, kept: tuple[ReusableGroup, ...], resolution: Resolution, forget: bool) -> Filled | None:
        """Install all but what is kept.

        None, with the environment removed, if the result is not what an installation of everything would have given.
        """
        self._create()
        self.split.place(kept)
        try:
            self._install(resolution, forget=forget)
        except (PackageBuildFailed, DependenciesNotInstalled):
            filled = None
        else:
            filled = self.split.look(kept)
        if filled is None:
            self.inputs.context.reporter.line(
                "The packages of the previous build do not fit, so all are installed anew"
            )
            remove(self.inputs.venv)
        return filled

    def _create(self) -> None:
        create_environment(
            self.python.executable, self.inputs.venv, self.inputs.context.env, self.inputs.context.runner
        )

    def _install(self, resolution: Resolution, *, forget: bool) -> None:
        venv, context = self.inputs.venv, self.inputs.context
        if forget:
            forget_local_builds(context.scratch)
        watched = replace(context, runner=self.watch, tools=context.tools.with_runner(self.watch))
        before = look_at_environment(venv)
        if self.python.is_whole:
            self.inputs.manager.install(watched, resolution, venv)
        else:
            install_wheels(self.inputs.manager, watched, resolution, venv)
        if replaced := put_back(venv, before):
            context.reporter.line(f"Put back, because a package brings another one: {', '.join(replaced)}")
        saved = slim(venv, site_packages(venv), decide_file_kinds(context.settings))
        if saved.size >= _WORTH_REPORTING:
            context.reporter.line(f"Left out of the packages: {saved}")


def _versions(venv: Path) -> dict[str, str]:
    """Return the versions of what is installed, by normalised name."""
    return {str(info.name): info.version for info in read_dist_infos(site_packages(venv))}
