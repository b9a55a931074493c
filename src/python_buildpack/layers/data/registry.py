"""All kinds of data that get layers of their own. A new one is a module beside this one and a line here."""

from python_buildpack.layers.data.interface import DataLayer
from python_buildpack.layers.data.nltk_data import NltkData

DATA_LAYERS: tuple[DataLayer, ...] = (NltkData(),)
