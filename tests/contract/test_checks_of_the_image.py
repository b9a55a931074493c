"""What settings let a build check at its end: whether the app can be imported, and known vulnerabilities."""

import json
from collections.abc import Callable
from pathlib import Path

from bills import bills, check_valid
from built_apps import built, one_line, outcomes
from devkit.lifecycle.results import Built, Failed
from devkit.small_wheels import write_wheel
from manager_context import write_app
from osv_server import jinja_server, serving

Attempt = Callable[..., Built | Failed]
SMOKE = {"BP_PYTHON_SMOKE_TEST": "true"}


def test_an_image_is_audited_and_tried_before_it_is_made(tmp_path: Path, attempt: Attempt) -> None:
    """An audit asks again although nothing has changed; the documents and the record have it; a failure ends a build.

    The test imports what the process would; what that writes into the app is not kept, and nothing is left running.
    """
    files = {
        "requirements.txt": "--no-index\n--find-links wheels\njinja2\n",
        "Procfile": "web: python -m shop\n",
        "shop/__init__.py": "from jinja2 import VALUE\nfrom pathlib import Path\nPath('made.db').touch()\n",
        "shop/__main__.py": "raise SystemExit(7)\n",
    }
    app = write_app(tmp_path / "app", files)
    (app / "wheels").mkdir()
    write_wheel(app / "wheels", "jinja2", "2.11.2", {"jinja2/__init__.py": b"VALUE = 1\n"})
    record = tmp_path / "record.json"
    with serving(jinja_server()) as osv:
        audit = {"BP_PYTHON_AUDIT": "warn", "BP_PYTHON_AUDIT_URL": osv.url, "BP_PYTHON_TELEMETRY": str(record)}
        first = built(attempt(app, {**audit, **SMOKE}))
        again = built(attempt(app, audit))
        documents = {name: text for name, text in bills(tmp_path / "state").items() if "/" not in name}
        failed = attempt(app, {**audit, "BP_PYTHON_AUDIT": "fail"})
    assert osv.asked == [("jinja2", "2.11.2")] * 3
    assert "Importing shop, with which the process web starts" in one_line(first.log)
    assert not (tmp_path / "state" / "workspace" / "made.db").exists()
    assert all("jinja2 2.11.2: CVE-2020-28493" in one.log for one in (first, again))
    check_valid(documents)
    (vulnerability,) = json.loads(documents["sbom.cdx.json"])["vulnerabilities"]
    assert vulnerability["id"] == "CVE-2020-28493"
    assert set(outcomes(again).values()) == {"by reference"}
    assert isinstance(failed, Failed)
    assert "error: vulnerabilities-found" in failed.log
    written = json.loads(record.read_text(encoding="utf-8"))
    assert (written["error"], written["vulnerabilities"][0]["fixed"]) == ("vulnerabilities-found", "2.11.3")

    (app / "shop" / "__init__.py").write_text("import os\nKEY = os.environ['SHOP_KEY']\n", encoding="utf-8")
    broken = attempt(app, SMOKE)
    assert isinstance(broken, Failed)
    assert "error: smoke-test-failed" in broken.log
    log = " ".join(broken.log.split())
    assert "KeyError: 'SHOP_KEY'" in log
    assert "needs the variable SHOP_KEY" in log
    assert "Smoke test" in built(attempt(app, {**SMOKE, "SHOP_KEY": "x"})).log
    assert "Smoke test" not in built(attempt(app)).log
