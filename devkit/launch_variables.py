"""The table of variables for servers in exec_d_helper.py, a program of its own: written from the registries."""

from collections.abc import Mapping

from devkit.written_blocks import with_block
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.server import ANY_HOST
from python_buildpack.decide.processes.servers import SERVERS

_HELPER = "src/python_buildpack/layers/runtime/exec_d_helper.py"


def written_helper() -> Mapping[str, str]:
    """Return the text of the program by its path in the checkout."""
    declared = (*(server.launch_variables for server in SERVERS), *(kind.launch_variables for kind in APP_KINDS))
    variables = {name: value for each in declared for name, value in each.items()}
    rows = ((name, "ANY_HOST" if value == ANY_HOST else f'"{value}"') for name, value in variables.items())
    lines = (f'    ("{name}", {value}),\n' for name, value in rows)
    return {_HELPER: with_block(_HELPER, "".join(["VARIABLES = (\n", *lines, ")\n"]))}
