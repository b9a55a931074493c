"""Breaks each place that hides or removes secrets, one at a time, in a copy of the checkout, and sees the canary die.

Run as ``python tests/canary_breaks.py``; with words as arguments, only the breaks whose names contain one of them. What
is needed takes about four seconds a break, and three times that for those that only a whole build notices.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
OWN_CODE = "what_the_apps_own_code_prints"
"""The quick canary: all that a hook can get hold of."""
BUILD = "what_a_hook_installs"
"""The quickest one with a whole build."""
ADDRESSES = "addresses_with_secrets and uv"
"""One with packages that are installed, and with all that is written about them and about the app."""


@dataclass(frozen=True, slots=True)
class Break:
    """A change of one place that must not go unnoticed."""

    name: str
    file: str
    """Below src/python_buildpack."""
    old: str
    """Once in the file."""
    new: str
    notices: str = OWN_CODE
    """Which canary, as pytest's -k takes it."""


BREAKS = (
    Break(
        "variables are not learned",
        "platform/build_environment.py",
        "hide(credentials_in_variables(context.env))",
        "hide(())",
    ),
    Break(
        "bindings are not learned",
        "platform/build_environment.py",
        "hide(credentials_in_platform(context.platform))",
        "hide(())",
    ),
    Break(
        "files are not learned",
        "platform/build_environment.py",
        "hide(credentials_in_files(context.app_dir, env, KNOWN_FILES))",
        "hide(())",
    ),
    Break("names of variables mean nothing", "secrets/credentials.py", "if _SECRET_NAME.search(name)", "if False"),
    Break(
        "OpenTelemetry's headers are not taken apart",
        "secrets/credentials.py",
        'name.upper().endswith("HEADERS")',
        "not name",
    ),
    Break(
        "logins are not taken apart",
        "secrets/credentials.py",
        'if _LOGIN_NAME.search(name) and "//" not in value',
        "if 0",
    ),
    Break(
        "passwords in URLs are not learned",
        "secrets/credentials.py",
        "            yield password\n",
        "            pass\n",
    ),
    Break("JSON is not looked into", "secrets/credentials.py", 'startswith(("{", "["))', 'startswith("no")'),
    Break("assignments are not read", "secrets/credentials.py", "in _ASSIGNMENT.finditer(text)", "in ()"),
    Break("netrc passwords are not read", "secrets/credentials.py", "yield from passwords_in(text)", "yield from ()"),
    Break(
        "variables in manifests are not filled in", "secrets/credentials.py", "_expanded(read_small(path), env)", '""'
    ),
    Break("files in UTF-16 are not read", "support/small_files.py", "raw.startswith(_UTF_16)", "False"),
    Break(
        "what variables of tools name is not read",
        "secrets/credentials.py",
        "for name in _NAMED if env.get(name)",
        "for name in ()",
    ),
    Break(
        "folders that variables name are not read",
        "secrets/credentials.py",
        "for name in names if env.get(variable)",
        "for name in ()",
    ),
    Break("settings at home are not read", "secrets/credentials.py", "for name in _AT_CONFIG_HOME", "for name in ()"),
    Break(
        "records have the text of an error",
        "telemetry/recording.py",
        "        return error.code\n",
        "        return error.what\n",
    ),
    Break("NULs stay", "secrets/redact.py", 'text = text.replace("\\0", "")', "pass"),
    Break("long secrets stay", "secrets/redact.py", "if form in text:", "if False:"),
    Break("base64 stays", "secrets/redact.py", "if self._base64 is not None:", "if False:"),
    Break("logins in URLs stay", "secrets/redact.py", "text = _URL_CREDENTIALS.sub", "_URL_CREDENTIALS.sub"),
    Break("tokens in queries stay", "secrets/redact.py", "text = QUERY_CREDENTIALS.sub", "QUERY_CREDENTIALS.sub"),
    Break("headers stay", "secrets/redact.py", 'return _HEADER.sub(rf"\\g<before>{HIDDEN}", text)', "return text"),
    Break(
        "secrets are hidden in one spelling",
        "secrets/forms.py",
        "    plain = unquote(secret)",
        "    yield secret; return",
    ),
    Break("secrets of many lines are one", "secrets/forms.py", "*(line.strip() for line in secret.splitlines())", ""),
    Break(
        "what tools print is written as it is", "ports/reporter.py", "write(self._redactor.redact(text))", "write(text)"
    ),
    Break(
        "errors are wrapped before they are hidden",
        "ports/reporter.py",
        "hidden = BuildpackError(self._redactor.redact(error.what), self._redactor.redact(error.cure))",
        "hidden = error",
    ),
    Break(
        "bugs are wrapped before they are hidden",
        "ports/reporter.py",
        "text = self._redactor.redact(str(error))",
        "text = str(error)",
    ),
    Break(
        "private files stay",
        "platform/bindings/apply.py",
        "with cleanup_after(lambda: shutil.rmtree(folder, ignore_errors=True)):",
        "with cleanup_after(lambda: None):",
    ),
    Break(
        "recorded URLs stay", "installed/scrub_credentials.py", "    _remove_credentials(site_packages)\n", "", BUILD
    ),
    Break(
        "queries in recorded URLs stay",
        "installed/scrub_credentials.py",
        'parts._replace(query="")',
        "parts",
        ADDRESSES,
    ),
    Break(
        "compiled wheels are kept with any address",
        "package_managers/built_wheels.py",
        " and not wheel.may_hold_secrets",
        "",
        ADDRESSES,
    ),
    Break("labels say everything", "decide/labels.py", "redact(_on_one_line(value))", "_on_one_line(value)", ADDRESSES),
    Break(
        "Python's address is described as it is",
        "sbom/interpreter.py",
        "FromArchive(public_url(interpreter.url),",
        "FromArchive(interpreter.url,",
        ADDRESSES,
    ),
    Break(
        "the layer's key has what is declared",
        "layers/dependencies/inputs.py",
        "declaration=digest(self.declaration),",
        "declaration=self.declaration,",
        ADDRESSES,
    ),
    Break(
        "the layer's key has what was resolved",
        "package_managers/interface.py",
        "return cls(text, because, digest(text))",
        "return cls(text, because, text)",
        ADDRESSES,
    ),
    Break(
        "what tools leave in the scratch directory stays",
        "support/temporary.py",
        "shutil.rmtree(path, ignore_errors=True)",
        "str(path)",
        ADDRESSES,
    ),
    Break(
        "clones stay",
        "installed/scrub_credentials.py",
        "            shutil.rmtree(repository)",
        "            pass",
        BUILD,
    ),
)


def write_interpreter(copy: Path) -> None:
    """Let bin/build run the copy's code: -I, as it asks, would run the checkout's, which is installed."""
    program = copy / "python/bin/python3"
    program.parent.mkdir(parents=True)
    run = 'runpy.run_module("python_buildpack", run_name="__main__", alter_sys=True)'
    code = f'import runpy, sys; sys.path.insert(0, "{copy}/src"); {run}'
    program.write_text(f"#!/bin/sh\nshift 4\nexec {sys.executable} -I -B -c '{code}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)


def is_noticed(broken: Break, copy: Path) -> bool:
    """Say whether the canary dies of a break."""
    path = copy / "src/python_buildpack" / broken.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(broken.old) != 1:
        sys.exit(f"{broken.name}: {broken.file} has not one place with {broken.old!r}")
    path.write_text(whole.replace(broken.old, broken.new), encoding="utf-8")
    try:
        return run_canary(broken.notices, copy) == 1
    finally:
        path.write_text(whole, encoding="utf-8")


def run_canary(which: str, copy: Path) -> int:
    """Return pytest's exit status: 1 for tests that failed."""
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", which]
    env = {**os.environ, "PYTHONPATH": f"{copy / 'src'}:{copy}"}
    files = [f"tests/contract/test_{name}.py" for name in ("no_secret_leaves", "hook_traces")]
    return subprocess.run([*argv, *files], cwd=copy, env=env, capture_output=True, check=False).returncode


def main(words: list[str]) -> int:
    """Print a line for each break, and return 1 if one of them went unnoticed."""
    chosen = [one for one in BREAKS if not words or any(word in one.name for word in words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "checkout"
        kept = shutil.ignore_patterns(".git", ".venv", "dist", "__pycache__", ".*_cache", "benchmarks")
        shutil.copytree(CHECKOUT, copy, ignore=kept, symlinks=True)
        # uv is in there.
        (copy / ".venv").symlink_to(CHECKOUT / ".venv")
        write_interpreter(copy)
        alive: set[str] = set()
        for one in chosen:
            if one.notices not in alive and run_canary(one.notices, copy) != 0:
                sys.exit(f"The canary ({one.notices}) is dead before anything is broken.")
            alive.add(one.notices)
            noticed = is_noticed(one, copy)
            unnoticed += not noticed
            sys.stdout.write(f"{'noticed ' if noticed else 'UNNOTICED'}  {one.name} ({one.file})\n")
            sys.stdout.flush()
    return int(unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
