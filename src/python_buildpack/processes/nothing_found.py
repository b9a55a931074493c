"""What is said when nothing shows how to start an app: every way to give a run command, ready to copy."""

from python_buildpack.processes.interface import Advice

NOTHING_FOUND = Advice(
    "No process was found: the image needs a run command",
    """Nothing in the source says what to start, so the image has no default process.
Name the program, here my_program.py, in one of these ways:
- in a file named Procfile in the app directory:
    web: python my_program.py
- in project.toml, which pack reads where it is not given --buildpack:
    [_]
    schema-version = "0.2"
    [[io.buildpacks.post.group]]
    id = "my/run-command"
    [io.buildpacks.post.group.script]
    api = "0.10"
    shell = "/bin/sh"
    inline = "echo 'processes = [{type = \\"web\\", command = [\\"python\\", \\"my_program.py\\"], default = true}]' \
> $CNB_LAYERS_DIR/launch.toml"
- when the container starts:
    docker run IMAGE -- python my_program.py
- on DigitalOcean App Platform, in the component's app spec:
    run_command: python my_program.py
A web process must listen on 0.0.0.0 and the port in the environment variable PORT.""",
)
