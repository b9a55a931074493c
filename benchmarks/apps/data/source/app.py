"""A web app whose only page computes a little with everything it imports."""

import django
import numpy
import pandas
import sklearn.linear_model
import sqlalchemy
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    frame = pandas.DataFrame({"x": numpy.arange(10.0), "y": numpy.arange(10.0) * 2})
    model = sklearn.linear_model.LinearRegression().fit(frame[["x"]], frame["y"])
    versions = django.__version__, sqlalchemy.__version__
    return f"{model.coef_[0]:.1f} {versions}\n"
