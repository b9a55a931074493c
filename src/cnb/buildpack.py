"""What a buildpack is, and what it answers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from cnb.build_plan import BuildPlan
from cnb.context import BuildContext, DetectContext
from cnb.frozen import field, frozen

if TYPE_CHECKING:
    # Detect has no use for them, and is run for every app on a platform: a tenth of its time.
    from cnb.launch import Launch
    from cnb.sbom import Sbom


@frozen
class Pass:
    """The buildpack takes part in the build; with a plan, if it depends on others or others may depend on it."""

    plan: BuildPlan | None = None


@frozen
class Fail:
    """The buildpack has nothing to do for this app. Users see the reason when no buildpack passes."""

    reason: str


def _no_launch() -> "Launch":
    from cnb.launch import Launch  # noqa: PLC0415 - see the top

    return Launch()


@frozen
class BuildResult:
    """What the image is to be started with, besides the layers, which are on disk already."""

    launch: "Launch" = field(default_factory=_no_launch)
    store: Mapping[str, object] | None = None
    """What to remember for the next build; None keeps what was remembered."""
    unmet: tuple[str, ...] = ()
    """Requirements of the plan that the next provider is to meet."""
    launch_sboms: tuple["Sbom", ...] = ()
    """What is in the image and in no layer of its own."""
    build_sboms: tuple["Sbom", ...] = ()


class Buildpack(Protocol):
    """What ``cnb.runtime`` runs. Any object with these methods is one."""

    def detect(self, context: DetectContext, /) -> Pass | Fail:
        """Say whether the buildpack is for this app. The app directory must not be changed."""

    def build(self, context: BuildContext, /) -> BuildResult:
        """Make the layers and say how to start the image."""

    def on_error(self, error: Exception, /) -> None:
        """Tell the user about an error: a BuildpackError explains itself, anything else is a mistake in the code."""
