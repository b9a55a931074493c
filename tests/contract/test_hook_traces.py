"""A hook that installs something from a private repository by itself."""

import json
from collections.abc import Callable
from pathlib import Path

from bills import components
from built_apps import built
from devkit.lifecycle.results import Built, Failed
from manager_context import write_app

Attempt = Callable[..., Built | Failed]

HOOK = """\
#!/bin/sh
exec python - <<'EOF'
import pathlib, sys, sysconfig
url = "https://me:cAnary-Zz9@git.invalid/mine.git"
site, clone = pathlib.Path(sysconfig.get_path("purelib")), pathlib.Path(sys.prefix, "src", "mine", ".git")
info = site / "mine-1.dist-info"
info.mkdir()
(info / "METADATA").write_text("Metadata-Version: 2.1\\nName: mine\\nVersion: 1\\n")
(info / "RECORD").write_text("mine-1.dist-info/METADATA,,\\nmine-1.dist-info/RECORD,,\\n")
(info / "direct_url.json").write_text('{"url": "%s", "vcs_info": {"vcs": "git", "commit_id": "abc"}}' % url)
clone.mkdir(parents=True)
(clone / "config").write_text('[remote "origin"]\\nurl = ' + url)
EOF
"""


def test_what_a_hook_installs_is_described_and_leaves_no_login(tmp_path: Path, attempt: Attempt) -> None:
    """As installers leave it: the URL in direct_url.json, and a clone that has it, too."""
    app = write_app(tmp_path / "app", {"requirements.txt": "", "bin/post_compile": HOOK, "Procfile": "web: python\n"})
    built(attempt(app))
    (mine,) = components(tmp_path / "state", "dependencies").values()
    assert mine["externalReferences"] == [
        {"type": "vcs", "url": "https://git.invalid/mine.git", "comment": "commit abc"}
    ]
    venv = tmp_path / "state" / "layers" / "terrarium_python" / "dependencies" / "venv"
    (recorded,) = venv.rglob("direct_url.json")
    assert json.loads(recorded.read_text())["url"] == "https://git.invalid/mine.git"
    assert not list(venv.rglob(".git"))
