"""Text that a terminal or a page may show, whatever file it came from."""


def printable(text: str) -> str:
    r"""Return text on one line, with ? for what moves a cursor, changes colours or is no letter.

    >>> printable("a\x1b[31m\nb")
    'a?[31m?b'
    """
    return "".join(c if c.isprintable() else "?" for c in text)
