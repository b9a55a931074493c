"""A web app with one page."""

import os

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return f"Hello from Flask, worker {os.getpid()}\n"
