"""The environment for all commands of a build: bindings are applied, and the reporter hides secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

from cnb.context import BuildContext
from cnb.frozen import replace
from python_buildpack.app.known_files import KNOWN_FILES
from python_buildpack.platform.bindings.apply import applied_bindings
from python_buildpack.platform.bindings.read import read_bindings
from python_buildpack.ports.fetching.mirrored import Mirrors
from python_buildpack.ports.reporter import TextReporter
from python_buildpack.secrets.credentials import credentials_in_files, credentials_in_platform, credentials_in_variables


@contextmanager
def build_environment(context: BuildContext, reporter: TextReporter) -> Iterator[tuple[BuildContext, Mirrors]]:
    """Yield the context with the environment for all commands, and the mirrors for all downloads.

    First of all, the reporter gets the credentials that it must not show. Raises BindingInvalid.
    """
    reporter.hide(credentials_in_variables(context.env))
    reporter.hide(credentials_in_platform(context.platform))
    found = read_bindings(context.platform.bindings)
    with applied_bindings(found, context.env, context.layers.root) as (env, mirrors):
        reporter.hide(credentials_in_files(context.app_dir, env, KNOWN_FILES))
        if found:
            reporter.heading("Service bindings")
        for binding in found:
            reporter.line(binding.summary)
            for notice in binding.notices:
                reporter.warning(notice.title, notice.text)
        yield replace(context, env=env), mirrors
