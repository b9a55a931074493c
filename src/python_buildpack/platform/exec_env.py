"""What an image is built for: the execution environments of Buildpack API 0.12, by which the installation differs.

From that API on, the lifecycle sets CNB_EXEC_ENV to what the platform asks for (``pack build --exec-env test``). With
the API of older lifecycles nobody sets it, and a user can give it as a variable of the build.
"""

from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.app.project import scan
from python_buildpack.app.upload import upload_around
from python_buildpack.decide.exec_env import PRODUCTION, chosen_for, exec_env
from python_buildpack.settings.values import Settings


def with_development_choices(app: Path, settings: Settings) -> tuple[Settings, str]:
    """Return the settings with what the build's environment adds, and a line for the log; "" if it adds nothing.

    The groups, extras and requirements files of developers are added as if settings named them. A file that cannot be
    read adds nothing: where it is used, the error says so.
    """
    if exec_env(settings) == PRODUCTION:
        return settings, ""
    try:
        added = chosen_for(scan(app, upload_around(app, settings)), settings)
    except BuildpackError:
        return settings, ""
    listed = "; ".join(f"{name}={value}" for name, value in added.items()) or "nothing more is installed"
    line = f"CNB_EXEC_ENV is {exec_env(settings)}: {listed}"
    return replace(settings, env={**settings.env, **added}), line
