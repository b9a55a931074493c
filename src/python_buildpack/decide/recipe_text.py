"""A recipe for people: one line for each decision, with its reason."""

from collections.abc import Iterator

from python_buildpack.decide.recipe import Recipe


def recipe_lines(recipe: Recipe) -> Iterator[str]:
    """Yield what a build would do, and what it would warn of. Pure."""
    yield from _before_the_processes(recipe)
    plan = recipe.processes
    if plan is not None:
        for process in plan.processes:
            yield f"Process {process.type}{' (default)' if process.default else ''}: {process.line}: {process.because}"
        for alternative in plan.alternatives:
            yield f"Not chosen: {alternative}"
        yield from plan.needs
        for limit in plan.limits:
            yield f"Not all of the app was looked at: {limit}"
    for notice in (*recipe.notices, *(plan.notices if plan else ())):
        yield f"Notice: {notice.title}: {notice.text}"


def _before_the_processes(recipe: Recipe) -> Iterator[str]:
    yield f"Python {recipe.python.interpreter.version}: {recipe.python.because}"
    yield f"Package manager {recipe.manager.name}: {recipe.manager.because}"
    if recipe.choices.groups or recipe.choices.extras:
        yield f"Installed besides: {', '.join((*recipe.choices.groups, *recipe.choices.extras))}"
    if recipe.steps:
        yield f"Steps: {', '.join(recipe.steps)}"
    for name, value in recipe.settings:
        yield f"Setting {name}: {value.text}{'' if value.origin == name else f', by {value.origin}'}"
