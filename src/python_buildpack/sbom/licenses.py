"""Finds the license of a distribution in its core metadata.

License-Expression (PEP 639) is exact. Older metadata has classifiers, many of which are not ("BSD License" may be any
of a dozen), and a free text. An exact license in any of the fields is preferred; all others are kept as names.
"""

from collections.abc import Mapping, Sequence

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from python_buildpack.sbom.bill import License, LicenseExpression, LicenseName, LicenseNotStated

_LONGEST_NAME = 100
"""In characters. A longer License field is the text of a license, not its name."""

_PREFIX = "License :: "
_SAYS_NOTHING = frozenset({"", "unknown", "none", "license", "licence", "see license", "see license file", "file"})

_BY_CLASSIFIER = {
    "Blue Oak Model License (BlueOak-1.0.0)": "BlueOak-1.0.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Eclipse Public License 1.0 (EPL-1.0)": "EPL-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "European Union Public Licence 1.1 (EUPL 1.1)": "EUPL-1.1",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mulan Permissive Software License v2 (MulanPSL-2.0)": "MulanPSL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "zlib/libpng License": "Zlib",
}
"""Classifiers that mean exactly one license, by their last part."""

_BY_NAME = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license v2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "bsd 2 clause": "BSD-2-Clause",
    "bsd 2 clause license": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "bsd 3 clause license": "BSD-3-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "the mit license": "MIT",
}
"""Spellings of the License field that mean exactly one license, with spaces for commas and hyphens."""


EXACT = frozenset({*_BY_CLASSIFIER.values(), *_BY_NAME.values()})
"""All expressions in these tables."""


def decide_license(headers: Mapping[str, Sequence[str]]) -> License:
    """Return the license of a distribution; ``headers`` are the fields of its core metadata by name in lower case."""
    stated = _first(headers, "license-expression")
    if stated:
        return parse_license(stated)
    classifiers = [_last_part(line) for line in headers.get("classifier", ()) if line.startswith(_PREFIX)]
    exact = {_BY_CLASSIFIER[name] for name in classifiers if name in _BY_CLASSIFIER}
    if len(exact) == 1 and len(set(classifiers)) == 1:
        return LicenseExpression(exact.pop())
    text = parse_license(_first(headers, "license"))
    names = sorted(set(classifiers) - {"OSI Approved"})
    # With several classifiers it is not known whether all apply or one can be chosen, so they are kept as names.
    return LicenseName(", ".join(names)) if names and not isinstance(text, LicenseExpression) else text


def parse_license(text: str) -> License:
    """Return the license in a short text: an expression, if it is one or a known spelling of one; a name; or none."""
    text = text.strip()
    if text.lower() in _SAYS_NOTHING or "\n" in text or len(text) > _LONGEST_NAME:
        return LicenseNotStated()
    known = _BY_NAME.get(" ".join(text.lower().replace(",", " ").replace("-", " ").split()))
    if known:
        return LicenseExpression(known)
    try:
        return LicenseExpression(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return LicenseName(text)


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _last_part(classifier: str) -> str:
    return classifier.rpartition(" :: ")[2].strip()
