"""What the error for a failed step says about its reason."""

from cnb.frozen import frozen


@frozen
class Explanation:
    """What happened and what to do about it, each in one or two sentences."""

    what: str
    cure: str
    variables: tuple[str, ...] = ()
    """The variables that the build does not have, if that is the reason."""
    starts: bool = True
    """Whether an image that was built without the step could start: if not, the error does not offer to build one."""
