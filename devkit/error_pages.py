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
from cnb.frozen import replace
from devkit.error_situations import NOBODY, SITUATIONS
from devkit.errors import DevkitError
from devkit.install_context import install_context
from devkit.paths import CHECKOUT
from devkit.recipes import recipe_of
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.registry import manager_named
from python_buildpack.ports.interfaces import Finished
from python_buildpack.ports.reporter import ERRORS, TextReporter

EXAMPLES = CHECKOUT / "devkit" / "error_examples.toml"
_DAY = date(2026, 11, 22)
"""The day of the examples: what is past its end of life depends on it."""
_NO_INDEX = {"UV_DEFAULT_INDEX": NOBODY, "UV_HTTP_RETRIES": "0", "PIP_FIND_LINKS": "", "UV_INDEX": ""}
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
    examples = read_examples()
    known, codes = [example["code"] for example in examples], {kind.code for kind in kinds}
    if wrong := sorted({*(codes ^ set(known)), *(code for code in known if known.count(code) > 1)}):
        raise DevkitError(f"each error has one example, or says why it has none; not so: {', '.join(wrong)}")
    by_code = {example["code"]: example for example in examples}
    pages = {f"{ERRORS}/{kind.code}.md": "\n".join(_page(kind, by_code[kind.code])) for kind in kinds}
    return {f"{ERRORS}.md": "\n".join(_index(kinds)), **pages}


def read_examples() -> list[dict[str, Any]]:
    """Return the examples in their file and those of error_situations.py; ``none`` says why there is none."""
    examples: list[dict[str, Any]] = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["example"]
    situations = ({"code": code, "situation": inspect.getdoc(made)} for code, made in SITUATIONS.items())
    return [*examples, *situations]


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


def _page(kind: type[BuildpackError], example: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {kind.code}\n"
    yield _DO_NOT_EDIT
    yield f"**{kind.title}.** {inspect.getdoc(kind) or ''}\n"
    yield "## An example\n"
    if "none" in example:
        yield f"{example['none'].strip()}\n"
    else:
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
    if "situation" in example:
        yield f"{example['situation']}\n"
    for name, value in example.get("env", {}).items():
        yield f"With the variable `{name}={value}`:\n"
    for name in example.get("withheld", ()):
        yield f"With the variable `{name}`, which the app has:\n"
    for name, text in example.get("files", {}).items():
        yield f"`{name}`:\n\n```text\n{text.strip()}\n```\n"
    if "output" in example:
        yield f"{example['tool']} prints:\n\n```text\n{example['output'].strip()}\n```\n"


def example_log(example: Mapping[str, Any]) -> str:
    """Make the example's error happen, and return what the log says of it. Raises DevkitError if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        app.mkdir()
        for name, text in example.get("files", {}).items():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(text, encoding="utf-8")
        try:
            _happen(example, app)
        except BuildpackError as error:
            if error.code == example["code"]:
                return _log_of(error, app)
            raise DevkitError(f"the example of {example['code']} ends with {error.code}: {error.what}") from error
    raise DevkitError(f"the example of {example['code']} ends with no error")


def _log_of(error: BuildpackError, app: Path) -> str:
    """Return the log of an error, with a directory that is the same each time in place of the example's."""
    error.what = error.what.replace(str(app), "/layers").replace(str(CHECKOUT), "/buildpack")
    stream = io.StringIO()
    reporter = TextReporter(stream)
    reporter.set_places(app, "", "")
    reporter.failure(error)
    return stream.getvalue()


def _happen(example: Mapping[str, Any], app: Path) -> None:
    """Do what a build does, as far as it takes. Raises BuildpackError."""
    if "situation" in example:
        SITUATIONS[example["code"]](app)
        return
    env = example.get("env", {})
    if "output" in example:
        finished = Finished(example.get("status", 1), example["output"])
        withheld = frozenset(example.get("withheld", ()))
        raise explain(finished, example["declared"], example["tool"], env, withheld=withheld)
    recipe = recipe_of(app, env, "amd64", _DAY)
    # What a build says when it begins to install, before it asks an index: there is none here.
    context = install_context(app, app.parent / "work", app.parent / "layers", env, **_NO_INDEX)
    context = replace(context, python_version=str(recipe.python.interpreter.version))
    manager_named(recipe.manager.name, context.settings).resolve(context)
