"""What often helps when a step fails, told by the words of the failure: the same on every surface."""

from __future__ import annotations

_HINTS = (
    (("no such file or directory",), "a path was not found: check the component's path and relative paths"),
    (("permission denied",), "check the executable bit and the access rights of the folder"),
    (("timed out",), "raise the timeout of the step or the job"),
    (("command not found", "executable file not found", "exited with code 127"), "a program is not installed here"),
    (("exited with code 126",), "the program cannot be executed: check its executable bit"),
)


def failure_hint(reason: str, tail: str) -> str:
    """What often helps with a failure for this reason, after these last lines of output; empty when nothing fits."""
    text = f"{reason}\n{tail}".lower()
    return next((hint for signs, hint in _HINTS if any(sign in text for sign in signs)), "")
