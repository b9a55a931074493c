"""Web frameworks through the real pack: found without a run command, served in a small container."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from devkit.pack.build import PackBuild
from devkit.pack.containers import ContainerOptions, run_container
from devkit.pack.prepare import Platform
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged
from manager_context import write_app

SMALL = ContainerOptions(user="12345:12345", read_only=True, tmpfs=("/tmp",), memory="512m", cpus=1)
WORKERS = "2"
"""min(2 x 1 CPU + 1, 512 MB / 256 MB)."""

WORKERS_IN_ENVIRONMENT = 'import os\n\nworkers = os.environ["WEB_CONCURRENCY"]\n'
DJANGO = {
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")\n',
    "site_config/__init__.py": WORKERS_IN_ENVIRONMENT,
    "site_config/urls.py": (
        "from django.http import HttpResponse\nfrom django.urls import path\nfrom site_config import workers\n"
        'urlpatterns = [path("", lambda request: HttpResponse(workers))]\n'
    ),
}
SETTINGS = (
    'SECRET_KEY = "x"\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "site_config.urls"\n'
    "INSTALLED_APPS = []\nDATABASES = {{}}\n"
    '{kind}_APPLICATION = "site_config.{module}.application"\n'
)
ENTRY = (
    "import os\nfrom django.core.{module} import get_{module}_application\n"
    'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")\n'
    "application = get_{module}_application()\n"
)


@dataclass(frozen=True, slots=True)
class Case:
    """An app that answers with the number of workers that its environment says."""

    name: str
    requirements: str
    files: dict[str, str]
    command: str
    """What the log must say is started."""
    reports: bool = True


def django(kind: str) -> dict[str, str]:
    """Return a project with the one entry point that its settings name."""
    module = kind.lower()
    settings = SETTINGS.format(kind=kind, module=module)
    return {
        **DJANGO,
        "site_config/settings.py": settings,
        f"site_config/{module}.py": ENTRY.format(module=module),
    }


CASES = [
    Case("django-wsgi", "django<6\ngunicorn\n", django("WSGI"), "gunicorn site_config.wsgi"),
    Case("django-asgi", "django<6\nuvicorn\n", django("ASGI"), "uvicorn site_config.asgi"),
    Case(
        "flask-factory",
        "flask\ngunicorn\n",
        {
            "shop/__init__.py": WORKERS_IN_ENVIRONMENT
            + "from flask import Flask\n\n\ndef create_app(config=None):\n    app = Flask(__name__)\n"
            '    app.add_url_rule("/", view_func=lambda: workers)\n    return app\n'
        },
        "shop:create_app()",
    ),
    Case(
        "fastapi-package",
        "fastapi\nuvicorn\n",
        {
            "api/__init__.py": "",
            "api/main.py": WORKERS_IN_ENVIRONMENT
            + "from fastapi import FastAPI\n\nservice = FastAPI()\n\n\n"
            + '@service.get("/")\ndef index():\n    return workers\n',
        },
        "uvicorn api.main:service",
    ),
    Case(
        "streamlit",
        "streamlit\n",
        {"dashboard.py": 'import streamlit as st\n\nst.title("Numbers")\n'},
        "streamlit run dashboard.py",
        reports=False,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_framework_is_found_and_served_in_a_small_container(
    case: Case, platform: Platform, packaged: Packaged, inventory: dict[str, str], names: Names, tmp_path: Path
) -> None:
    """No run command is given; the workers follow from one CPU and 512 MB; SIGTERM ends it within its grace time."""
    app = write_app(tmp_path / "app", {"requirements.txt": case.requirements, **case.files})
    image = names.image(case.name)
    result = platform.build(PackBuild(app, image, platform.builder, (packaged.file,), inventory))
    assert result.status == 0, result.output
    assert case.command in result.output
    with run_container(image, options=SMALL) as container:
        answer = container.wait_for_http("/", timeout=60)
        assert answer.status == 200, answer.text
        if case.reports:
            assert answer.text.strip('"') == WORKERS
        assert container.stop(20) in {0, 143}
