"""Commands that settings give: BP_START_COMMAND and BP_PYTHON_PROCESS_<TYPE>, or the same in [tool.terrarium].

They have precedence over a Procfile, type by type: whoever builds an image may not be who wrote the app.
"""

from python_buildpack.decide.process_plan.procfile_text import Entry, ProcfileInvalid, fault_of
from python_buildpack.settings.values import Settings


def given_commands(settings: Settings) -> tuple[Entry, ...]:
    """Return the processes that settings give, one for each type. Raises ProcfileInvalid."""
    found = [Entry(kind, value.text, variable=value.origin) for kind, value in settings.commands().items()]
    faults = [f"{entry.variable} {fault}" for entry in found if (fault := fault_of(entry.command))]
    if faults:
        raise ProcfileInvalid(f"{'; '.join(faults)}.", "Write one command, as in 'gunicorn app:app', or remove it.")
    return tuple(found)
