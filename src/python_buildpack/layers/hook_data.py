"""The ``hook_data`` layer: what bin/post_compile caches outside of the app, such as the browsers of Playwright.

Programs that follow the XDG Base Directory Specification keep what they download in ``XDG_CACHE_HOME``. For the hook
that is a directory of this layer, and for the processes too. The hook runs in every build, so every build makes the
layer; if its content is the same, the image keeps the one that it has.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from cnb.frozen import frozen
from cnb.layer_env import LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from cnb.trees import make_directory, remove
from python_buildpack.layers.info import LayerInfo
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.group_access import open_to_group

NAME = "hook_data"
VARIABLE = "XDG_CACHE_HOME"

INFO = LayerInfo(
    NAME,
    "launch",
    f"what `bin/post_compile` downloads into the user's cache directory, which `{VARIABLE}` names; absent if there is "
    "nothing",
    "every run of the hook",
)


@frozen
class HookDataKey:
    """Only the layout: the content is what the hook makes in each build."""

    layout: str = labelled("the layout of the hook's data", default="1")


def with_hook_data(
    layers: Layers, env: Mapping[str, str], reporter: Reporter, run: Callable[[Mapping[str, str]], None]
) -> None:
    """Call ``run``, which runs the hook, with the variables for its cache; keep what it puts there, if anything.

    A user who sets the variable has chosen a directory. Raises what ``run`` raises.
    """
    layers.forget(NAME)
    if env.get(VARIABLE):
        run({})
        return
    spec = LayerSpec(NAME, LayerTypes(launch=True), HookDataKey())

    def contribute(path: Path) -> LayerContent:
        cache = path / "cache"
        cache.mkdir()
        run({VARIABLE: str(cache)})
        if cache.is_symlink() or not cache.is_dir():
            # The hook cleaned up after itself: rm -rf "$XDG_CACHE_HOME".
            remove(cache)
            make_directory(cache)
        # The processes' user shares only the group, and programs lock and refresh what is in their cache.
        open_to_group(path, ["cache", *(str(entry.relative_to(path)) for entry in sorted(cache.rglob("*")))])
        return LayerContent(env=LayerEnv().default(VARIABLE, str(cache), scope=Scope.LAUNCH))

    layers.provide(spec, contribute)
    kept = sorted(entry.name for entry in (layers.path(NAME) / "cache").iterdir())
    if kept:
        reporter.line(f"Kept for the image, in {VARIABLE}: {', '.join(kept)}")
    else:
        layers.forget(NAME)
