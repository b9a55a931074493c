"""Right input of every kind, to be damaged: small examples here, and the real files of the checkout."""

from collections.abc import Mapping

from devkit.paths import CHECKOUT

_MAX_REAL_BYTES = 64 * 1024

APP_FILES: Mapping[str, tuple[str, ...]] = {
    ".python-version": ("3.13\n3.12\n", ">=3.11,<3.14\n", "cpython-3.12.4\n", "3.13t", "# why\n3.12\r\n"),
    "runtime.txt": ("python-3.12.4\n", "# x\npython-3.13\n"),
    "Pipfile": (
        '[[source]]\nurl = "https://a/simple"\nname="p"\nverify_ssl = true\n[packages]\nflask = "*"\n'
        'x = {version=">=1", extras=["a"], markers="os_name==\'a\'"}\ny = {git="https://h/x.git", ref="1"}\n'
        'z = {path="./z", editable=true}\n[requires]\npython_version = "3.12"\n',
    ),
    "Pipfile.lock": (
        '{\n"_meta": {"requires": {"python_version": "3.12"}, "hash": {"sha256": "a"}, "sources": []},\n'
        '"default": {\n"flask": {"version": "==3.0", "hashes": ["sha256:a"]}},\n"develop": {}\n}\n',
    ),
    "pyproject.toml": (
        '[project]\nname="x"\nversion="1"\nrequires-python=">=3.11"\ndependencies=["flask>=3","x[y]; os_name==\'a\'"]\n'
        'authors=[{name="A",email="a@b"}]\nlicense={text="MIT"}\ndescription="d"\n[project.urls]\nSource="https://x/y"\n'
        '[project.scripts]\nrun="x:main"\n[project.optional-dependencies]\na=["b"]\n[dependency-groups]\n'
        'dev=["p",{include-group="q"}]\n[build-system]\nrequires=["hatchling"]\nbuild-backend="hatchling.build"\n'
        '[tool.uv]\nfind-links=["./w"]\npackage=true\n[tool.uv.workspace]\nmembers=["m"]\n[tool.uv.sources]\n'
        'z={path="./z"}\n[[tool.uv.index]]\nname="a"\nurl="https://a/simple"\n[tool.poetry]\npackage-mode=false\n'
        '[tool.poetry.dependencies]\npython="^3.11"\nrequests={version="^2",optional=true}\n'
        '[tool.poetry.group.dev.dependencies]\nt="*"\n[tool.pdm.dev-dependencies]\nt=["pytest"]\n',
        '[tool.poetry.dependencies]\npython={version="~3.11 || ^3.13"}\nx="*"\n',
    ),
    "poetry.lock": (
        '[[package]]\nname = "flask"\nversion = "3"\nfiles = [{file = "f.whl", hash = "sha256:a"}]\n'
        '[package.dependencies]\nx = ">=1"\n\n[metadata]\npython-versions = "^3.11"\ncontent-hash = "a"\n',
    ),
    "uv.lock": (
        'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "x"\nversion="1"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "flask", extra=["a"], marker="b" }]\n\n[[package]]\nname = "flask"\nversion="3"\n'
        'source = { registry = "https://p/simple" }\n[package.optional-dependencies]\na=[{name="z"}]\n',
    ),
    "pdm.lock": (
        '[metadata]\ngroups = ["default"]\n[[metadata.targets]]\nrequires_python = ">=3.11"\n\n'
        '[[package]]\nname = "flask"\nversion = "3"\ngroups = ["default"]\nrequires_python = ">=3.8"\n',
    ),
    "pylock.toml": (
        'lock-version = "1.0"\nrequires-python = ">=3.11"\nextras=["a"]\ndependency-groups=["b"]\n\n[[packages]]\n'
        'name = "flask"\nversion = "3"\nwheels=[{name="flask-3-py3-none-any.whl",hashes={sha256="a"}}]\n',
    ),
    "requirements.txt": (
        "flask==3.0 --hash=sha256:aa\n-r more/base.txt\n-c c.txt\n-e .\n./w/x.whl\n",
        "x @ file:./w ; os_name == 'a'\n--find-links ./w\ngit+https://h/x#egg=y\n--requirement=more/base.txt\n",
        "a[b,c]>=1,<2; python_version<'3' \\\n  --hash=sha256:b # c\n--trusted-host h\n-i https://u:p@h/s\n",
    ),
    "more/base.txt": ("gunicorn==20\n-r ../requirements.txt\n",),
    "c.txt": ("idna<4\n",),
    "setup.cfg": (
        "[metadata]\nname = x\n[options]\ninstall_requires =\n  flask>=2\n  x[y]\npython_requires = >=3.9\n",
    ),
    "setup.py": ("from setuptools import setup\nsetup(name='x', install_requires=['flask>=2', 'y'])\n",),
    "environment.yml": ("name: x\ndependencies:\n - python=3.11\n - pip:\n   - flask\n",),
    "Procfile": (
        "web: gunicorn app:app --bind 0.0.0.0:$PORT\nworker: celery -A app worker\nrelease: python manage.py migrate\n",
        'web: VAR=1 python app.py && echo "x" | cat\nclock: exec python -m x "a b" 2>&1\n',
    ),
    "nltk.txt": ("stopwords\npunkt_tab # x\n",),
    "uv.toml": ('find-links=["./w"]\n[pip]\nfind-links=["w"]\n',),
    "app.py": (
        "import os\nfrom flask import Flask\napp: Flask = Flask(__name__)\nif __name__ == '__main__':\n"
        "    app.run(port=int(os.environ.get('PORT', 5000)))\n",
        "from fastapi import FastAPI\ndef create_app(x=1):\n    return FastAPI()\napp = create_app()\n",
        "import cgi\nimport distutils\nfrom celery import Celery\ncelery = Celery('x')\n@celery.task\ndef f(): pass\n",
    ),
    "pack/__init__.py": ("from .app import app as application\nfrom . import *\n__all__ = ['application']\n",),
    "pack/app.py": ("from pack import application\nimport streamlit as st\nst.title('x')\napp = application\n",),
    "manage.py": (
        "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n"
        "from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    ),
    "site1/settings.py": (
        "WSGI_APPLICATION = 'site1.wsgi.application'\nASGI_APPLICATION: str = 'site1.asgi.a'\nSTATIC_ROOT = 's'\n"
        "INSTALLED_APPS = ['a', 'channels']\nDEBUG = True\n",
    ),
    "site1/wsgi.py": ("from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",),
    "gunicorn.conf.py": ("bind = '0.0.0.0:8000'\nwsgi_app = 'app:app'\nworkers = 2\n",),
    "project.toml": ('[_]\nschema-version="0.2"\n',),
    ".profile": ("export A=1\n",),
}
"""Files of apps by their path."""

URLS = (
    *("https://u:p@h.x/simple", "http://[::1]:99/x", "http://h:99999/", "http://[x/", "file:///x", "u", "git@h:p"),
    "https://a%40b:c%3Ad@h/x?y=z#w",
)
NETRC = ('machine h login u password p\n# c\nmacdef x\n y\n\ndefault login a password "b \\" c"\n',)
PIP_CONF = (
    "[global]\nindex-url = https://u:p@h/s\nextra-index-url =\n  https://a\n  https://b\n[install]\nproxy = x\n",
)
CERTIFICATE = ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",)

INSTALLED_FILES: Mapping[str, tuple[str, ...]] = {
    "METADATA": (
        "Metadata-Version: 2.1\nName: x\nVersion: 1.0\nLicense-Expression: MIT OR Apache-2.0\nLicense: BSD\n"
        "Requires-Dist: y[z]>=1; extra == 'e'\nProvides-Extra: e\nClassifier: License :: OSI Approved :: MIT License\n"
        "Home-page: https://x/y\nAuthor-email: A <a@b>\n\nbody\n",
    ),
    "RECORD": ("x/__init__.py,sha256=abc,1\nx-1.0.dist-info/RECORD,,\n../../../bin/x,sha256=a,2\nlibz.so,,\n",),
    "direct_url.json": (
        '{"url": "https://u:p@h/x.git",\n"vcs_info": {"vcs": "git", "commit_id": "abc"}}',
        '{"url": "file:///x",\n"dir_info": {"editable": true}}',
        '{"url": "https://h/x.whl",\n"archive_info": {"hashes": {"sha256": "a"}, "hash": "sha256=a"}}',
    ),
    "WHEEL": ("Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",),
    "top_level.txt": ("x\n",),
    "entry_points.txt": ("[console_scripts]\nx = x:y\n",),
}
"""Files of a distribution's metadata, by their name in the .dist-info directory."""


def app_file_seeds(name: str) -> list[bytes]:
    """Return the examples of an app's file, and the files of this name that the checkout's own apps have."""
    real = [
        path.read_bytes()
        for folder in ("samples", "tests")
        for path in sorted((CHECKOUT / folder).rglob(name.rpartition("/")[2]))
        if path.is_file() and path.stat().st_size <= _MAX_REAL_BYTES
    ]
    return [text.encode() for text in APP_FILES[name]] + real
