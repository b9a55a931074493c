"""store.toml: what a buildpack remembers from build to build, kept with the image (spec: Buildpack, store.toml)."""

from collections.abc import Mapping
from pathlib import Path

from cnb.toml_files import TomlUnreadable, read_toml


def read_store(layers_dir: Path) -> Mapping[str, object]:
    """Return what the last build stored. Without a previous image, or if the file is damaged, that is nothing."""
    path = layers_dir / "store.toml"
    if not path.exists():
        return {}
    try:
        metadata = read_toml(path).get("metadata")
    except TomlUnreadable:
        return {}
    return metadata if isinstance(metadata, dict) else {}


def store_document(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return the document of store.toml. Raises TypeError for what does not come back as it was."""
    for key, value in metadata.items():
        check_lasting(value, key)
    return {"metadata": metadata}


def check_lasting(value: object, where: str) -> None:
    """Raise TypeError unless ``value`` survives the image label, where it is JSON: numbers come back as floats."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            check_lasting(below, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            check_lasting(below, f"{where}[{index}]")
    elif not isinstance(value, str | bool):
        raise TypeError(f"{where} is of type {type(value).__name__}: store strings, booleans, lists and tables only")
