"""What to install: what the package manager resolves now, or what it resolved in the previous build."""

from cnb.layers import Layers, Reuse
from python_buildpack.layers.dependencies.app_inputs import AppInputs
from python_buildpack.layers.dependencies.inputs import NAME, DependenciesInputs
from python_buildpack.package_managers.failures.errors import PackageIndexUnreachable
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.package_managers.policy import check_hashes
from python_buildpack.settings.table import REFRESH, REQUIRE_HASHES


def resolve(inputs: DependenciesInputs, layers: Layers, read: AppInputs) -> Resolution:
    """Return what to install; ``read`` is what the previous installation read of the app, as it is now.

    The manager resolves it, unless the user asks for the previous versions or the index cannot be reached. Raises
    BuildpackError.
    """
    recorded = _recorded_resolution(inputs, layers, read)
    refresh = inputs.context.settings.get(REFRESH)
    settings = inputs.context.settings
    is_kept = refresh is not None and refresh.text.lower() == "never"
    # The previous build may not have required hashes.
    if recorded is not None and is_kept and not settings.is_on(REQUIRE_HASHES, default=False):
        return recorded
    try:
        resolution = inputs.manager.resolve(inputs.context)
    except PackageIndexUnreachable:
        if recorded is None:
            raise
        inputs.context.reporter.warning(
            "The package index cannot be reached",
            "What the app declares is unchanged, so the packages of the previous build are kept.",
        )
        return recorded
    check_hashes(settings, resolution, inputs.manager.find(inputs.context.project) or inputs.manager.name)
    return resolution


def _recorded_resolution(inputs: DependenciesInputs, layers: Layers, read: AppInputs) -> Resolution | None:
    """Return the previous build's resolution if nothing else changed, so that its layer can be reused."""
    recorded = layers.restored_key(NAME).get("resolution", "")
    is_same = isinstance(layers.decide(inputs.spec(recorded, read)), Reuse)
    return Resolution("", "the versions of the previous build are kept", recorded) if is_same else None
