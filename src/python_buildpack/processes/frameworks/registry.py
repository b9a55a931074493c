"""All web frameworks; where all else is equal, the one further up goes first. A new one is a module and a line here."""

from python_buildpack.processes.frameworks import (
    aiohttp,
    bottle,
    callables,
    chainlit,
    dash,
    django,
    falcon,
    fastapi,
    flask,
    gradio,
    litestar,
    panel,
    quart,
    sanic,
    starlette,
    streamlit,
    tornado,
)
from python_buildpack.processes.interface import WebFramework

WEB_FRAMEWORKS: tuple[WebFramework, ...] = (
    django.find,
    dash.find,
    fastapi.find,
    litestar.find,
    quart.find,
    flask.find,
    sanic.find,
    falcon.find,
    starlette.find,
    bottle.find,
    aiohttp.find,
    tornado.find,
    chainlit.find,
    streamlit.find,
    gradio.find,
    panel.find,
    callables.find,
)
