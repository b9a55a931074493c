"""Writes the result of build into the files that the lifecycle reads after the build."""

from collections.abc import Mapping
from pathlib import Path

from cnb.build_toml import build_document
from cnb.buildpack import BuildResult
from cnb.context import BuildContext
from cnb.files import write_file
from cnb.launch import launch_document
from cnb.sbom import check_sbom_formats, sbom_file_name
from cnb.store import store_document
from cnb.toml_files import write_toml
from cnb.trees import remove


def write_build_result(result: BuildResult, context: BuildContext) -> None:
    """Write launch.toml, build.toml, store.toml and the bills of materials into the layers directory.

    Raises FileNotWritten; SbomFormatUndeclared for a bill in a format that buildpack.toml does not list; ValueError
    and TypeError for results that the lifecycle would refuse.
    """
    layers_dir = context.layers.root
    documents = {
        "build.toml": build_document(result.unmet, context.plan),
        "launch.toml": launch_document(result.launch),
    }
    if result.store is not None:
        documents["store.toml"] = store_document(result.store)
    _write_sboms(result, layers_dir)
    check_sbom_formats(layers_dir, context.descriptor.sbom_formats)
    for name, document in documents.items():
        _write_or_remove(layers_dir / name, document)


def _write_sboms(result: BuildResult, layers_dir: Path) -> None:
    for subject, sboms in (("launch", result.launch_sboms), ("build", result.build_sboms)):
        for stale in sorted(layers_dir.glob(f"{subject}.sbom.*")):
            remove(stale)
        for sbom in sboms:
            write_file(layers_dir / sbom_file_name(subject, sbom.format), sbom.content)


def _write_or_remove(path: Path, document: Mapping[str, object]) -> None:
    if document:
        write_toml(path, document)
    else:
        # The layers directory may hold the file of an earlier build.
        remove(path)
