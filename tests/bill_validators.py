"""Whether a bill of materials is valid, by the field's own libraries.

They are imported where they are used: importing one compiles 38 grammars, and that takes seconds in each process that
collects tests.
"""

from typing import Any


def cyclonedx_problem(text: str) -> object:
    """Return what is wrong with a document by the strict, official schema of CycloneDX 1.6, or None."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - see above
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - see above

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def spdx_problems(document: dict[str, Any]) -> list[str]:
    """Return what is wrong with a document of SPDX 2.3, its licenses, references and identifiers too."""
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser  # noqa: PLC0415 - see above
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document  # noqa: PLC0415 - see above

    parsed = JsonLikeDictParser().parse(document)  # type: ignore[no-untyped-call] # theirs
    return [problem.validation_message for problem in validate_full_spdx_document(parsed, "SPDX-2.3")]
