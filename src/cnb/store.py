"""store.toml: metadata of a buildpack for its next build, stored with the image (spec: Buildpack, store.toml)."""

from collections.abc import Mapping
from pathlib import Path

from cnb.toml_files import TomlUnreadable, read_toml


def read_store(layers_dir: Path) -> Mapping[str, object]:
    """Return the metadata that the last build stored; empty without a previous image, or if the file is damaged."""
    path = layers_dir / "store.toml"
    if not path.exists():
        return {}
    try:
        metadata = read_toml(path).get("metadata")
    except TomlUnreadable:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def store_document(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return the document of store.toml. Raises TypeError for values that the next build would not read unchanged."""
    for key, value in metadata.items():
        check_lasting(value, key)
    return {"metadata": metadata}


def check_lasting(value: object, where: str) -> None:
    """Raise TypeError unless ``value`` is unchanged after a conversion to JSON, which turns numbers into floats.

    The lifecycle stores the metadata as JSON in a label of the image. ``where`` names the value in the error.
    """
    if isinstance(value, Mapping):
        for key, below in value.items():
            check_lasting(below, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            check_lasting(below, f"{where}[{index}]")
    elif not isinstance(value, str | bool):
        raise TypeError(f"{where} is of type {type(value).__name__}: store strings, booleans, lists and tables only")
