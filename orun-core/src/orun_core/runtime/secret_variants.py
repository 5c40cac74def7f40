"""The forms in which a secret may appear in output: itself, its lines, and its usual encodings."""

from __future__ import annotations

import base64
import html
import json
import shlex
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Values and lines with fewer bytes than this are not masked: they would blank out ordinary words."""
_SHORTEST_ENCODED = 6
_WRAPS = (76, 64)


def variants(value: str) -> frozenset[bytes]:
    """Every byte string that betrays `value`."""
    raw = value.encode("utf-8", "surrogateescape")
    plain = {raw, raw.strip(), raw.replace(b"\n", b"\r\n")}
    plain |= {part for line in raw.splitlines() if line.strip() for part in (line, line.strip())}
    found = {form for form in plain if len(form) >= SHORTEST}
    encoded: set[bytes] = set()
    for form in found:
        text = form.decode("utf-8", "surrogateescape")
        encoded |= _quoted(text) | _base64(form) | {form.hex().encode(), form.hex().upper().encode()}
        encoded |= {text.encode(code, "surrogatepass") for code in ("utf-16-le", "utf-16-be")}
    return frozenset(found | {form for form in encoded if len(form) >= _SHORTEST_ENCODED})


def _quoted(text: str) -> set[bytes]:
    url = {quote(text, safe=""), quote(text), quote_plus(text), quote(text, safe="~()*!'")}
    forms = url | {_lower_percent(form) for form in url}
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        forms |= {once, once.replace("/", "\\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    double = "".join(f"\\{char}" if char in '\\"$`' else char for char in text)
    bash = "".join(f"\\{char}" if not (char.isalnum() or char in "_./:=@%+,-") else char for char in text)
    forms |= {shlex.quote(text), text.replace("'", "'\\''"), double, bash, repr(text)[1:-1]}
    forms |= {html.escape(text), html.escape(text, quote=False)}
    return {form.encode("utf-8", "surrogateescape") for form in forms if not form.startswith("'")} | {
        form[1:-1].encode("utf-8", "surrogateescape") for form in forms if form.startswith("'")
    }


def _lower_percent(text: str) -> str:
    head, *tail = text.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in tail)])


def _base64(form: bytes) -> set[bytes]:
    found = set()
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + form)
        first, last = -(-8 * shift // 6), (8 * (shift + len(form))) // 6
        found |= {code[first:last], code[first:last].translate(bytes.maketrans(b"+/", b"-_"))}
    code = base64.b64encode(form).rstrip(b"=")
    found |= {code, code.translate(bytes.maketrans(b"+/", b"-_"))}
    for width in _WRAPS:
        if len(code) > width:
            found |= {code[at : at + width] for at in range(0, len(code), width)}
    return found
