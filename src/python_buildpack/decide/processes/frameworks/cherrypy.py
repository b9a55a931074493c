"""CherryPy (https://docs.cherrypy.dev): programs that serve themselves."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

CHERRYPY = WebFramework(
    "CherryPy", ("cherrypy",), words=frozenset({"cherrypy"}), port_calls=frozenset({"cherrypy.quickstart"})
)
