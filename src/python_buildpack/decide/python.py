"""Decides the Python version of the app, with notices about it. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from packaging.specifiers import SpecifierSet

from cnb.errors import BuildpackError
from cnb.frozen import field, frozen, replace
from python_buildpack.app.project import Project
from python_buildpack.decide.pins.answer import Answer, Inferred, overruled
from python_buildpack.decide.recipe import Origin, PythonChoice
from python_buildpack.decide.version_sources.interface import Declaration
from python_buildpack.decide.version_sources.registry import VERSION_SOURCES
from python_buildpack.interpreters.end_of_life import end_of_life, is_end_of_life
from python_buildpack.interpreters.inventory import Interpreter, Inventory
from python_buildpack.interpreters.request import Exact, Minor, Range, VersionRequest, is_wanted, parse_version_request
from python_buildpack.interpreters.resolve import resolve
from python_buildpack.package_managers.interface import Manager
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings

_SOON = timedelta(days=180)
"""How long before the end of security fixes it is said."""
_ANY = Range(SpecifierSet())
PREVIOUS_MINOR = "python-minor"
"""Key in store.toml: the minor version of the previous image."""


Infer = Callable[[Project, Manager, Interpreter, tuple[str, ...]], Answer]
"""Finds out from the pins of an app, which its manager reads, whether they support the chosen interpreter, or one of
the alternatives, which are older minor versions."""


def _infer_nothing(
    project: Project, manager: Manager, interpreter: Interpreter, alternatives: tuple[str, ...]
) -> Answer:
    del project, manager, interpreter, alternatives
    return Answer()


@frozen
class DecisionInputs:
    """All that a decision depends on, besides the app and its settings."""

    arch: str
    """The target's architecture, as the CNB specification names it."""
    inventory: Inventory
    today: date
    previous: Mapping[str, object] = field(default_factory=dict)
    """What the previous build stored in store.toml."""
    infer: Infer = _infer_nothing
    """Called if the app names no Python version, or a range."""

    def on_older(self, pins: Answer, needed: Inferred) -> "DecisionInputs":
        """Return the inputs with which an older Python is taken than these, or than ``pins``, say."""
        answer = overruled(pins, needed)
        previous = {key: value for key, value in self.previous.items() if key != PREVIOUS_MINOR}
        return replace(self, previous=previous, infer=lambda *_: answer)


@frozen
class Asked:
    """The declarations of the version sources: the one that counts, and the others."""

    winner: Declaration | None
    others: tuple[Declaration, ...]
    notices: tuple[Notice, ...]


@frozen
class DecidedPython:
    """The interpreter with the reason, what the pins say about it, and notices."""

    choice: PythonChoice
    answer: Answer
    notices: tuple[Notice, ...]


def decide_python(project: Project, settings: Settings, inputs: DecisionInputs, manager: Manager) -> DecidedPython:
    """Return the interpreter for the app; ``manager`` reads the app's pins. Raises BuildpackErrors."""
    asked = _ask_version_sources(project, settings)
    choice, answer = _choose(asked.winner, inputs, None), Answer()
    if choice.alternatives:
        answer = inputs.infer(project, manager, choice.interpreter, choice.alternatives)
    if answer.inferred is not None:
        choice = _choose(asked.winner, inputs, answer.inferred)
    wanted = asked.winner.request.wanted if asked.winner else _ANY
    choice = replace(choice, alternatives=_older_minors(wanted, choice.interpreter, inputs))
    age = _notice_age(choice.interpreter, asked.winner, inputs)
    return DecidedPython(choice, answer, (*asked.notices, *_notice_contradictions(asked, choice), *age))


def _ask_version_sources(project: Project, settings: Settings) -> Asked:
    found: list[Declaration] = []
    notices: list[Notice] = []
    for source in VERSION_SOURCES:
        try:
            declaration = source.read(project, settings)
        except BuildpackError as error:
            if not found:
                raise
            notices.append(Notice("A Python version that is not used cannot be read", f"{error.what}"))
            continue
        if declaration is not None:
            found.append(declaration)
    if not found:
        return Asked(None, (), tuple(notices))
    notices += [Notice("More than one version", text) for text in found[0].notices]
    return Asked(found[0], tuple(found[1:]), tuple(notices))


def _choose(winner: Declaration | None, inputs: DecisionInputs, inferred: Inferred | None) -> PythonChoice:
    if winner is not None:
        return _of_declared(winner, inputs, inferred)
    default = inputs.inventory.default
    minor = _previous_minor(inputs)
    if minor is not None and minor != default:
        reason = f"the previous build used {minor} and the app names no version; new apps get {default}"
        return _of_minor(minor, "the previous build", reason, "previous", inputs)
    if inferred is not None:
        reason = f"the app names no version, and {inferred.because}; .python-version would override this"
        return _of_minor(inferred.minor, "the app's pins", reason, "inferred", inputs)
    reason = "the app names no version and this is the default; .python-version would pin it"
    if minor is not None:
        return _of_minor(default, "the default", reason, "previous", inputs)
    choice = _of_minor(default, "the default", reason, "default", inputs)
    return replace(choice, alternatives=_older_minors(_ANY, choice.interpreter, inputs))


def _of_declared(winner: Declaration, inputs: DecisionInputs, inferred: Inferred | None) -> PythonChoice:
    request = winner.request
    reason = f"{winner.origin} asks for {request.text}"
    if isinstance(request.wanted, Range) and inferred is not None:
        within = replace(request, wanted=request.wanted.within(inferred.minor))
        interpreter = resolve(within, inputs.inventory, inputs.arch)
        reason += f", and {inferred.because}; a single version there would override this"
        return PythonChoice(interpreter, reason, "inferred")
    interpreter = resolve(request, inputs.inventory, inputs.arch)
    reason += _which_of_range(request, interpreter, inputs)
    return PythonChoice(interpreter, reason, "declared", _older_minors(request.wanted, interpreter, inputs))


def _older_minors(wanted: Exact | Minor | Range, chosen: Interpreter, inputs: DecisionInputs) -> tuple[str, ...]:
    """Return the minor versions older than the chosen one that a range allows, the newest first."""
    if not isinstance(wanted, Range):
        return ()
    allowed = {
        found.version.release[:2]
        for found in inputs.inventory.interpreters
        if (found.arch, found.variant) == (chosen.arch, chosen.variant) and is_wanted(wanted, found.version)
    }
    older = sorted((pair for pair in allowed if pair < chosen.version.release[:2]), reverse=True)
    return tuple(".".join(map(str, pair)) for pair in older)


def _previous_minor(inputs: DecisionInputs) -> str | None:
    """Return the minor version of the previous image, unless it is no longer available: then the default is used."""
    minor = inputs.previous.get(PREVIOUS_MINOR)
    there = (found.minor for found in inputs.inventory.interpreters if found.arch == inputs.arch)
    return minor if isinstance(minor, str) and minor in there else None


def _of_minor(minor: str, place: str, reason: str, origin: Origin, inputs: DecisionInputs) -> PythonChoice:
    request = parse_version_request(minor, place)
    return PythonChoice(resolve(request, inputs.inventory, inputs.arch), reason, origin)


def _which_of_range(request: VersionRequest, interpreter: Interpreter, inputs: DecisionInputs) -> str:
    """Return the reason for this version, if a range allows several."""
    if not isinstance(request.wanted, Range):
        return ""
    if interpreter.minor == inputs.inventory.default:
        return f", and {interpreter.minor} is the default"
    of_these = " and this package includes" if interpreter in inputs.inventory.included else ""
    return f", and {interpreter.minor} is the newest that it allows{of_these}"


def _notice_contradictions(asked: Asked, choice: PythonChoice) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            "Two places disagree about the Python version",
            f"{other.origin} asks for {other.request.text}, which {choice.interpreter.version} is not. "
            f"{choice.because.partition(' asks')[0]} has precedence; make the two agree.",
        )
        for other in asked.others
        if not other.request.allows(choice.interpreter) and not _repeats(other, asked.others)
    )


def _repeats(declaration: Declaration, others: tuple[Declaration, ...]) -> bool:
    """Say whether a tool copied it from another one of these, which is the one to change."""
    request = declaration.request
    return request.copied is not None and any(
        other.request.copied is None and other.request.text == request.text for other in others
    )


def _notice_age(interpreter: Interpreter, winner: Declaration | None, inputs: DecisionInputs) -> tuple[Notice, ...]:
    """Return a notice if the minor version no longer gets fixes, or if the pinned patch release is not the newest."""
    minor, version = interpreter.minor, interpreter.version
    if is_end_of_life(minor, inputs.today):
        last = end_of_life(minor)
        since = f" since {last.isoformat()}" if last else ""
        return (
            Notice(
                f"Python {minor} no longer gets security fixes",
                f"It has had none{since}. Move the app to {inputs.inventory.default} when you can.",
            ),
        )
    last = end_of_life(minor)
    if last is not None and last - inputs.today <= _SOON:
        return (
            Notice(
                f"Python {minor} gets security fixes until {last.isoformat()} only",
                f"Move the app to {inputs.inventory.default} before.",
            ),
        )
    newest = resolve(
        VersionRequest(minor, "", Minor(*version.release[:2]), interpreter.variant),
        inputs.inventory,
        interpreter.arch,
    )
    if winner is None or newest.version <= version or winner.request.allows(newest):
        return ()
    does, write = "pins it", minor
    if not isinstance(winner.request.wanted, Exact):
        from python_buildpack.interpreters.rewrite import with_all_patches  # noqa: PLC0415 - for few builds

        wider = with_all_patches(winner.request.text)
        is_changed = wider != winner.request.text
        does = "allows no newer one"
        does += f", because in {winner.request.text} the version {minor} means {minor}.0 alone" if is_changed else ""
        write = wider if is_changed else f"=={minor}.*"
    return (
        Notice(
            f"Python {version} is not the newest {minor}",
            f"{winner.origin} {does}; {newest.version} has the fixes since. Write {write} to always get the newest.",
        ),
    )
