"""The execution environments of an image (Buildpack API 0.12): production, test and development. Pure."""

from python_buildpack.app.project import Project
from python_buildpack.decide.manager import choose_manager
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.settings.table import EXTRAS, GROUPS, REQUIREMENT
from python_buildpack.settings.values import Settings

VARIABLE = "CNB_EXEC_ENV"
PRODUCTION, TEST, DEVELOPMENT = "production", "test", "development"


def exec_env(settings: Settings) -> str:
    """Return the environment that the image is for; one that is not known here counts as production."""
    wanted = settings.env.get(VARIABLE, "").strip()
    return wanted if wanted in {TEST, DEVELOPMENT} else PRODUCTION


def chosen_for(project: Project, settings: Settings) -> dict[str, str]:
    """Return the settings that install what the app declares for developers, besides what the user has set.

    A choice of the user is complete: nothing is added to it. Raises what choose_manager() raises.
    """
    manager, _ = choose_manager(project, settings)
    wanted = manager_named(manager.name, settings).for_developers(project)
    listed = ((GROUPS, wanted.groups), (EXTRAS, wanted.extras), (REQUIREMENT, wanted.files))
    return {setting.name: " ".join(names) for setting, names in listed if names and settings.get(setting) is None}
