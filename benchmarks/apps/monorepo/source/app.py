"""A web app with one page, the visible part of a large repository."""

import fastapi
import lxml.etree
import sqlalchemy
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return f"{fastapi.__version__} {sqlalchemy.__version__} {lxml.etree.__version__}\n"
