"""Commands that variables of the build give: BP_START_COMMAND, and BP_PYTHON_PROCESS_<TYPE>.

They have precedence over a Procfile, type by type: whoever builds an image may not be who wrote the app.
"""

from collections.abc import Mapping

from python_buildpack.decide.process_plan.procfile_text import WEB, Entry, ProcfileInvalid, fault_of
from python_buildpack.settings.table import PROCESS_PREFIX, START_COMMAND
from python_buildpack.settings.values import Settings


def given_commands(variables: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the processes that variables give, one for each type. Raises ProcfileInvalid.

    The type is the end of the variable's name in lower case, with ``-`` for ``_``: BP_PYTHON_PROCESS_SEND_MAIL is
    send-mail. BP_PYTHON_PROCESS_WEB has precedence over BP_START_COMMAND, which does not name its type.
    """
    found: dict[str, Entry] = {}
    start = Settings(variables).get(START_COMMAND)
    if start is not None:
        found[WEB] = Entry(WEB, start.text, variable=start.origin)
    for name in sorted(name for name in variables if name.startswith(PROCESS_PREFIX) and name != PROCESS_PREFIX):
        if command := variables[name].strip():
            kind = name.removeprefix(PROCESS_PREFIX).lower().replace("_", "-")
            found[kind] = Entry(kind, command, variable=name)
    faults = [f"{entry.variable} {fault}" for entry in found.values() if (fault := fault_of(entry.command))]
    if faults:
        raise ProcfileInvalid(f"{'; '.join(faults)}.", "Write one command, as in 'gunicorn app:app', or remove it.")
    return tuple(found.values())
