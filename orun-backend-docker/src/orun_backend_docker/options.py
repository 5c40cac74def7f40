"""Options of the backend `docker`; each is a flag of `orun run`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Pull(StrEnum):
    """When an image is fetched from its registry."""

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


class Files(StrEnum):
    """How a container gets the workspace."""

    AUTO = "auto"
    MOUNT = "mount"
    COPY = "copy"


class DockerOptions(BaseModel):
    """How containers are made."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, coerce_numbers_to_str=True)

    images: dict[str, str] = {}
    """Image by `runsOn` label; wins over the built-in `ubuntu-*` labels."""
    image: str = "ubuntu:22.04"
    """Image of jobs that name none."""
    pull: Pull = Pull.MISSING
    """`missing`, `always` or `never`."""
    platform: str = ""
    """`linux/amd64`, `linux/arm64` …; the engine's own when empty."""
    user: str = Field(default="", pattern=r"^(\d+(:\d+)?)?$")
    """`UID` or `UID:GID` that steps run as; the caller when empty."""
    network: str = ""
    """`none`, `host` or the name of a network; the engine's default when empty."""
    memory: str = Field(default="", pattern=r"^(\d+[bkmgBKMG]?)?$")
    """Limit such as `512m` or `2g`."""
    cpus: float = Field(default=0.0, ge=0)
    """Limit such as `1.5`; 0 for none."""
    pids: int = Field(default=0, ge=0)
    """Limit of processes; 0 for none."""
    read_only: bool = False
    """Root file system read-only; `/tmp`, the workspace and HOME stay writable."""
    capabilities: tuple[str, ...] = ()
    """Capabilities to keep; all others are dropped."""
    security: tuple[str, ...] = ()
    """Further security options, for example `label=disable`."""
    environment: tuple[str, ...] = ()
    """Variables of orun's own environment that steps may see."""
    files: Files = Files.AUTO
    """`mount`, `copy`, or `auto`: copy when the engine is on another machine."""
    ready: int = Field(default=60, gt=0)
    """Seconds in which services must become healthy."""
