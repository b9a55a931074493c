"""A page for each error, and their index: from the classes, and from examples that are made to happen here.

The words of an error are where it is declared: code, title and docstring. Its message is that of the example, as the
log has it. What has to be changed on the platform (``remedies``) is said for each platform, in one table here.
"""

import inspect
import io
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from devkit.errors import DevkitError
from devkit.paths import CHECKOUT
from devkit.recipes import recipe_of
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.ports.interfaces import Finished
from python_buildpack.ports.reporter import ERRORS, TextReporter

EXAMPLES = CHECKOUT / "devkit" / "error_examples.toml"
_DAY = date(2026, 11, 22)
"""The day of the examples: what is past its end of life depends on it."""
_DO_NOT_EDIT = "<!-- Written by ./dev refresh docs from the code. Change the code, not this page. -->\n"
_PLATFORMS = ("pack", "kpack", "DigitalOcean App Platform", "Heroku and platforms like it")
_REMEDIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "variable": (
        "Set a variable of the build",
        (
            "`pack build IMAGE --path . --env NAME=VALUE`, or `[[io.buildpacks.build.env]]` in project.toml",
            "`spec.build.env` of the Image: `- {name: NAME, value: VALUE}`",
            "`envs` of the component in the app spec, with `scope: RUN_AND_BUILD_TIME`: `RUN_TIME` is not in builds",
            "`heroku config:set NAME=VALUE`; builds get the app's variables. Then build again, by a new commit",
        ),
    ),
    "binding": (
        "Give the build a login or a certificate",
        (
            '`pack build IMAGE --path . --volume "$PWD/bindings:/platform/bindings"`: a folder for each binding',
            "`spec.build.services` of the Image names a Secret of the binding's type",
            "there are no bindings: set `PIP_INDEX_URL` or `UV_INDEX_NAME_USERNAME` and `_PASSWORD`, encrypted",
            "there are no bindings: set `PIP_INDEX_URL` or `UV_INDEX_NAME_USERNAME` and `_PASSWORD` as config vars",
        ),
    ),
    "memory": (
        "Give the build more memory or disk",
        (
            "with Docker Desktop: Settings, Resources; on a server or a runner: a larger machine. "
            "`docker system df` shows what takes disk",
            "`spec.build.resources` of the Image: requests and limits of memory; `spec.cache.volume.size`",
            "the size of builds cannot be chosen: take versions that have wheels, and leave out what is not needed",
            "the size of builds cannot be chosen: take versions that have wheels, and leave out what is not needed",
        ),
    ),
    "image": (
        "Use another build image, or add to it",
        (
            "`pack build IMAGE --path . --builder BUILDER`, one whose build image has the compiler and the headers; or "
            "a buildpack that installs the distribution's packages, first: `--buildpack APT`",
            "the build image of the ClusterStack that the ClusterBuilder uses",
            "the build image is the platform's: take a version that has a wheel, or build elsewhere, by `pack`",
            "`heroku buildpacks:add --index 1 heroku-community/apt`, with an Aptfile that names the packages",
        ),
    ),
    "network": (
        "Let the build reach the network",
        (
            "`pack build IMAGE --path . --network host` and `--env HTTPS_PROXY=…` where a proxy is needed; try "
            "`docker run --rm curlimages/curl -I URL` on that machine",
            "the namespace's network policies; `HTTPS_PROXY` in `spec.build.env`",
            "builds reach the public internet; a private index has to be reachable from there",
            "builds reach the public internet; a private index has to be reachable from there",
        ),
    ),
    "upload": (
        "Have the file in what is built",
        (
            "everything below `--path` is sent, but for `exclude` in project.toml; `git status --ignored` shows what "
            "git leaves out where a CI job checks out the repository",
            "what is committed at `spec.source.git.revision`, below `spec.source.subPath`",
            "what is committed on the branch, below `source_dir` of the component",
            "what is committed and pushed, without what .slugignore names: `git ls-files FILE` has to print it",
        ),
    ),
}
"""What a user can change on a platform: its title, and how on each of _PLATFORMS."""


def error_pages(kinds: Sequence[type[BuildpackError]]) -> dict[str, str]:
    """Return the pages of these kinds of errors, by their paths in the checkout. Raises DevkitError."""
    examples = {example["code"]: example for example in read_examples()}
    if unknown := sorted(examples.keys() - {kind.code for kind in kinds}):
        raise DevkitError(f"{EXAMPLES.name} has examples of errors that do not exist: {', '.join(unknown)}")
    pages = {f"{ERRORS}/{kind.code}.md": "\n".join(_page(kind, examples.get(kind.code))) for kind in kinds}
    return {f"{ERRORS}.md": "\n".join(_index(kinds)), **pages}


def read_examples() -> list[dict[str, Any]]:
    """Return the examples, as their file has them."""
    examples: list[dict[str, Any]] = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["example"]
    return examples


def _index(kinds: Sequence[type[BuildpackError]]) -> Iterator[str]:
    yield "# Errors\n"
    yield _DO_NOT_EDIT
    yield (
        "Every error that a build may end with, with a page for each. The log names the code, says in detail what "
        "happened, and what to do. An error that is not on this page is a bug of the buildpack.\n"
    )
    yield "| code | what it says |"
    yield "|---|---|"
    for kind in kinds:
        yield f"| [`{kind.code}`]({Path(ERRORS).name}/{kind.code}.md) | {kind.title} |"
    yield ""


def _page(kind: type[BuildpackError], example: Mapping[str, Any] | None) -> Iterator[str]:
    yield f"# {kind.code}\n"
    yield _DO_NOT_EDIT
    yield f"**{kind.title}.** {inspect.getdoc(kind) or ''}\n"
    if example is not None:
        yield "## An example\n"
        yield from _given(example)
        yield "The log ends with:\n"
        yield f"```text\n{example_log(example).strip()}\n```\n"
        if "right" in example:
            yield f"{example['right'].strip()}\n"
    for remedy in kind.remedies:
        title, ways = _REMEDIES[remedy]
        yield f"## {title}\n"
        yield "| platform | how |"
        yield "|---|---|"
        yield from (f"| {platform} | {way} |" for platform, way in zip(_PLATFORMS, ways, strict=True))
        yield ""
    yield "[All errors](../errors.md); [what to do when something is not as expected](../troubleshooting.md)."
    yield ""


def _given(example: Mapping[str, Any]) -> Iterator[str]:
    for name, value in example.get("env", {}).items():
        yield f"With the variable `{name}={value}`:\n"
    for name, text in example.get("files", {}).items():
        yield f"`{name}`:\n\n```text\n{text.rstrip()}\n```\n"
    if "output" in example:
        yield f"{example['tool']} prints:\n\n```text\n{example['output'].rstrip()}\n```\n"


def example_log(example: Mapping[str, Any]) -> str:
    """Make the example's error happen, and return what the log says of it. Raises DevkitError if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        for name, text in example.get("files", {}).items():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(text, encoding="utf-8")
        error = _error_of(example, app)
        if error is None or error.code != example["code"]:
            raise DevkitError(f"the example of {example['code']} ends with {error.code if error else 'no error'}")
        stream = io.StringIO()
        reporter = TextReporter(stream)
        reporter.set_places(app, "", "")
        reporter.failure(error)
    return stream.getvalue()


def _error_of(example: Mapping[str, Any], app: Path) -> BuildpackError | None:
    if "output" in example:
        finished = Finished(example.get("status", 1), example["output"])
        return explain(finished, example["declared"], example["tool"], example.get("env", {}))
    try:
        recipe_of(app, example.get("env", {}), "amd64", _DAY)
    except BuildpackError as error:
        return error
    return None
