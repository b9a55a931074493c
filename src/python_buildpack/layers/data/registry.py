"""All kinds of data that get layers of their own. A new kind is a new module in this folder and a line here."""

from python_buildpack.layers.data.interface import DataLayer
from python_buildpack.layers.data.nltk_data import NltkData

DATA_LAYERS: tuple[DataLayer, ...] = (NltkData(),)
