"""What Django's settings name and is not installed, and drivers of databases that an app connects to."""

from pathlib import Path

import pytest

from cnb.frozen import replace
from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_plan, read_evidence
from python_buildpack.decide.startup.django_settings import named_in
from python_buildpack.decide.startup.notices import with_what_lacks
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

MODULES = ("django", "gunicorn", "flask", "sqlalchemy", "whitenoise")
ENGINE = 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
APP = "from flask import Flask\napp = Flask(__name__)\n"
MANAGE = """import os
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
"""
WSGI = """import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
"""


def said(folder: Path, files: dict[str, str], *more: str, **variables: str) -> list[tuple[str, str]]:
    """Return titles and texts for an app with some distributions, whose modules are called like them."""
    names = (*MODULES, *more)
    installed = replace(InstalledDistributions.declared(names), modules=frozenset(names))
    evidence = read_evidence(scan(write_app(folder, files)), installed, Settings(variables))
    plan = with_what_lacks(replace(decide_plan(evidence), notices=()), evidence, "3.13", "requirements.txt")
    return [(notice.title, notice.text) for notice in plan.notices]


def django(settings: str) -> dict[str, str]:
    """Return the files of a project with these settings."""
    return {"manage.py": MANAGE, "shop/__init__.py": "", "shop/wsgi.py": WSGI, "shop/settings.py": settings}


def test_what_the_settings_name_and_nobody_has_is_found(tmp_path: Path) -> None:
    """Apps and middleware are imported when Django starts; the app's own and Django's are there."""
    settings = """INSTALLED_APPS = [
    "django.contrib.admin",
    "rest_framework",
    "shop",
]
MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", "corsheaders.middleware.CorsMiddleware"]
"""
    first, second = said(tmp_path, django(settings))
    assert first[0] == "shop/settings.py imports rest_framework, which is not there"
    assert 'shop/settings.py, line 3: "rest_framework",' in first[1]
    assert "add djangorestframework to requirements.txt" in first[1]
    assert second[0] == "shop/settings.py imports corsheaders, which is not there"
    assert "add django-cors-headers to requirements.txt" in second[1]


def test_what_the_settings_import_is_found(tmp_path: Path) -> None:
    """The web process imports no settings itself, Django does."""
    ((title, text),) = said(tmp_path, django("import environ\n"))
    assert title == "shop/settings.py imports environ, which is not there"
    assert "add django-environ to" in text


def test_settings_that_a_module_takes_over_are_read(tmp_path: Path) -> None:
    """Settings for one place begin with ``from .base import *``, and lists of apps are made of other lists."""
    base = 'THIRD = ["rest_framework"]\nOURS = ["shop"]\nINSTALLED_APPS = OURS + THIRD\n' + ENGINE
    files = django("") | {
        "shop/settings.py": "from .base import *\nINSTALLED_APPS += [*THIRD]\n",
        "shop/base.py": base,
    }
    first, second = said(tmp_path / "1", files)
    assert first[0] == "shop/base.py imports rest_framework, which is not there"
    assert second[0] == "No driver for PostgreSQL is installed"
    assert "shop/base.py, line 4 names the engine" in second[1]
    other = 'from shop.base import *\nDATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\n'
    _, (title, text) = said(tmp_path / "2", files | {"shop/settings.py": other})
    assert title == "No driver for MySQL is installed"
    assert "shop/settings.py, line 2" in text
    removed = 'from .base import *\nTHIRD.remove("rest_framework")\nDATABASES["default"] = {}\n'
    assert not said(tmp_path / "3", files | {"shop/settings.py": removed})
    conditional = "try:\n    from .base import *\nexcept ImportError:\n    pass\n"
    assert not said(tmp_path / "4", files | {"shop/settings.py": conditional})


@pytest.mark.parametrize(
    "settings",
    [
        'INSTALLED_APPS = ["shop"]\nDEBUG = False\nif DEBUG:\n    INSTALLED_APPS += ["debug_toolbar"]\n',
        'INSTALLED_APPS = ["debug_toolbar"]\nif True:\n    INSTALLED_APPS.remove("debug_toolbar")\n',
        'INSTALLED_APPS = ["debug_toolbar"]\nINSTALLED_APPS = [x for x in INSTALLED_APPS if "debug" not in x]\n',
        "INSTALLED_APPS = get_apps()\n",
        'INSTALLED_APPS = ["debug_toolbar"]\ndel INSTALLED_APPS[0]\n',
        f'{ENGINE}DATABASES["default"] = dj_database_url.config(default="sqlite:///db.sqlite3")\n',
        f'{ENGINE}DATABASES["default"].update(dj_database_url.config())\n',
        f'{ENGINE}DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"\n',
        f"{ENGINE}DATABASES.update(env_databases())\n",
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n',
        'DATABASES = {"default": env.db()}\n',
        "this is no Python\n",
    ],
)
def test_what_may_not_be_in_effect_is_not_reported(tmp_path: Path, settings: str) -> None:
    """Conditions, removals and what is computed."""
    assert said(tmp_path, django(settings)) == []


def test_the_driver_of_an_engine_is_missed(tmp_path: Path) -> None:
    """By the last part of the engine, so for engines that wrap Django's as well; each of the drivers is enough."""
    settings = 'DATABASES = {\n    "default": {\n        "ENGINE": "django.db.backends.postgresql",\n    }\n}\n'
    ((title, text),) = said(tmp_path, django(settings))
    assert title == "No driver for PostgreSQL is installed"
    assert text.startswith("shop/settings.py, line 3 names the engine django.db.backends.postgresql. The app connects")
    assert text.endswith("To fix it, add psycopg[binary] to requirements.txt.")
    assert said(tmp_path, django(settings), "psycopg2") == []
    assert said(tmp_path, django(settings), "psycopg") == []


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("postgresql://localhost/shop", "psycopg[binary]"),
        ("postgresql+asyncpg://localhost/shop", "asyncpg"),
        ("mysql+pymysql://localhost/shop", "pymysql"),
        ("mysql+mysqldb://localhost/shop", "mysqlclient"),
        ("sqlite+aiosqlite:///shop.db", "aiosqlite"),
        ("sqlite:///shop.db", ""),
        ("sqlite+pysqlite:///:memory:", ""),
        ("sqlite+libsql:///shop.db", ""),
        ("postgres://", ""),
        ("https://example.test/", ""),
    ],
)
def test_the_driver_of_an_address_is_missed(tmp_path: Path, url: str, cure: str) -> None:
    """In a module that the process loads, or in the variable that platforms set."""
    found = said(tmp_path, {"app.py": f'{APP}URL = "{url}"\n'})
    assert [f"add {cure} to" in text for _, text in found] == [True] * bool(cure)
    found = said(tmp_path, {"app.py": APP}, DATABASE_URL=url)
    assert [f"add {cure} to" in text for _, text in found] == [True] * bool(cure)


def test_an_address_that_nobody_reads_or_that_has_a_driver_needs_no_word(tmp_path: Path) -> None:
    """PyMySQL may stand in for the driver, another address may be meant, and a beginning is made into one later."""
    app = {"app.py": f'{APP}URL = "postgresql://localhost/shop"\n'}
    assert said(tmp_path, app, "psycopg2") == []
    both = f'{APP}URL = "postgresql://localhost/shop"\nif TEST:\n    URL = "sqlite:///test.db"\n'
    assert said(tmp_path, {"app.py": both}) == []
    assert said(tmp_path, {"app.py": f'{APP}HELP = "postgresql://user@host/name is its form"\n'}) == []
    assert said(tmp_path, {"app.py": f'{APP}PREFIX = "sqlite+aiosqlite:///"\n'}) == []
    assert said(tmp_path, {"app.py": f'{APP}flask.install_as_MySQLdb()\nURL = "mysql://localhost/shop"\n'}) == []
    assert said(tmp_path, {"app.py": APP, "other.py": 'URL = "postgresql://localhost/shop"\n'}) == []


def test_settings_that_are_one_of_several_are_not_reported(tmp_path: Path) -> None:
    """The default is often that of a developer, and a variable of the container chooses other ones."""
    files = {
        "manage.py": MANAGE,
        "shop/__init__.py": "",
        "shop/wsgi.py": WSGI.replace("shop.settings", "shop.settings.local"),
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": 'INSTALLED_APPS = ["shop"]\n',
        "shop/settings/local.py": 'from .base import *\nINSTALLED_APPS += ["debug_toolbar"]\n',
    }
    assert [title for title, _ in said(tmp_path / "one", files)] == [
        "shop/settings/local.py imports debug_toolbar, which is not there"
    ]
    files["shop/settings/production.py"] = "from .base import *\n"
    assert said(tmp_path / "two", files) == []
    chosen = {"DJANGO_SETTINGS_MODULE": "shop.settings.local"}
    assert len(said(tmp_path / "three", files, **chosen)) == 1


def test_settings_with_many_empty_lines_take_no_time_to_read() -> None:
    """Half a megabyte of them, which took minutes."""
    ((_, named),) = named_in(f"{ENGINE}{chr(10) * 500_000}")
    assert named.is_engine


SQLITE = """from pathlib import Path
import os
BASE_DIR = Path(__file__).resolve().parent.parent
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}}
"""


@pytest.mark.parametrize(
    "file",
    [
        'BASE_DIR / "data" / "db.sqlite3"',
        'str(BASE_DIR / "data/db.sqlite3")',
        'os.path.join(ROOT, "data", "db.sqlite3")',
        'os.path.join(BASE_DIR, "data/db.sqlite3")',
        'BASE_DIR.joinpath("data", "db.sqlite3")',
        'Path(__file__).parents[1] / "data" / "db.sqlite3"',
        '"data/db.sqlite3"',
    ],
)
def test_a_database_in_a_directory_that_is_not_there_is_named(tmp_path: Path, file: str) -> None:
    """SQLite makes its file, but not the directory. Settings that another module takes over count as well."""
    files = django(SQLITE.replace("FILE", file))
    ((title, text),) = said(tmp_path / "1", files)
    assert title == "The directory data of a database is not there"
    assert text.startswith("shop/settings.py, line 5 names a file of SQLite in data")
    base = files | {"shop/settings.py": "from .base import *\n", "shop/base.py": files["shop/settings.py"]}
    assert said(tmp_path / "2", base)[0][1].startswith("shop/base.py, line 5 names")
    assert not said(tmp_path / "3", files | {"data/.gitkeep": ""})
    made = 'from pathlib import Path\nPath("data").mkdir(exist_ok=True)\n'
    assert not said(tmp_path / "4", files | {"shop/apps.py": made})
    assert not said(tmp_path / "5", files | {"Procfile": "web: mkdir -p data && gunicorn shop.wsgi\n"})
    assert not said(tmp_path / "6", files | {"bin/post_compile": "#!/bin/sh\nmkdir -p data\n"})
    assert not said(tmp_path / "7", files | {"site/data/.gitkeep": ""})
    other = files["shop/settings.py"].replace("DATABASES", "if True:\n    ROOT = BASE_DIR = '/srv'\nDATABASES", 1)
    assert bool(said(tmp_path / "8", files | {"shop/settings.py": other})) is (
        "BASE" not in file and "ROOT" not in file
    )


@pytest.mark.parametrize(
    "file",
    ['BASE_DIR / "db.sqlite3"', '"/data/db.sqlite3"', '":memory:"', "BASE_DIR / name", 'BASE_DIR.parent / "d/b"'],
)
def test_what_is_not_known_to_be_missing_is_not_named(tmp_path: Path, file: str) -> None:
    """A path of the container is perhaps a volume's, and a path that is made at run time is not known."""
    assert not said(tmp_path, django(SQLITE.replace("FILE", file)))


@pytest.mark.parametrize(
    ("url", "is_named"),
    [
        ("sqlite:///data/app.db", True),
        ("sqlite+aiosqlite:///./data/app.db?timeout=3", True),
        ("sqlite:///app.db", False),
        ("sqlite:////data/app.db", False),
        ("sqlite:///:memory:", False),
        ("sqlite:///{path}/app.db", False),
        ("sqlite://", False),
    ],
)
def test_a_url_of_a_database_is_read_as_settings_are(tmp_path: Path, *, url: str, is_named: bool) -> None:
    """Flask-SQLAlchemy looks in the instance folder, wherever that is."""
    files = {"app.py": f'from flask import Flask\nimport sqlalchemy\napp = Flask(__name__)\nURL = "{url}"\n'}
    assert [title for title, _ in said(tmp_path / "1", files, "aiosqlite")] == (
        ["The directory data of a database is not there"] if is_named else []
    )
    assert not said(tmp_path / "2", files, "aiosqlite", "flask-sqlalchemy")


@pytest.mark.parametrize(
    ("source", "is_named"),
    [
        ("URL = os.environ.get('DATABASE_URL', 'sqlite:///data/app.db')", False),
        ("URL = os.environ.get('DATABASE_URL') or 'sqlite:///data/app.db'", False),
        ("URL = config('DATABASE_URL', default='sqlite:///data/app.db')", False),
        ("URL = 'sqlite:///data/app.db' if DEBUG else os.environ['DATABASE_URL']", False),
        ("URL = 'sqlite:///data/app.db'\nif 'URL' in os.environ:\n    URL = os.environ['URL']", False),
        ("try:\n    URL = os.environ['URL']\nexcept KeyError:\n    URL = 'sqlite:///data/app.db'", False),
        ("class Settings(BaseSettings):\n    url: str = 'sqlite:///data/app.db'", False),
        ("def engine(url='sqlite:///data/app.db'):\n    return create_engine(url)", False),
        ("try:\n    create_engine('sqlite:///data/app.db')\nexcept OSError:\n    pass", False),
        ("app.config.setdefault('URL', 'sqlite:///data/app.db')", False),
        ("class Config:\n    URL = 'sqlite:///data/app.db'", True),
        ("class Config:\n    url: str = 'sqlite:///data/app.db'", True),
        ("engine = Engine(app, 'sqlite:///data/app.db')", True),
        ("engine = sqlalchemy.create_engine('sqlite:///data/app.db', echo=True)", True),
        ("app.config['URL'] = 'sqlite:///data/app.db'", True),
        ("app.config.update(URL='sqlite:///data/app.db')", True),
        ("def engine():\n    return create_engine(url='sqlite:///data/app.db')", True),
    ],
)
def test_a_url_that_another_value_may_replace_is_not_named(tmp_path: Path, *, source: str, is_named: bool) -> None:
    """Platforms that have a database give its URL, in whatever way the source says what it does without."""
    files = {"app.py": f"import os\nimport sqlalchemy\n{APP}{source}\n"}
    assert len(said(tmp_path, files)) == int(is_named)


def test_settings_that_lead_to_each_other_end(tmp_path: Path) -> None:
    """Names that stand for many others take bounded time."""
    names = "".join(f"N{i} = N{i + 1}.joinpath({', '.join([f'N{i + 1}'] * 50)})\n" for i in range(30))
    assert not said(tmp_path, django(names + SQLITE.replace("FILE", "N0")))
