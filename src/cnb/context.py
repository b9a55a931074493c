"""The inputs of detect and build, from the environment or from the arguments that older platforms pass instead."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cnb.descriptor import Descriptor, read_descriptor
from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.platform import Platform, read_platform
from cnb.target import Target, read_target

if TYPE_CHECKING:
    from cnb.buildpack_plan import BuildpackPlan
    from cnb.layers import Layers


class ContextIncomplete(BuildpackError):
    """The buildpack was started without an input that the Buildpack API requires of the platform.

    It was run by hand, or by a platform that does not follow the API.
    """

    code = "context-incomplete"
    title = "The platform did not pass all that a buildpack needs"


@frozen
class Context:
    """The inputs of both phases."""

    buildpack_dir: Path
    descriptor: Descriptor
    platform: Platform
    target: Target
    exec_env: str
    """What the platform builds for: ``production``, ``test`` or ``development``."""
    app_dir: Path
    env: Mapping[str, str]
    """The process environment: the user's variables merged with those of the platform and of earlier buildpacks."""


@frozen
class DetectContext(Context):
    """The inputs of detect."""

    build_plan_path: Path


@frozen
class BuildContext(Context):
    """The inputs of build."""

    layers: "Layers"
    plan: "BuildpackPlan"
    store: Mapping[str, object]
    """The metadata of store.toml from the last build; empty without a previous image."""


def read_detect_context(env: Mapping[str, str], argv: Sequence[str], app_dir: Path) -> DetectContext:
    """Return the inputs of detect. ``argv`` holds the platform directory and the plan's path, or nothing.

    Raises ContextIncomplete, TomlUnreadable, DescriptorUnusable.
    """
    buildpack_dir = _buildpack_dir(env)
    # First: with another API, all other inputs may mean something else.
    descriptor = read_descriptor(buildpack_dir)
    return DetectContext(
        buildpack_dir=buildpack_dir,
        descriptor=descriptor,
        platform=read_platform(_path(env, "CNB_PLATFORM_DIR", argv, 0), env),
        target=read_target(env),
        exec_env=_exec_env(env),
        app_dir=app_dir,
        env=env,
        build_plan_path=_path(env, "CNB_BUILD_PLAN_PATH", argv, 1),
    )


def read_build_context(env: Mapping[str, str], argv: Sequence[str], app_dir: Path) -> BuildContext:
    """Return the inputs of build. ``argv`` holds the layers and platform directories and the plan's path, or nothing.

    Raises ContextIncomplete, TomlUnreadable, DescriptorUnusable.
    """
    # Not at the top: detect does not need them, and it runs for every app.
    from cnb.buildpack_plan import read_buildpack_plan  # noqa: PLC0415
    from cnb.layers import Layers  # noqa: PLC0415
    from cnb.store import read_store  # noqa: PLC0415

    buildpack_dir = _buildpack_dir(env)
    descriptor = read_descriptor(buildpack_dir)
    layers_dir = _path(env, "CNB_LAYERS_DIR", argv, 0)
    return BuildContext(
        buildpack_dir=buildpack_dir,
        descriptor=descriptor,
        platform=read_platform(_path(env, "CNB_PLATFORM_DIR", argv, 1), env),
        target=read_target(env),
        exec_env=_exec_env(env),
        app_dir=app_dir,
        env=env,
        layers=Layers(layers_dir),
        plan=read_buildpack_plan(_path(env, "CNB_BP_PLAN_PATH", argv, 2)),
        store=read_store(layers_dir),
    )


def _buildpack_dir(env: Mapping[str, str]) -> Path:
    return _path(env, "CNB_BUILDPACK_DIR", (), 0)


def _exec_env(env: Mapping[str, str]) -> str:
    # Lifecycles set it from Buildpack API 0.12 on. With an older API it is what the user gives as a variable.
    return env.get("CNB_EXEC_ENV") or "production"


def _path(env: Mapping[str, str], name: str, argv: Sequence[str], position: int) -> Path:
    value = env.get(name) or (argv[position] if position < len(argv) else "")
    if not value:
        raise ContextIncomplete(
            f"{name} is not set.",
            "Let a platform (pack, kpack or another with the CNB lifecycle) run the buildpack.",
        )
    # The working directory may change before the path is used.
    return Path(value).absolute()
