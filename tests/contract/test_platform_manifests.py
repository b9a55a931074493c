"""The examples in docs/platforms are accepted by the platforms that they are for."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from devkit.manifests import check_manifests
from devkit.paths import CHECKOUT
from devkit.version import own_version

PLATFORMS = CHECKOUT / "docs" / "platforms"
KUBERNETES = [PLATFORMS / "kpack.yaml", PLATFORMS / "tekton.yaml", PLATFORMS / "kubernetes-job.yaml"]
WORKFLOWS = {
    "github-actions.yml": ("vendor.github-workflows",),
    "gitlab-ci.yml": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}


@pytest.mark.network
def test_kubernetes_takes_the_manifests() -> None:
    """The types of kpack and Tekton know every field, and their webhooks have nothing against the values."""
    assert check_manifests(KUBERNETES) == []


@pytest.mark.network
@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("  buildImage:", "  buildImages:", 'unknown field "buildImages"'),
        ("  tag: registry.example.com/apps/my-app\n", "  tag: Not An Image\n", "spec.tag"),
    ],
)
def test_a_manifest_with_a_mistake_is_refused(right: str, wrong: str, complaint: str, tmp_path: Path) -> None:
    """The check can fail: by a field that there is not, and by a value that the webhook refuses."""
    text = KUBERNETES[0].read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "kpack.yaml"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    (problem,) = check_manifests([path])
    assert complaint in problem


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_workflows_fit_their_schemas(name: str, tmp_path: Path) -> None:
    """GitHub's and GitLab's schemas accept the examples, and refuse one whose job is no job."""
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *WORKFLOWS[name]]
    finished = subprocess.run([*argv, str(PLATFORMS / name)], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout
    broken = tmp_path / name
    broken.write_text((PLATFORMS / name).read_text(encoding="utf-8") + "\nother: 1\njobs: 1\n", encoding="utf-8")
    assert subprocess.run([*argv, str(broken)], check=False, capture_output=True).returncode != 0


def test_the_examples_name_this_version() -> None:
    """Whoever copies them gets the version that they were tested with."""
    builder = tomllib.loads((PLATFORMS / "builder.toml").read_text(encoding="utf-8"))
    assert builder["order"][0]["group"][0]["version"] == own_version()
    for path in PLATFORMS.iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            if "terrarium-python-" in line or "terrarium-python:" in line:
                assert own_version() in line, f"{path.name}: {line}"
