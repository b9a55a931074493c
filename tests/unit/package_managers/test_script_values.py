"""What a setup.py puts together from texts and numbers is known without running it."""

import ast

import pytest

from python_buildpack.package_managers.script_values import ScriptValues


def text_in(script: str) -> str | None:
    """Return what is known of the last expression of a script."""
    tree = ast.parse(script)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    return ScriptValues(tree).text(last.value)


@pytest.mark.parametrize(
    "script",
    [
        "'>=3.8,<3.12'",
        "LOW = '3.8'\n'>=' + LOW + ',<3.12'",
        "LOW, HIGH = (3, 8), '3.12'\n'>=%d.%d' % LOW + ',<' + HIGH",
        "A = '3.8'\nB = (3, 12)\nf'>={A},<{B[0]}.{B[1]}'",
        "A = (3, 8)\n'>=%d.%d,<3.12' % A",
        "'>=%s,<3.12' % '3.8'",
        "A = (3, 8)\n'>={},<{}'.format('.'.join(map(str, A)), '3.12')",
        "A = ['3', '8']\n'>={0},<3.12'.format('.'.join(A))",
        "A = 8\n'>=3.' + str(A) + ',<3.12'",
    ],
)
def test_a_range_is_put_together(script: str) -> None:
    """By all the ways in which authors write one."""
    assert text_in(script) == ">=3.8,<3.12"


@pytest.mark.parametrize(
    "script",
    [
        "A = '3.8'\nA = '3.9'\n'>=' + A",
        "'>=' + read()",
        "'{:>99999999999}'.format('3')",
        "'%99999999999s' % '3'",
        "'{} {}'.format('3')",
        "'%s %%' % '3'",
        "A = A\nA",
        "'>={1}.{0}'.format(6, 3)",
        "A = ['3', '6']\nA.append('7')\n'.'.join(A)",
        "A = ['3']\nA[0] = '4'\nA[0]",
        "A = '3'\ndef A(): pass\nA",
        "A = '3'\nimport b as A\nA",
        "A = '3'\ndef b(A): return A\nA",
        "f'>={3:02d}'",
        "f'>={A!r}' if 0 else f'{3!r}'",
        "*W, A = 1, 2, '3'\nA",
        "(3, 8)[5]",
        "(3, 8)",
        "'.'.join(((3,), (8,)))",
        "'a' * 999999999999",
        "\n".join(f"N{i} = ({', '.join([f'N{i + 1}'] * 50)},)" for i in range(30)) + "\nN0",
    ],
)
def test_anything_else_is_not_known(script: str) -> None:
    """Nothing is guessed, and nothing takes long."""
    assert text_in(script) is None
