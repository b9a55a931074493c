"""The interface of a buildpack, and the results of its detect and build."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from cnb.build_plan import BuildPlan
from cnb.context import BuildContext, DetectContext
from cnb.frozen import field, frozen

if TYPE_CHECKING:
    # Detect does not need them. It runs for every app, and importing them would take a tenth of its time.
    from cnb.launch import Launch
    from cnb.sbom import Sbom


@frozen
class Pass:
    """The buildpack takes part in the build. The plan is needed only if buildpacks depend on each other."""

    plan: BuildPlan | None = None


@frozen
class Fail:
    """The buildpack does not fit this app. Users see the reason when no buildpack passes."""

    reason: str


def _no_launch() -> "Launch":
    from cnb.launch import Launch  # noqa: PLC0415 - detect does not need it

    return Launch()


@frozen
class BuildResult:
    """The result of a build, without its layers, which are on disk already."""

    launch: "Launch" = field(default_factory=_no_launch)
    store: Mapping[str, object] | None = None
    """The metadata of store.toml for the next build; None leaves store.toml as it is."""
    unmet: tuple[str, ...] = ()
    """Names of requirements in the plan that the next buildpack that provides them must meet."""
    launch_sboms: tuple["Sbom", ...] = ()
    """Bills of materials for what is in the image, but in none of this buildpack's layers."""
    build_sboms: tuple["Sbom", ...] = ()


class Buildpack(Protocol):
    """What ``cnb.runtime`` runs: any object with these methods."""

    def detect(self, context: DetectContext, /) -> Pass | Fail:
        """Return whether the buildpack fits this app. The app directory must not be changed."""

    def build(self, context: BuildContext, /) -> BuildResult:
        """Write the layers, and return how the image is started."""

    def on_error(self, error: Exception, /) -> None:
        """Report an error to the user. An error that is no BuildpackError is a bug in the buildpack."""
