"""What an environment contains, without what every installer writes in its own way."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

_OWN = re.compile(r"[^/]+\.dist-info/(INSTALLER|REQUESTED|RECORD|direct_url\.json|uv_cache\.json|uv_build\.json)")
"""Files of installers: their names, and where a distribution is from."""
_SCRIPT = "bin/"
_WHEEL = "WHEEL"


def contents(venv: Path) -> dict[str, str]:
    """Return the digest of each file by its path; of scripts that installers write, only that they are there."""
    (site,) = venv.glob("lib/python*/site-packages")
    found = {
        path.relative_to(site).as_posix(): _digest(path)
        for path in site.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    kept = {path: digest for path, digest in found.items() if not _OWN.fullmatch(path)}
    records = {f"{path} lists": text for path, text in _records(site, venv)}
    origins = {f"{path} says": text for path, text in _origins(site)}
    scripts = {f"{_SCRIPT}{path.name}": "there" for path in (venv / "bin").iterdir()}
    return {**kept, **records, **origins, **scripts}


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.name == _WHEEL:
        # uv builds projects of its own backend by itself, and not by the version that the index has.
        content = b"\n".join(line for line in content.splitlines() if not line.startswith(b"Generator:"))
    return hashlib.sha256(content).hexdigest()


def _records(site: Path, venv: Path) -> list[tuple[str, str]]:
    """Return which files each RECORD lists, relative to the environment, with their digests."""
    found = []
    for record in site.glob("*.dist-info/RECORD"):
        rows = csv.reader(io.StringIO(record.read_text(encoding="utf-8")))
        lines = set[str]()
        for path, digest, _ in rows:
            whole = Path(path) if Path(path).is_absolute() else site / path
            relative = Path(re.sub(r"[^/]+/\.\./", "", str(whole))) if ".." not in path else whole.resolve()
            name = relative.relative_to(venv.resolve() if ".." in path else venv).as_posix()
            is_own = _OWN.fullmatch(name.partition("site-packages/")[2]) or name.startswith(_SCRIPT)
            lines.add(name if is_own or name.endswith((".pth", f"/{_WHEEL}")) else f"{name} {digest}")
        wanted = sorted(
            line for line in lines if not line.endswith(("INSTALLER", "REQUESTED", "_cache.json", "_build.json"))
        )
        found.append(
            (record.relative_to(site).as_posix(), "\n".join(line for line in wanted if "direct_url" not in line))
        )
    return found


def _origins(site: Path) -> list[tuple[str, str]]:
    """Return the addresses that distributions have been installed from, and whether they are editable."""
    found = []
    for path in site.glob("*.dist-info/direct_url.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        is_editable = document.get("dir_info", {}).get("editable", False)
        found.append((path.relative_to(site).as_posix(), f"{document['url']} {is_editable}"))
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the paths that are not the same in both, with what is different."""
    return [
        f"{path}: {one.get(path, 'not there')} / {other.get(path, 'not there')}"
        for path in sorted(one.keys() | other.keys())
        if one.get(path) != other.get(path)
    ]
