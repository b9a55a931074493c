"""Claims about the lifecycle's files as values: descriptor, target, plans, launch, build, store, SBOM, exec.d."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnb import exec_d
from cnb.build_plan import BuildPlan, Provide, Require, build_plan_document, parse_build_plan
from cnb.build_toml import build_document
from cnb.buildpack_plan import BuildpackPlan, PlanEntry, parse_buildpack_plan
from cnb.descriptor import DescriptorUnusable, parse_descriptor
from cnb.launch import Label, Launch, Process, Slice, launch_document
from cnb.sbom import SbomFormat, SbomFormatUndeclared, check_sbom_formats, sbom_file_name
from cnb.store import read_store, store_document
from cnb.target import DeclaredTarget, Target, read_target

BUILDPACK = {"id": "acme/shell", "version": "1.2.3"}


@pytest.mark.parametrize("api", ["0.9", "0.13", "1.0", 0.10, None])
def test_another_buildpack_api_is_refused_before_anything_else_is_looked_at(api: object) -> None:
    """Only "0.10" to "0.12" will do: not an older one, a newer one, a number, or nothing."""
    document = {} if api is None else {"api": api}

    with pytest.raises(DescriptorUnusable, match=r"supports only Buildpack API 0\.10"):
        parse_descriptor(document)


def test_a_descriptor_without_id_and_version_names_both() -> None:
    """All that is missing is reported at once."""
    with pytest.raises(DescriptorUnusable, match="no id and no version"):
        parse_descriptor({"api": "0.10"})


def test_a_descriptor_is_read_with_its_targets_and_formats() -> None:
    """What a running buildpack asks for is there."""
    document: dict[str, Any] = {
        "api": "0.10",
        "buildpack": BUILDPACK | {"clear-env": True, "sbom-formats": ["application/spdx+json"], "homepage": "h"},
        "targets": [{"os": "linux", "arch": "arm64", "distros": [{"name": "debian", "version": "12"}]}],
        "metadata": {"own": 1},
    }

    descriptor = parse_descriptor(document)

    assert (descriptor.id, descriptor.version, descriptor.clear_env) == ("acme/shell", "1.2.3", True)
    assert descriptor.sbom_formats == {"application/spdx+json"}
    assert descriptor.targets == (DeclaredTarget("linux", "arm64", distros=(("debian", "12"),)),)
    assert descriptor.metadata == {"own": 1}


def test_the_target_is_what_the_lifecycle_says() -> None:
    """Empty variables count as unknown."""
    env = {
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "arm64",
        "CNB_TARGET_ARCH_VARIANT": "",
        "CNB_TARGET_DISTRO_NAME": "debian",
    }

    assert read_target(env) == Target("linux", "arm64", None, "debian", None)


@pytest.mark.parametrize(
    ("declared", "met"),
    [
        (DeclaredTarget(), True),
        (DeclaredTarget("linux", "arm64"), True),
        (DeclaredTarget("linux", "amd64"), False),
        (DeclaredTarget("windows"), False),
        (DeclaredTarget(variant="v8"), True),
        (DeclaredTarget(distros=(("debian", "12"),)), True),
        (DeclaredTarget(distros=(("debian", None), ("ubuntu", "24.04"))), True),
        (DeclaredTarget(distros=(("debian", "11"),)), False),
    ],
)
def test_a_declared_target_is_met_by_what_agrees_with_it(declared: DeclaredTarget, met: bool) -> None:
    """Name and version of a distribution are compared exactly; what the platform does not know is no obstacle."""
    assert declared.is_met_by(Target("linux", "arm64", None, "debian", "12")) is met


def test_a_build_plan_keeps_details_in_metadata_and_has_alternatives() -> None:
    """The document is what the lifecycle reads, and reads back as the same plan."""
    plan = BuildPlan(
        (Provide("python"),), (Require("python", {"version": "3.13"}),), (BuildPlan((Provide("python"),)), BuildPlan())
    )

    document = build_plan_document(plan)

    assert document == {
        "provides": [{"name": "python"}],
        "requires": [{"name": "python", "metadata": {"version": "3.13"}}],
        "or": [{"provides": [{"name": "python"}]}, {}],
    }
    assert parse_build_plan(document) == plan


def test_alternatives_of_alternatives_are_refused() -> None:
    """The lifecycle would ignore them."""
    with pytest.raises(ValueError, match="cannot have alternatives"):
        BuildPlan(alternatives=(BuildPlan(alternatives=(BuildPlan(),)),))


def test_a_buildpack_plan_may_name_one_thing_several_times() -> None:
    """Each buildpack that requires it adds an entry with its own details."""
    plan = parse_buildpack_plan({"entries": [{"name": "a", "metadata": {"x": "1"}}, {"name": "b"}, {"name": "a"}]})

    assert plan.entries_named("a") == (PlanEntry("a", {"x": "1"}), PlanEntry("a"))
    assert plan.entries_named("c") == ()


def test_launch_says_only_what_there_is_to_say() -> None:
    """Defaults are left out; what remains has the names of the specification."""
    full = Process("web", ("gunicorn",), ("app:app",), default=True, working_dir="/srv")
    launch = Launch((full, Process("worker", ("celery",))), (Label("k", "v"),), (Slice(("static/*",)),))

    assert launch_document(Launch()) == {}
    assert launch_document(launch) == {
        "processes": [
            {"type": "web", "command": ("gunicorn",), "args": ("app:app",), "default": True, "working-dir": "/srv"},
            {"type": "worker", "command": ("celery",)},
        ],
        "labels": [{"key": "k", "value": "v"}],
        "slices": [{"paths": ("static/*",)}],
    }


def test_two_defaults_or_two_processes_of_a_type_cannot_be_built() -> None:
    """The lifecycle would fail the build for the first, and silently keep the last for the second."""
    with pytest.raises(ValueError, match="more than one default process: a, b"):
        Launch((Process("a", ("x",), default=True), Process("b", ("x",), default=True)))
    with pytest.raises(ValueError, match="more than once: a"):
        Launch((Process("a", ("x",)), Process("a", ("y",))))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "web\n", "é", "a:b"])
def test_a_process_type_is_a_plain_name(name: str) -> None:
    """It becomes the name of a file in the image; the lifecycle would find out at the export."""
    with pytest.raises(ValueError, match="not a process type"):
        Process(name, ("x",))


@pytest.mark.parametrize("command", [(), ("",)])
def test_a_process_has_a_command(command: tuple[str, ...]) -> None:
    """Otherwise the image would fail at its start only."""
    with pytest.raises(ValueError, match="no command"):
        Process("web", command)


def test_unmet_names_must_have_been_required() -> None:
    """The lifecycle fails the build for any other name."""
    plan = BuildpackPlan((PlanEntry("a"),))

    assert build_document((), plan) == {}
    assert build_document(("a",), plan) == {"unmet": [{"name": "a"}]}
    with pytest.raises(ValueError, match="not in the buildpack plan: b"):
        build_document(("a", "b"), plan)


def test_the_store_takes_only_what_comes_back_as_it_was() -> None:
    """Numbers would come back as floats."""
    metadata = {"a": "1", "b": True, "c": ["x"], "d": {"e": "f"}}

    assert store_document(metadata) == {"metadata": metadata}
    with pytest.raises(TypeError, match=r"d\.e\[1\] is of type int"):
        store_document({"d": {"e": ["x", 3]}})


@pytest.mark.parametrize("content", [None, "", "not toml", "[other]\n", "metadata = 1\n"])
def test_a_store_that_is_absent_or_damaged_is_empty(tmp_path: Path, content: str | None) -> None:
    """What was remembered is a help, never a condition."""
    if content is not None:
        (tmp_path / "store.toml").write_text(content)

    assert read_store(tmp_path) == {}


def test_a_restored_store_is_handed_over(tmp_path: Path) -> None:
    """It is what the last build stored."""
    (tmp_path / "store.toml").write_text('[metadata]\nminor = "3.13"\n')

    assert read_store(tmp_path) == {"minor": "3.13"}


def test_sbom_files_are_named_by_subject_and_format() -> None:
    """The three formats of the specification, by its own endings and media types."""
    assert {sbom_format.media_type: sbom_file_name("launch", sbom_format) for sbom_format in SbomFormat} == {
        "application/vnd.cyclonedx+json": "launch.sbom.cdx.json",
        "application/spdx+json": "launch.sbom.spdx.json",
        "application/vnd.syft+json": "launch.sbom.syft.json",
    }


@pytest.mark.parametrize("name", ["layer.sbom.spdx.json", "launch.sbom.unknown.json"])
def test_a_bill_in_a_format_that_is_not_declared_is_refused(tmp_path: Path, name: str) -> None:
    """It does not matter which layer it belongs to, or whether it was restored: the lifecycle looks at them all."""
    (tmp_path / "layer.sbom.cdx.json").touch()
    check_sbom_formats(tmp_path, {"application/vnd.cyclonedx+json"})
    (tmp_path / name).touch()

    with pytest.raises(SbomFormatUndeclared, match=name):
        check_sbom_formats(tmp_path, {"application/vnd.cyclonedx+json"})


@settings(deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="=\0"), min_size=1),
        st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    )
)
def test_exec_d_output_is_toml_for_any_names_and_values(variables: dict[str, str]) -> None:
    """The launcher reads back exactly what was meant."""
    assert tomllib.loads(exec_d.encode(variables)) == variables


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "x\0")])
def test_exec_d_refuses_what_no_environment_can_hold(name: str, value: str) -> None:
    """The launcher would fail to start the app, without saying why."""
    with pytest.raises(ValueError, match=r"variable|NUL"):
        exec_d.encode({name: value})


@pytest.mark.parametrize("name", ["", ".", "..", "a/b"])
def test_exec_d_programs_have_plain_names(tmp_path: Path, name: str) -> None:
    """A program lies in its directory and nowhere else."""
    with pytest.raises(ValueError, match=r"name of an exec\.d program"):
        exec_d.write_exec_d(tmp_path, {name: "#!/bin/sh\n"}, {})
