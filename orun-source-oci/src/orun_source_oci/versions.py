"""Semantic versions and ranges of them: `^1.2`, `~1.2.3`, `1.x`, `>=1.2 <3`, `*`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 128
"""Characters of a tag, by the specification of registries; what is longer is no version."""
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_TERM: Final = re.compile(r"(\^|~|>=|<=|>|<|=)?\s*v?(\d+|[x*])(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:-([0-9A-Za-z.-]+))?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version in semantic order: a release comes after its pre-releases."""

    numbers: tuple[int, int, int]
    release: bool = True
    labels: tuple[tuple[bool, int, str], ...] = ()


def parse_version(tag: str) -> Version | None:
    """The version of a tag (`1.2.3`, `v1.2.3-rc.1`), or None."""
    match = _VERSION.fullmatch(tag)
    if not match or len(tag) > LONGEST:
        return None
    major, minor, patch, labels = match.groups()
    return Version((int(major), int(minor), int(patch)), not labels, _labels(labels or ""))


def newest(tags: Iterable[str], wanted: str) -> str:
    """The tag with the highest version in a range, empty when none is. Pre-releases count only when the range names one."""
    intervals = bounds(wanted)
    versions = [(version, tag) for tag in tags if (version := parse_version(tag))]
    allowed = [pair for pair in versions if pair[0].release or "-" in wanted]
    return max((pair for pair in allowed if all(low <= pair[0] < high for low, high in intervals)), default=(None, ""))[
        1
    ]


def _labels(text: str) -> tuple[tuple[bool, int, str], ...]:
    return tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in text.split(".") if p)


def bounds(wanted: str) -> list[tuple[Version, Version]]:
    """Half-open intervals of a range, all of which a version must be in; raises `CompileError` (`source/bad-reference`)."""
    terms = wanted.replace(",", " ").split()
    matches = [_TERM.fullmatch(term) for term in terms]
    if not terms or not all(matches) or len(wanted) > LONGEST:
        raise refused("bad-reference", f"'{wanted}' is not a range of versions", "write ^1.2, ~1.2.3, 1.x or >=1.2 <3")
    return [_interval(*match.groups()) for match in matches if match]


def _interval(sign: str | None, *parts: str | None) -> tuple[Version, Version]:
    numbers = [int(part) for part in parts[:3] if part and part not in "x*"]
    labels = parts[3] or ""
    exact = ([*numbers, 0, 0, 0])[:3]
    here = Version((exact[0], exact[1], exact[2]), not labels, _labels(labels))
    first, last = Version((0, 0, 0), release=False), Version((1 << 62, 0, 0))
    after = _before(_bumped(exact, len(numbers) - 1)) if numbers else last
    if sign == ">=":
        return here, last
    if sign == ">":
        return (after if len(numbers) < 3 else _following(here)), last
    if sign == "<":
        return first, _before(here) if not labels else here
    if sign == "<=":
        return first, after if len(numbers) < 3 else _following(here)
    if not numbers:
        return first, last
    if sign == "^":
        leading = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
        return here, _before(_bumped(exact, leading))
    if sign == "~":
        return here, _before(_bumped(exact, min(1, len(numbers) - 1)))
    return here, after if len(numbers) < 3 else _following(here)


def _bumped(numbers: list[int], index: int) -> Version:
    raised = [*numbers[:index], numbers[index] + 1, 0, 0][:3]
    return Version((raised[0], raised[1], raised[2]))


def _before(version: Version) -> Version:
    """The bound below all pre-releases of a version."""
    return Version(version.numbers, release=False)


def _following(version: Version) -> Version:
    """The bound just above a version."""
    return Version(version.numbers, version.release, (*version.labels, (False, -1, "")))
