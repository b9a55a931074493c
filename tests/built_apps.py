"""What contract tests ask of a build's result."""

from pathlib import Path

from devkit.lifecycle.results import Built, Failed, Outcome


def built(result: Built | Failed) -> Built:
    """Return the result of a build that must succeed."""
    assert isinstance(result, Built), result.log
    return result


def one_line(log: str) -> str:
    """Return a log without its line ends: what the reporter wraps is found as it was said."""
    return " ".join(log.split())


def failed(result: Built | Failed) -> str:
    """Return the log of a build that must fail, on one line."""
    assert isinstance(result, Failed), result.log
    return one_line(result.log)


def digests(result: Built) -> dict[str, str]:
    """Return the layers of the image with their digests."""
    return {layer.name: layer.digest for layer in result.layers if layer.types.launch}


def cached_digests(result: Built) -> dict[str, str]:
    """Return the layers of the cache with their digests."""
    return {layer.name: layer.digest for layer in result.layers if layer.types.cache}


def outcomes(result: Built) -> dict[str, str]:
    """Return what became of each layer of the image: added, reused, or reused by reference."""
    return {
        layer.name: "by reference" if layer.by_reference else str(layer.outcome)
        for layer in result.layers
        if layer.outcome is not Outcome.CACHED
    }


def open_to_others(tmp_path: Path) -> None:
    """Let other users pass through to ``tmp_path``: pytest keeps it to itself, and the app runs as somebody else."""
    for directory in (tmp_path, *tmp_path.parents):
        if not directory.stat().st_mode & 0o001:
            directory.chmod(0o711)
