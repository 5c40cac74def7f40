"""Every diagnostic code of orun and its page: `orun explain-error CODE`, `docs/errors.md`.

A code is `<area>/<what>`. Each entry says what it means and how to mend it; each has a test that triggers it.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # --- usage -------------------------------------------------------------------------------------------------------
    "usage/unknown-name": "A name on the command line matches nothing. The message lists the nearest valid names.",
}
