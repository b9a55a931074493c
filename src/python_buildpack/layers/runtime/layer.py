"""The ``runtime`` layer: the environment of the processes, and the exec.d program that adapts it to the machine."""

from pathlib import Path

from cnb.exec_d import Program
from cnb.frozen import frozen
from cnb.layer_env import ForProcess, LayerEnv, Scope
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes, State
from python_buildpack.decide.processes.interface import ProcessPlan
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.layers.info import LayerInfo
from python_buildpack.layers.runtime.launch_environment import helper_program, profile_program
from python_buildpack.settings.run_time import RunTimeVariable
from python_buildpack.support.digests import digest

NAME = "runtime"

INFO = LayerInfo(
    NAME,
    "launch",
    "the exec.d program that adapts servers to the machine, and defaults for the environment of processes",
    "other processes or variables",
)

DEFAULTS = {
    # Run images set no locale; without one, tools other than Python use ASCII.
    "LANG": "C.UTF-8",
    # Log lines appear at once instead of in blocks of 8 KB; a crash in C code prints a traceback.
    "PYTHONUNBUFFERED": "1",
    "PYTHONFAULTHANDLER": "1",
}
"""Values that the user may override at launch."""


@frozen
class RuntimeKey:
    """All that decides the content of the layer."""

    content: str = labelled("the launch environment")


def provide_runtime(
    layers: Layers,
    interpreter: Path,
    plan: ProcessPlan,
    app: Path,
    installed: InstalledDistributions,
    *,
    venv: Path,
    has_profile: bool,
    variables: tuple[RunTimeVariable, ...] = (),
) -> State:
    """Write the launch environment and the exec.d helper, which runs on the app's own interpreter.

    The helper must not need a shell or anything else of the run image (CNB spec, "exec.d"). ``app`` is the app's
    directory and ``venv`` its virtual environment; ``has_profile`` says whether the app has a .profile, which a second
    program then sources. ``variables`` are what the build's settings say of the containers' variables.
    """
    programs: dict[str, Program] = {"web-defaults": helper_program(str(interpreter))}
    if has_profile:
        # It sorts before web-defaults, which then sees the variables that .profile has set.
        programs["profile"] = profile_program(str(interpreter))
    env = LayerEnv()
    # As in an activated environment, and in the hooks: tools such as uv and pip then find it.
    own = {"VIRTUAL_ENV": str(venv), **_server_defaults(installed)}
    given = {one.name: one.value for one in variables if one.kind == "DEFAULT"}
    for name, value in {**DEFAULTS, **own, **given}.items():
        env = env.default(name, value, scope=Scope.LAUNCH)
    for process in plan.processes:
        for name, value in process.environment:
            env = env.default(name, value, scope=ForProcess(process.type))
        if process.import_root:
            root = str(app / process.import_root)
            env = env.prepend("PYTHONPATH", root, delimiter=":", scope=ForProcess(process.type))
    key = RuntimeKey(digest("".join(map(str, programs.values())) + repr(env)))
    content = LayerContent(env=env, exec_d=programs)
    return layers.provide(LayerSpec(NAME, LayerTypes(launch=True), key), lambda _: content)


def _server_defaults(installed: InstalledDistributions) -> dict[str, str]:
    """Return what the rows of the servers say of the image's variables, whether or not a server is installed."""
    found: dict[str, str] = {}
    for server in SERVERS:
        version = next((installed.version(name) for name in sorted(server.distributions)), None)
        found.update(server.defaults(version))
    return found
