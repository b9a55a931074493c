"""Ends a build's work on the layers directory: what is there afterwards is what the buildpack itself has written.

The programs that a build runs can write anywhere in the layers directory, and the lifecycle exports what it finds
there: a record changes what the next build reuses, and a directory replaces a layer of the previous image.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.files import write_file
from cnb.frozen import frozen
from cnb.layer_frame import Bills, Frame, has_content, look_at_bills, put_back
from cnb.trees import remove

_OTHER_DOCUMENTS = frozenset({"build", "launch", "store"})
"""What the runtime writes after this."""


class LayerReplaced(BuildpackError):
    """A program that ran in the build replaced the directory of a layer by a link or a file, or removed it."""

    code = "layer-replaced"
    title = "A program of the build replaced a layer"


@frozen
class WrittenRecord:
    """What the buildpack wrote about one layer."""

    content: bytes
    """The content of its ``<layer>.toml``."""
    is_on_disk: bool
    """Whether the layer's directory is to be exported; if not, the previous image's is used."""
    is_in_image: bool
    frame: Frame | None = None
    """What the layer consists of besides its content; None if this build did not make it or find it on disk."""


def seal(root: Path, written: Mapping[str, WrittenRecord], restored: Collection[str], bills: Bills) -> tuple[str, ...]:
    """Write again each record and bill that was changed, and remove what nobody provided.

    ``restored`` are the names of the layers of which the platform restored a record, ``bills`` the bills that it
    restored. Returns what others than the platform and the buildpack had written. Raises LayerReplaced and
    FileNotWritten.
    """
    foreign = []
    for name, record in written.items():
        path, document = root / name, root / f"{name}.toml"
        if not has_content(document, record.content):
            foreign.append(document.name)
            remove(document)
            write_file(document, record.content)
        if not record.is_on_disk and os.path.lexists(path):
            foreign.append(name)
            remove(path)
        if record.is_on_disk and (path.is_symlink() or not path.is_dir()):
            if record.is_in_image:
                raise LayerReplaced(
                    f"{path} is no longer the directory that the build made.",
                    "Find the program that replaces it: a hook of the app, collectstatic, or a package that was built "
                    "from source.",
                )
            foreign.append(name)
            remove(path)
            remove(document)
        elif record.frame is not None and record.is_in_image and record.is_on_disk:
            foreign.extend(put_back(path, record.frame))
        foreign.extend(_foreign_bills(root, name, record.frame, bills))
    return (*foreign, *_remove_unprovided(root, written, restored))


def _foreign_bills(root: Path, name: str, frame: Frame | None, restored: Bills) -> Iterator[str]:
    """Remove the bills of a layer that neither this build nor the platform has written, and yield their names.

    Raises LayerReplaced for one that the platform restored, and that is another one now.
    """
    ours = frame.sboms if frame is not None else {}
    for bill, seen in look_at_bills(root, f"{name}.sbom.*").items():
        if bill in ours:
            continue
        if bill in restored and restored[bill] != seen:
            raise LayerReplaced(
                f"{root / bill} is no longer the bill of materials of the previous image.",
                "Find the program that changes it: a hook of the app, collectstatic, or a package that was built from "
                "source.",
            )
        if bill not in restored:
            remove(root / bill)
            yield bill


def _remove_unprovided(root: Path, written: Collection[str], restored: Collection[str]) -> list[str]:
    known = {*written, *_OTHER_DOCUMENTS}
    files = [(path, path.stem) for path in root.glob("*.toml")]
    files += [(path, path.name.partition(".")[0]) for path in root.glob("*.sbom.*")]
    unprovided = [(path, layer) for path, layer in files if layer not in known]
    for path, _ in unprovided:
        remove(path)
    return sorted(path.name for path, layer in unprovided if layer not in restored)
