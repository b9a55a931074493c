"""The ``variables`` layer: changes of containers' variables that the build was given (BPE_*).

It is apart from the ``runtime`` layer because the lifecycle applies the files of one layer in the order of their names
(append, default, override, prepend): beside a default of ours, what is appended would replace it. Layers are
applied in the order of their names (Buildpack spec, "Environment"), and this one comes after that.
"""

from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from python_buildpack.layers.info import LayerInfo
from python_buildpack.settings.run_time import RunTimeVariable
from python_buildpack.support.digests import digest

NAME = "variables"

INFO = LayerInfo(
    NAME,
    "launch",
    "changes of the containers' variables that `BPE_*` ask for, except defaults; absent without them",
    "other values of `BPE_*`",
)


@frozen
class VariablesKey:
    """All that decides the content of the layer."""

    content: str = labelled("the variables of containers")


def provide_variables(layers: Layers, variables: tuple[RunTimeVariable, ...]) -> None:
    """Write the layer, if there is anything for it."""
    env = LayerEnv()
    for one in variables:
        match one.kind:
            case "OVERRIDE":
                env = env.override(one.name, one.value, scope=Scope.LAUNCH)
            case "APPEND":
                env = env.append(one.name, one.value, delimiter=one.delimiter, scope=Scope.LAUNCH)
            case "PREPEND":
                env = env.prepend(one.name, one.value, delimiter=one.delimiter, scope=Scope.LAUNCH)
            case "DEFAULT":
                # It takes the place of a default of the runtime layer.
                pass
    if env.changes:
        key = VariablesKey(digest(repr(env)))
        layers.provide(LayerSpec(NAME, LayerTypes(launch=True), key), lambda _: LayerContent(env=env))
