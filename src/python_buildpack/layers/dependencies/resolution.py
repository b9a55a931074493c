"""What is to be installed: what the manager resolves now, or what the previous build has resolved."""

from cnb.layers import Layers, Reuse
from python_buildpack.layers.dependencies.inputs import NAME, DependenciesInputs
from python_buildpack.package_managers.failures.errors import PackageIndexUnreachable
from python_buildpack.package_managers.interface import Resolution
from python_buildpack.settings.table import REFRESH


def resolve(inputs: DependenciesInputs, layers: Layers) -> Resolution:
    """Return what to install: by the manager, or as in the previous build if the user or the index leaves no other way.

    Raises BuildpackError.
    """
    recorded = _recorded_resolution(inputs, layers)
    refresh = inputs.context.settings.get(REFRESH)
    if recorded is not None and refresh is not None and refresh.text == "never":
        return recorded
    try:
        return inputs.manager.resolve(inputs.context)
    except PackageIndexUnreachable:
        if recorded is None:
            raise
        inputs.context.reporter.warning(
            "The package index cannot be reached",
            "What the app declares is unchanged, so the packages of the previous build are kept.",
        )
        return recorded


def _recorded_resolution(inputs: DependenciesInputs, layers: Layers) -> Resolution | None:
    """Return the previous build's resolution if all else is as it was, so that its layer can be kept."""
    recorded = layers.restored_key(NAME).get("resolution", "")
    is_same = isinstance(layers.decide(inputs.spec(recorded)), Reuse)
    return Resolution("", "the versions of the previous build are kept", recorded) if is_same else None
