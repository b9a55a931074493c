"""Apps of about 20 lines, one for each framework, that answer 200 at ``/``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WebApp:
    """A source tree, and what its author would write into requirements.txt."""

    name: str
    requirement: str
    files: Files = field(hash=False)


FLASK = WebApp(
    "flask",
    "flask",
    {
        "app.py": "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
        '@app.get("/")\ndef index():\n    return "from flask"\n'
    },
)
FLASK_FACTORY = WebApp(
    "flask-factory",
    "flask",
    {
        "shop/__init__.py": "from flask import Flask\n\n\n"
        "def create_app(config=None):\n    app = Flask(__name__)\n"
        '    app.add_url_rule("/", view_func=lambda: "from a factory")\n    return app\n'
    },
)
BOTTLE = WebApp(
    "bottle",
    "bottle",
    {"web.py": 'import bottle\n\nsite = bottle.Bottle()\n\n\n@site.get("/")\ndef index():\n    return "from bottle"\n'},
)
FALCON = WebApp(
    "falcon",
    "falcon",
    {
        "api.py": "import falcon\n\n\nclass Index:\n    def on_get(self, request, response):\n"
        '        response.text = "from falcon"\n\n\napi = falcon.App()\napi.add_route("/", Index())\n'
    },
)
FALCON_ASGI = WebApp(
    "falcon-asgi",
    "falcon",
    {
        "api.py": "import falcon.asgi\n\n\nclass Index:\n    async def on_get(self, request, response):\n"
        '        response.text = "from falcon"\n\n\napi = falcon.asgi.App()\napi.add_route("/", Index())\n'
    },
)
DASH = WebApp(
    "dash",
    "dash",
    {
        "app.py": "from dash import Dash, html\n\napp = Dash(__name__)\nserver = app.server\n"
        'app.layout = html.P("from dash")\n'
    },
)
QUART = WebApp(
    "quart",
    "quart",
    {
        "main.py": "from quart import Quart\n\nservice = Quart(__name__)\n\n\n"
        '@service.get("/")\nasync def index():\n    return "from quart"\n'
    },
)
FASTAPI = WebApp(
    "fastapi",
    "fastapi",
    {
        "app/__init__.py": "",
        "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/")\ndef index():\n    return "from fastapi"\n',
    },
)
STARLETTE = WebApp(
    "starlette",
    "starlette",
    {
        "server.py": "from starlette.applications import Starlette\nfrom starlette.responses import PlainTextResponse\n"
        "from starlette.routing import Route\n\n\nasync def index(request):\n"
        '    return PlainTextResponse("from starlette")\n\n\nweb = Starlette(routes=[Route("/", index)])\n'
    },
)
LITESTAR = WebApp(
    "litestar",
    "litestar",
    {
        "app.py": "from litestar import Litestar, get\n\n\n"
        '@get("/")\nasync def index() -> str:\n    return "from litestar"\n\n\napp = Litestar([index])\n'
    },
)
AIOHTTP = WebApp(
    "aiohttp",
    "aiohttp",
    {
        "main.py": "from aiohttp import web\n\n\nasync def index(request):\n"
        '    return web.Response(text="from aiohttp")\n\n\n'
        'app = web.Application()\napp.add_routes([web.get("/", index)])\n'
    },
)
SANIC = WebApp(
    "sanic",
    "sanic",
    {
        "server.py": 'from sanic import Sanic, text\n\napp = Sanic("shop")\n\n\n'
        '@app.get("/")\nasync def index(request):\n    return text("from sanic")\n'
    },
)
TORNADO = WebApp(
    "tornado",
    "tornado",
    {
        "main.py": "import asyncio\nimport os\n\nimport tornado.web\n\n\nclass Index(tornado.web.RequestHandler):\n"
        '    def get(self):\n        self.write("from tornado")\n\n\nasync def main():\n'
        '    app = tornado.web.Application([("/", Index)])\n'
        '    app.listen(int(os.environ["PORT"]))\n    await asyncio.Event().wait()\n\n\n'
        'if __name__ == "__main__":\n    asyncio.run(main())\n'
    },
)
STREAMLIT = WebApp(
    "streamlit", "streamlit", {"dashboard.py": 'import streamlit as st\n\nst.title("Numbers")\nst.write(1 + 1)\n'}
)
GRADIO = WebApp(
    "gradio",
    "gradio",
    {"app.py": 'import gradio as gr\n\ndemo = gr.Interface(str.upper, "text", "text")\ndemo.launch()\n'},
)
CHAINLIT = WebApp(
    "chainlit",
    "chainlit",
    {
        "chat.py": "import chainlit as cl\n\n\n@cl.on_message\nasync def answer(message):\n"
        "    await cl.Message(message.content).send()\n"
    },
)
SHINY = WebApp("shiny", "shiny", {"app.py": 'from shiny.express import ui\n\nui.h1("Numbers")\n'})
PANEL = WebApp("panel", "panel", {"app.py": 'import panel as pn\n\npn.panel("# Numbers").servable()\n'})


def django(kind: str) -> WebApp:
    """Return a project with the one entry point that its settings name: ``wsgi`` or ``asgi``."""
    settings = (
        'SECRET_KEY = "x"\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "site_config.urls"\nINSTALLED_APPS = []\n'
        f'DATABASES = {{}}\n{kind.upper()}_APPLICATION = "site_config.{kind}.application"\n'
    )
    environment = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")\n'
    return WebApp(
        f"django-{kind}",
        "django",
        {
            "manage.py": f"{environment}\nfrom django.core.management import execute_from_command_line\n"
            "import sys\n\nexecute_from_command_line(sys.argv)\n",
            "site_config/__init__.py": "",
            "site_config/settings.py": settings,
            "site_config/urls.py": "from django.http import HttpResponse\nfrom django.urls import path\n\n"
            'urlpatterns = [path("", lambda request: HttpResponse("from django"))]\n',
            f"site_config/{kind}.py": f"{environment}\nfrom django.core.{kind} import get_{kind}_application\n\n"
            f"application = get_{kind}_application()\n",
        },
    )


DJANGO_WSGI = django("wsgi")
DJANGO_ASGI = django("asgi")
WSGI_APPS = (DJANGO_WSGI, FLASK, FLASK_FACTORY, FALCON, BOTTLE, DASH)
ASGI_APPS = (DJANGO_ASGI, QUART, FASTAPI, STARLETTE, LITESTAR, FALCON_ASGI)
