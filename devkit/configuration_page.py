"""The page of the settings, from their table."""

from collections.abc import Iterable

from python_buildpack.settings.declared import PROCESSES, RUN_ENV
from python_buildpack.settings.setting import OFF, ON, SWITCH, Setting
from python_buildpack.settings.table import PROCESS, SETTINGS

_IN_THE_APP = """\
None of this is needed in the usual case. Settings come from the platform's environment (`pack build --env NAME=VALUE`,
`[[io.buildpacks.build.env]]` in project.toml, or a platform's own way), or from the app itself: a table in its
pyproject.toml, which may have nothing else in it. The platform's environment goes first; the log and `explain` name
where each value is from.

```toml
[tool.terrarium]
python-version = "3.13"
groups = ["production"]
slim = true
install-timeout = 600

[tool.terrarium.processes]
web = "gunicorn shop.wsgi"
send-mail = "python -m shop.mail"

[tool.terrarium.run-env]
WEB_CONCURRENCY = "4"
```

- A switch is `true` or `false`, a number of seconds a number, a list a list of strings, and all else a string, or a
  date where one is meant. What is neither ends the build, with file, line and what is allowed; a key that is not known
  is named, with the one that it resembles. `_` may stand for `-`, and the whole name of the variable for the key.
- The file is that of the folder that is the app. If that is a member of a workspace, by `BP_PYTHON_SUBDIRECTORY`, its
  table has precedence over that of the workspace's root.
- An app may ask for more than its platform does, but cannot take back a protection, nor say what belongs to the
  place where it is built: those settings say "no" below, with the reason.
- `run-env` has variables of containers, which the platform that runs them may set otherwise.

The build's variables `BPE_*` do the same and more, as Paketo's buildpack for environment variables has them:
`BPE_DEFAULT_NAME=VALUE` is for containers whose platform does not set `NAME`, `BPE_NAME` (or `BPE_OVERRIDE_NAME`) for
all; `BPE_APPEND_NAME` and `BPE_PREPEND_NAME` lengthen it, with the text of `BPE_DELIM_NAME` between. Secrets do not
belong there, because everybody who has the image can read them.
"""


def configuration_page() -> str:
    """Return the page, without its title."""
    parts = [_IN_THE_APP]
    for title, phase in (("While building", "build"), ("While running", "launch")):
        rows = [_setting_row(setting) for setting in SETTINGS if setting.phase == phase]
        table = [
            "| variable | in `[tool.terrarium]` | meaning | values | without it | since |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
        parts.append(f"## {title}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def _setting_row(setting: Setting) -> str:
    names = ", ".join(f"`{name}`" for name in setting.names)
    row = (names, _key(setting), setting.meaning, _values(setting), setting.default, setting.since)
    return f"| {' | '.join(row)} |"


def _key(setting: Setting) -> str:
    """Return the key of the app's own file, or why it has none."""
    if setting.phase == "launch":
        return f"`{RUN_ENV}.{setting.name}`"
    if setting.platform_only:
        return f"no: {setting.platform_only}"
    key = f"`{PROCESSES}.TYPE`" if setting is PROCESS else f"`{setting.key}`"
    return f"{key}, unless the platform sets `{setting.yields_to}`" if setting.yields_to else key


def _values(setting: Setting) -> str:
    """Return the allowed values; of those of a switch the words that everybody writes, with the others after them."""
    if setting.values == SWITCH:
        return f"`true` ({', '.join(ON[1:])}) or `false` ({', '.join(OFF[1:])})"
    return _listed(setting.values) if setting.values else ""


def _listed(names: Iterable[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} or {last}"
