"""Characters that come with text copied from a page or a word processor, and look like others or like nothing."""

ODD = {
    "\u00a0": "no-break space",
    "\u00ad": "soft hyphen",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u2010": "hyphen that is not the one of a keyboard",
    "\u2013": "en dash",
    "\u2014": "em dash",
    "\u2018": "left single quotation mark",
    "\u2019": "right single quotation mark",
    "\u201c": "left double quotation mark",
    "\u201d": "right double quotation mark",
    "\u202f": "narrow no-break space",
    "\u2060": "word joiner",
    "\u3000": "ideographic space",
    "\ufeff": "byte order mark",
}


def names_of_odd(text: str) -> str:
    """Return the names of those that a text has, with their code points; empty if it has none."""
    if text.isascii():
        return ""
    return ", ".join(f"{ODD[one]} ({code_of(one)})" for one in dict.fromkeys(text) if one in ODD)


def code_of(character: str) -> str:
    """Return a character's code point as Unicode writes it."""
    return f"U+{ord(character):04X}"
