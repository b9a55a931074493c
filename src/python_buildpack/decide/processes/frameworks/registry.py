"""All web frameworks; the order decides between equal candidates. A new one is a module and a line here."""

from python_buildpack.decide.processes.frameworks import (
    aiohttp,
    blacksheep,
    bottle,
    callables,
    chainlit,
    cherrypy,
    dash,
    django,
    falcon,
    fastapi,
    flask,
    gradio,
    litestar,
    nicegui,
    panel,
    quart,
    reflex,
    sanic,
    shiny,
    socket_io,
    starlette,
    streamlit,
    tornado,
)
from python_buildpack.decide.processes.frameworks.interface import WebFramework

WEB_FRAMEWORKS: tuple[WebFramework, ...] = (
    django.DJANGO,
    dash.DASH,
    fastapi.FASTAPI,
    litestar.LITESTAR,
    quart.QUART,
    flask.FLASK,
    sanic.SANIC,
    falcon.FALCON,
    starlette.STARLETTE,
    blacksheep.BLACKSHEEP,
    bottle.BOTTLE,
    aiohttp.AIOHTTP,
    tornado.TORNADO,
    chainlit.CHAINLIT,
    streamlit.STREAMLIT,
    gradio.GRADIO,
    panel.PANEL,
    shiny.SHINY,
    nicegui.NICEGUI,
    reflex.REFLEX,
    cherrypy.CHERRYPY,
)

APP_KINDS: tuple[WebFramework, ...] = (*WEB_FRAMEWORKS, socket_io.SOCKET_IO, callables.ADAPTERS, callables.CALLABLES)
"""Kinds of apps: of web frameworks, and without one."""
