"""What a user should know beside a decision."""

from cnb.frozen import frozen


@frozen
class Notice:
    """Something that works and may surprise, with what to do about it."""

    title: str
    text: str
