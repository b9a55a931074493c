"""``ca-certificates``: certificate authorities, one or several in each entry; entries may have any names."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Certificates, Given

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def _read(given: Given) -> tuple[Addition, ...]:
    if not given.entries:
        raise given.invalid("*.pem", "is missing")
    for name, text in given.entries.items():
        if "PRIVATE KEY-----" in text:
            raise given.invalid(name, "has a private key, which must not be there")
        if _BEGIN not in text or text.count(_BEGIN) != text.count(_END):
            raise given.invalid(name, "is not a certificate in PEM format")
    return tuple(Certificates(text.strip() + "\n") for _, text in sorted(given.entries.items()))


CA_CERTIFICATES = BindingType(
    "ca-certificates",
    None,
    _read,
    entries_meaning="any names, PEM",
    meaning="Certificate authorities to trust besides the system's, everywhere.",
)
