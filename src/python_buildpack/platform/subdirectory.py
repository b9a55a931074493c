"""The folder of the upload that is the app: all of it, or what BP_PYTHON_SUBDIRECTORY names.

A folder that is a member of a workspace needs the workspace's root to be installed: then the app is the whole upload,
and the member is chosen as by BP_PYTHON_PACKAGE.
"""

import posixpath
from collections.abc import Mapping
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.declared_settings import declared_settings
from python_buildpack.app.documents import PYPROJECT
from python_buildpack.app.named_folder import named_by_others
from python_buildpack.app.project import scan
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.settings.declared import Declared
from python_buildpack.settings.table import PACKAGE, SUBDIRECTORY
from python_buildpack.settings.values import Settings

_NAMED = 8


class SubdirectoryMissing(BuildpackError):
    """BP_PYTHON_SUBDIRECTORY names no folder of the upload."""

    code = "subdirectory-missing"
    title = "The folder that is the app does not exist"
    remedies = ("variable", "upload")


@frozen
class AppFolder:
    """Where the app is, and the variables with which it is built."""

    path: Path
    env: Mapping[str, str]
    member: str = ""
    """The folder of the workspace's member that is the app, relative to ``path``; empty if all of it is the app."""

    def declared(self, upload: Path) -> Declared:
        """Return what [tool.terrarium] of the app says; a member's has precedence over that of its workspace.

        Raises ProjectFileInvalid.
        """
        own = declared_settings(self.path, upload)
        return declared_settings(self.path, upload, self.member).over(own) if self.member else own


def app_folder(upload: Path, env: Mapping[str, str]) -> AppFolder:
    """Return the app's folder in the upload. Raises SubdirectoryMissing."""
    if Settings(env).get(SUBDIRECTORY) is None and (folder := named_by_others(upload, env)):
        env = {**env, SUBDIRECTORY.name: folder}
    value = Settings(env).get(SUBDIRECTORY)
    wanted = posixpath.normpath(value.text.strip("/")) if value else "."
    if value is None or wanted == ".":
        return AppFolder(upload, env)
    # A link must not lead out of the upload either.
    path = upload / wanted
    if not path.is_dir() or not path.resolve().is_relative_to(upload.resolve()):
        folders = sorted(entry.name for entry in upload.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        more = ", …" if len(folders) > _NAMED else ""
        raise SubdirectoryMissing(
            f"{value.origin} is {value.text}, but the app has no such folder. Its folders are "
            f"{', '.join(folders[:_NAMED]) or 'none'}{more}.",
            f"Correct {value.origin}: it is relative to the root of what is uploaded.",
        )
    is_root = (upload / PYPROJECT).is_file()
    if is_root and any(member.directory == wanted for member in own_projects(scan(upload)).members):
        # Without the setting: for all that reads it, it says that the upload is larger than the app.
        rest = {name: text for name, text in env.items() if name != SUBDIRECTORY.name}
        return AppFolder(upload, {PACKAGE.name: wanted, **rest}, member=wanted)
    return AppFolder(path, env)
