"""A web app with one page."""

import regex
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return f"hello {regex.fullmatch('a+', 'aa') is not None}\n"
