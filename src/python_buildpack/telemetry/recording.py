"""Records a build from the headings of its log and the states of its layers."""

from collections.abc import Callable, Iterator, Mapping
from typing import assert_never

from cnb.context import BuildContext
from cnb.errors import BuildpackError
from cnb.layers import Created, Layers, Rebuilt, Reused, State
from python_buildpack.layers.packages.split import PREFIX
from python_buildpack.layers.sizes import layer_sizes
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.tree_size import tree_size
from python_buildpack.telemetry.report import BuildReport, LayerReport, Outcome, Span

INTERNAL, INTERRUPTED = "internal-error", "interrupted"

Clock = Callable[[], float]
"""Returns seconds since 1970."""


class RecordingReporter:
    """Passes every call to another reporter, and records the times of the headings."""

    def __init__(self, reporter: Reporter, clock: Clock) -> None:
        self._reporter = reporter
        self._clock = clock
        self._began = clock()
        self._headings: list[tuple[str, float]] = []
        self._facts: dict[str, object] = {}

    def heading(self, text: str) -> None:
        """Record the start of a phase, which ends the previous one, and pass the heading on."""
        self._headings.append((text, self._clock()))
        self._reporter.heading(text)

    def line(self, text: str) -> None:
        """Pass on."""
        self._reporter.line(text)

    def output(self, text: str) -> None:
        """Pass on."""
        self._reporter.output(text)

    def warning(self, title: str, text: str) -> None:
        """Pass on."""
        self._reporter.warning(title, text)

    def detail(self, text: str) -> None:
        """Pass on."""
        self._reporter.detail(text)

    def fact(self, name: str, value: object) -> None:
        """Record a value."""
        self._facts[name] = value

    def report(self, context: BuildContext, error: BaseException | None) -> BuildReport:
        """Return the record of the build, which ends now, with the ``error`` that ended it, if any."""
        now = self._clock()
        # If a build ends before its first heading, there is one end too many.
        ends = [*(began for _, began in self._headings[1:]), now]
        return BuildReport(
            buildpack=context.descriptor.id,
            version=context.descriptor.version,
            total=Span("build", self._began, now),
            phases=tuple(Span(name, began, end) for (name, began), end in zip(self._headings, ends, strict=False)),
            layers=tuple(layer_reports(context.layers.provided, layer_sizes(context.layers, context.store).known)),
            attributes=_attributes(context.layers),
            error=None if error is None else _code(error),
            facts=self._facts,
        )


def _code(error: BaseException) -> str:
    if isinstance(error, BuildpackError):
        return error.code
    return INTERNAL if isinstance(error, Exception) else INTERRUPTED


def _attributes(layers: Layers) -> dict[str, str]:
    """Return the Python version and the package manager, from the keys of the provided layers."""
    wanted = (("python", "python", "version"), ("manager", "dependencies", "manager"))
    found = {name: layers.restored_key(layer).get(key) for name, layer, key in wanted if layer in layers.provided}
    return {name: value for name, value in found.items() if value is not None}


def layer_reports(provided: Mapping[str, State], sizes: Mapping[str, int]) -> Iterator[LayerReport]:
    """Yield the report of each layer, by name; ``sizes`` are those that the log has, of the layers of the image.

    Layers of single packages are numbered: their names say what the app consists of.
    """
    number = 0
    for name, state in sorted(provided.items()):
        if name.startswith(PREFIX):
            number += 1
        size = sizes.get(name)
        if size is None and state.path.exists():
            size = tree_size(state.path)
        yield LayerReport(f"{PREFIX}{number}" if name.startswith(PREFIX) else name, _outcome(state), size)


def _outcome(state: State) -> Outcome:
    match state:
        case Created():
            return "created"
        case Rebuilt():
            return "rebuilt"
        case Reused():
            return "reused"
        case other:
            assert_never(other)
