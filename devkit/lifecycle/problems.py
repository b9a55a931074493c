"""What can go wrong in the local lifecycle, apart from a build or a detection that ends badly (those are results)."""


class LifecycleError(Exception):
    """Anything that stops the local lifecycle; its text says what happened."""


class Violation(LifecycleError):
    """A buildpack broke the Buildpack API; the text names the file and the rule."""


class RequestInvalid(LifecycleError):
    """What was asked cannot be done: no such app, an app that contains the state directory, an unknown buildpack."""


class StateBusy(LifecycleError):
    """Another build or a launched process is using the same state directory."""


class StateUnreadable(LifecycleError):
    """The state directory holds records that this version did not write; removing the directory helps."""


class LaunchFailed(LifecycleError):
    """The launcher could not start the process; in a container it would have ended with ``status``."""

    def __init__(self, what: str, status: int = 82) -> None:
        super().__init__(what)
        self.status = status
