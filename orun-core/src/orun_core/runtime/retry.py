"""How long to wait before another attempt."""

from __future__ import annotations

import random

from orun_core.spec.frozen import frozen


@frozen
class Backoff:
    """Exponential back-off with jitter: 1 s, 2 s, 4 s … at most 30 s, each shortened by up to a tenth."""

    first: float = 1.0
    most: float = 30.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        full = min(self.most, self.first * 2.0 ** min(failures - 1, 30))
        return full * (1 - random.random() / 10)  # noqa: S311 - jitter needs no secrecy
