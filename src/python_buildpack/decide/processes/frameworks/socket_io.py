"""Socket.IO and Engine.IO (https://python-socketio.readthedocs.io): apps around other apps."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

SOCKET_IO = WebFramework(
    "Socket.IO",
    ("python-socketio", "python-engineio"),
    {
        "socketio.ASGIApp": "asgi",
        "socketio.WSGIApp": "wsgi",
        "engineio.ASGIApp": "asgi",
        "engineio.WSGIApp": "wsgi",
    },
    frozenset({"socketio", "engineio", "flask_socketio"}),
    loopback_calls={"flask_socketio.SocketIO.run": "Flask-SocketIO"},
    # What these are given answers all other requests.
    mounts=frozenset({"ASGIApp", "WSGIApp"}),
    in_memory={
        "socketio.AsyncServer": "client_manager",
        "socketio.Server": "client_manager",
        # gunicorn gives the requests of one client to any of its workers, which a message queue does not change.
        "flask_socketio.SocketIO": "",
    },
)
