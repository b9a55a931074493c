"""CherryPy (https://docs.cherrypy.dev): programs with a server of their own."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

CHERRYPY = WebFramework(
    "CherryPy", ("cherrypy",), words=frozenset({"cherrypy"}), port_calls=frozenset({"cherrypy.quickstart"})
)
