"""Resolving build plans, without running anything (cnb-contract §1.3)."""

from devkit.lifecycle.plan import Alternative, Candidate, Require, Resolved, Unresolved, resolve


def alternative(provides: str = "", requires: str = "") -> Alternative:
    """Return an alternative from names separated by spaces."""
    return Alternative(tuple(provides.split()), tuple(Require(name) for name in requires.split()))


def candidate(name: str, *alternatives: Alternative, optional: bool = False) -> Candidate:
    """Return a buildpack that passed detection."""
    return Candidate(name, optional, alternatives or (alternative(),))


def group(*candidates: Candidate) -> tuple[str, ...] | None:
    """Return who takes part, or None when nothing fits."""
    result = resolve(candidates)
    return result.group if isinstance(result, Resolved) else None


def test_a_requirement_may_be_met_by_the_same_or_an_earlier_buildpack() -> None:
    """Whoever provides it stands at the same place or before."""
    provider, user = candidate("p", alternative("x")), candidate("u", alternative("", "x"))

    assert group(provider, user) == ("p", "u")
    assert group(user, provider) is None
    assert group(candidate("both", alternative("x", "x"))) == ("both",)


def test_what_is_provided_must_be_required() -> None:
    """A provider that nobody needs fails, or is left out when it is optional."""
    unused, other = candidate("p", alternative("x")), candidate("o")

    assert group(unused, other) is None
    assert group(candidate("p", alternative("x"), optional=True), other) == ("o",)


def test_leaving_one_out_can_make_another_fail() -> None:
    """An optional requirer that goes takes the reason of its provider with it."""
    provider = candidate("p", alternative("x"))
    requirer = candidate("r", alternative("", "x missing"), optional=True)

    assert group(provider, requirer) is None
    assert group(candidate("p", alternative("x"), optional=True), requirer, candidate("o")) == ("o",)


def test_the_first_buildpacks_first_choice_is_given_up_last() -> None:
    """Alternatives are tried depth first: the last buildpack's vary soonest."""
    first = candidate("a", alternative("x"), alternative("y"))
    second = candidate("b", alternative("", "y"), alternative("", "x"))

    result = resolve([first, second])

    assert isinstance(result, Resolved)
    assert [entry.name for entry in result.entries] == ["x"]


def test_an_optional_buildpack_is_only_left_out_in_its_last_alternative() -> None:
    """As long as it has another choice, that is tried before the group goes on without it."""
    optional = candidate("o", alternative("x"), alternative("y"), optional=True)

    assert group(optional, candidate("u", alternative("", "y"))) == ("o", "u")
    assert group(optional, candidate("u")) == ("u",)
    assert group(candidate("o", alternative("x"), alternative(), optional=True), candidate("u")) == ("o", "u")


def test_every_provider_is_asked_in_order_and_gets_all_requirements() -> None:
    """An entry lists its providers up to its last requirement, and the requirements as they came."""
    result = resolve(
        [candidate("p", alternative("x")), candidate("q", alternative("x", "x")), candidate("u", alternative("", "x"))]
    )

    assert isinstance(result, Resolved)
    (entry,) = result.entries
    assert (entry.providers, len(entry.requires)) == (("p", "q"), 2)


def test_every_combination_that_failed_says_why() -> None:
    """The reasons name the buildpack and the dependency."""
    result = resolve([candidate("a", alternative("x"), alternative("", "y"))])

    assert result == Unresolved(
        ("a provides 'x', which nothing after it requires", "a requires 'y', which nothing before it provides")
    )


def test_an_empty_group_is_no_group() -> None:
    """Somebody has to build."""
    assert group(candidate("p", alternative("x"), optional=True)) is None
