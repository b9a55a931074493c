"""Variables without which a process ends when it starts."""

from pathlib import Path

import pytest

from cnb.frozen import replace
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.startup.notices import with_what_lacks
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

NAMES = ("flask", "gunicorn", "celery", "django", "decouple", "environs", "environ", "starlette")
APP = "from flask import Flask\nimport settings\napp = Flask(__name__)\n"
PROJECT = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "import os\nfrom django.core.wsgi import get_wsgi_application\n"
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\napplication = get_wsgi_application()\n",
}


def needs(folder: Path, files: dict[str, str], **variables: str) -> tuple[str, ...]:
    """Return what the processes of an app need, with a few packages installed."""
    installed = replace(InstalledDistributions.declared(NAMES), modules=frozenset(NAMES))
    evidence = read_evidence(scan(write_app(folder, files)), installed, Settings(variables))
    return with_what_lacks(decide_plan(evidence), evidence, "3.13", "requirements.txt").needs


def test_what_settings_read_without_a_default_is_named_with_file_and_line(tmp_path: Path) -> None:
    """Every module that the process imports counts, and each variable is named once."""
    files = {
        "app.py": APP,
        "settings.py": "import os\nfrom mail import FROM\nKEY = os.environ['SECRET_KEY']\n"
        "AGAIN = os.environ['SECRET_KEY']\n",
        "mail.py": "from os import environ\nFROM = 'x@' + environ['MAIL_HOST']\n",
    }
    assert needs(tmp_path, files) == (
        "web needs the variables SECRET_KEY (settings.py, line 3), MAIL_HOST (mail.py, line 2) where the image runs, "
        "as in docker run -e SECRET_KEY=…",
    )


def test_settings_of_django_are_read_too(tmp_path: Path) -> None:
    """They are imported by name."""
    files = {**PROJECT, "shop/settings.py": "import os\nDATABASES = {'default': {'NAME': os.environ['PGDATABASE']}}\n"}
    assert needs(tmp_path, files) == (
        "web needs the variable PGDATABASE (shop/settings.py, line 2) where the image runs, "
        "as in docker run -e PGDATABASE=…",
    )


@pytest.mark.parametrize(
    "text",
    [
        "from decouple import config\nKEY = config('KEY')\n",
        "from decouple import config\nKEY = config('KEY', cast=int)\n",
        "from environs import Env\nenv = Env()\nenv.read_env()\nKEY = env.str('KEY')\n",
        "from environs import Env\nenv = Env()\nKEY = env('KEY')\n",
        "from starlette.config import Config\nconfig = Config('.env')\nKEY = config('KEY', cast=str)\n",
        "import environ\nenv = environ.Env(DEBUG=(bool, False))\nDEBUG = env('DEBUG')\nKEY = env('KEY')\n",
        "import environ\nenv = environ.Env()\nDATABASES = {'default': env.db('KEY')}\n",
        "import os\ntry:\n    KEY = os.environ['KEY']\nexcept KeyError:\n    raise RuntimeError('no key')\n",
        "import os\nclass Config:\n    KEY = os.environ['KEY']\n",
    ],
)
def test_every_way_to_read_one_without_a_default(tmp_path: Path, text: str) -> None:
    """The packages that read settings have a call for it."""
    (need,) = needs(tmp_path, {"app.py": APP, "settings.py": text})
    assert "the variable KEY (settings.py, line " in need


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("import os\nKEY = os.environ.get('KEY')\n", {}),
        ("import os\nKEY = os.environ['KEY'] if 'KEY' in os.environ else 'x'\n", {}),
        ("import os\nif os.environ.get('X'):\n    KEY = os.environ['KEY']\n", {}),
        ("import os\ntry:\n    KEY = os.environ['KEY']\nexcept KeyError:\n    KEY = ''\n", {}),
        ("import os\ndef key():\n    return os.environ['KEY']\n", {}),
        ("import os\nos.environ['KEY'] = 'x'\nKEY = os.environ['KEY']\n", {}),
        ("import os\nos.environ.setdefault('KEY', 'x')\nKEY = os.environ['KEY']\n", {}),
        ("import os\nPORT = os.environ['PORT']\nHOME = os.environ['HOME']\n", {}),
        ("environ = {'KEY': 1}\nKEY = environ['KEY']\n", {}),
        ("import os\nKEY = os.environ['KEY']\n", {".env": "KEY=x\n"}),
        (
            "import os\nfrom dotenv import load_dotenv\nload_dotenv(f'.env.{os.getenv(1)}')\nKEY = os.environ['KEY']\n",
            {".env.production": "KEY=x\n"},
        ),
        ("from decouple import config\nKEY = config('KEY', default='x')\n", {}),
        ("from environs import Env\nenv = Env()\nKEY = env.str('KEY', 'x')\n", {}),
        ("from starlette.config import Config\nc = Config()\nKEY = c('KEY', default='x')\n", {}),
        ("from starlette.config import Config\nc = Config(env_prefix='APP_')\nKEY = c('KEY')\n", {}),
        ("def config(name):\n    return name\nKEY = config('KEY')\n", {}),
    ],
)
def test_what_has_a_default_or_another_way_is_not_needed(tmp_path: Path, text: str, others: dict[str, str]) -> None:
    """A false alarm costs more than a silence."""
    files = {"app.py": APP, "settings.py": text, **others}
    assert needs(tmp_path, files) == ()


def test_what_the_build_gives_to_containers_is_there(tmp_path: Path) -> None:
    """By a variable for containers."""
    files = {"app.py": APP, "settings.py": "import os\nKEY = os.environ['KEY']\nB = os.environ['B']\n"}
    (need,) = needs(tmp_path, files, BPE_DEFAULT_KEY="x")
    assert "the variable B (settings.py, line 3)" in need


BASE = "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
SET = "model_config = SettingsConfigDict"


@pytest.mark.parametrize(
    "text",
    [
        "import os\nHOSTS = os.environ.get('KEY').split(',')\n",
        "from os import getenv\nSIZE = int(getenv('KEY'))\n",
        f"{BASE}class S(BaseSettings):\n    key: str\n    other: int = 1\n    may: str | None\ns = S()\n",
        f"{BASE}class S(BaseSettings):\n    {SET}(env_file='x')\n    KEY: str\ns = S()\n",
        "from pydantic import BaseSettings, Field\nclass S(BaseSettings):\n    key: str = Field(...)\n"
        "    class Config:\n        env_file = '.env'\ns = S()\n",
        f"{BASE}class A(BaseSettings):\n    pass\nclass B(A):\n    key: int\nsettings = B()\n",
        f"{BASE}class S(BaseSettings):\n    {SET}(env_prefix='k')\n    ey: str\ns = S()\n",
        f"{BASE}class S(BaseSettings):\n    model_config = {{'env_prefix': 'K'}}\n    ey: str\ns = S()\n",
        f"{BASE}class S(BaseSettings):\n    model_config: dict = {{'case_sensitive': True}}\n    KEY: str\ns = S()\n",
        f"{BASE}class A(BaseSettings):\n    ey: str\n    {SET}(env_prefix='k')\nclass B(A):\n    x: int = 1\ns = B()\n",
        f"{BASE}class A(BaseSettings):\n    ey: str\nclass B(A):\n    {SET}(env_prefix='k')\ns = B()\n",
    ],
)
def test_what_fails_without_a_value_needs_one(tmp_path: Path, text: str) -> None:
    """None has no split() and is no number; a field of pydantic's settings without a default is required."""
    (need,) = needs(tmp_path, {"app.py": APP, "settings.py": text})
    assert "the variable KEY (settings.py, line " in need


@pytest.mark.parametrize(
    "text",
    [
        "import os\nHOSTS = os.environ.get('KEY', '').split(',')\n",
        "import os\nHOSTS = (os.environ.get('KEY') or '').split(',')\n",
        "import os\nKEY = os.environ.get('KEY')\n",
        "import os\ntry:\n    SIZE = int(os.environ.get('KEY'))\nexcept TypeError:\n    SIZE = 1\n",
        f"{BASE}class S(BaseSettings):\n    key: str\ndef get():\n    return S()\n",
        f"{BASE}class S(BaseSettings):\n    key: str\nsettings = S(key='x')\n",
        f"{BASE}class S(BaseSettings):\n    key: str = 'x'\nsettings = S()\n",
        f"{BASE}from typing import Optional\nclass S(BaseSettings):\n    key: Optional[str]\nsettings = S()\n",
        f"{BASE}class S(BaseSettings):\n    {SET}(cli_prefix='')\n    key: str\ns = S()\n",
        f"{BASE}from pydantic import model_validator\nclass S(BaseSettings):\n    key: str\n"
        "    @model_validator(mode='before')\n    def fill(cls, values):\n        return {'key': 'x'}\ns = S()\n",
        f"{BASE}from base import Own\nclass S(Own):\n    key: str\nsettings = S()\n",
        "class BaseSettings: pass\nclass S(BaseSettings):\n    key: str\nsettings = S()\n",
        f"{BASE}class S(BaseSettings):\n    _key: str\nsettings = S()\n",
        f"{BASE}class A(BaseSettings):\n    key: str\nclass B(A):\n    key: str = 'x'\nsettings = B()\n",
        f"{BASE}class A(BaseSettings):\n    key: str\nclass B(A):\n    key = 'x'\nsettings = B()\n",
        f"{BASE}OWN = SettingsConfigDict(env_prefix='k')\nclass S(BaseSettings):\n    model_config = OWN\n    ey: str\n"
        "s = S()\n",
        f"{BASE}OWN = {{}}\nclass S(BaseSettings):\n    {SET}(**OWN)\n    key: str\ns = S()\n",
        f"{BASE}class S(BaseSettings):\n    {SET}(env_file='prod.env')\n    key: str\ns = S()\n",
        "from dotenv import load_dotenv\nimport os\nload_dotenv('conf/prod.env')\nKEY = os.environ['KEY']\n",
    ],
)
def test_what_may_have_a_value_is_not_named(tmp_path: Path, text: str) -> None:
    """A default, another way, a class that is never made, or whose values may be from elsewhere."""
    base = f"{BASE}class Own(BaseSettings):\n    pass\n"
    files = {"app.py": APP, "settings.py": text, "base.py": base, "conf/prod.env": "KEY=x\n"}
    assert needs(tmp_path, files) == ()


GET = "import os\nKEY = os.getenv('KEY')\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{GET}if not KEY:\n    raise ValueError('no key')\n",
        f"{GET}OTHER = os.getenv('OTHER', 'x')\nif not OTHER or KEY is None:\n    print('no key')\n    exit(1)\n",
        f"{GET}assert KEY, 'no key'\n",
        f"{GET}if not (KEY and KEY.strip()):\n    raise ValueError\n",
        f"{GET}if not all([KEY, os.getcwd()]):\n    raise ValueError\n",
        "import os\nif 'KEY' not in os.environ:\n    raise SystemExit('no key')\n",
        "import os\nimport sys\nif os.environ.get('KEY', None) is None:\n    sys.exit(1)\n",
        "import os\nif os.getenv('KEY') == '':\n    raise ValueError\nassert 'KEY' in os.environ\n",
    ],
)
def test_what_the_app_itself_demands_is_named(tmp_path: Path, text: str) -> None:
    """It ends the process by an exception, or with a call."""
    (need,) = needs(tmp_path, {"app.py": APP, "settings.py": text})
    assert "the variable KEY (settings.py, line " in need


@pytest.mark.parametrize(
    "text",
    [
        f"{GET}if not KEY:\n    print('no key')\n",
        f"{GET}if KEY:\n    raise ValueError\n",
        f"{GET}if not KEY and not os.getenv('OTHER'):\n    raise ValueError\n",
        f"{GET}KEY = KEY or 'x'\nif not KEY:\n    raise ValueError\n",
        f"{GET}if not KEY:\n    KEY = 'x'\nif not KEY:\n    raise ValueError\n",
        "import os\nKEY = os.getenv('KEY', 'x')\nif not KEY:\n    raise ValueError\n",
        f"{GET}def check():\n    if not KEY:\n        raise ValueError\n",
        f"{GET}if os.getenv('PRODUCTION'):\n    if not KEY:\n        raise ValueError\n",
    ],
)
def test_what_has_another_way_is_not_demanded(tmp_path: Path, text: str) -> None:
    """Another variable, a default, or a condition that nobody knows."""
    assert needs(tmp_path, {"app.py": APP, "settings.py": text}) == ()


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("import os\nif __name__ == '__main__':\n    print(os.environ['KEY'])\n", True),
        ("import asyncio, os\nasync def main():\n    print(os.environ['KEY'])\n"
         "if __name__ == '__main__':\n    asyncio.run(main())\n", True),
        ("import os, sys\ndef main():\n    start()\ndef start():\n    token = os.getenv('KEY')\n    if not token:\n"
         "        raise ValueError\nif __name__ == '__main__':\n    sys.exit(main())\n", True),
        ("import os\ndef main():\n    if os.getcwd():\n        return\n    print(os.environ['KEY'])\nmain()\n", False),
        ("import os\ndef other():\n    print(os.environ['KEY'])\nif __name__ == '__main__':\n    print(1)\n", False),
        ("import os\nif __name__ == '__main__':\n    try:\n        print(os.environ['KEY'])\n"
         "    except KeyError:\n        pass\n", False),
    ],
)  # fmt: skip
def test_a_program_runs_its_functions(tmp_path: Path, text: str, is_named: bool) -> None:
    """What stands under its guard, and what that calls, up to where a function may be left."""
    found = needs(tmp_path, {"Procfile": "worker: python bot.py\n", "bot.py": text})
    assert bool(found) is is_named


def test_a_file_of_values_that_nothing_asks_for_gives_none(tmp_path: Path) -> None:
    """The packages read .env by themselves, and no other."""
    files = {"app.py": APP, "settings.py": "import os\nKEY = os.environ['KEY']\n", ".env.test": "KEY=x\n"}
    (need,) = needs(tmp_path, files)
    assert "the variable KEY" in need
