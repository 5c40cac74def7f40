"""Hand-made archives: what no honest tool writes."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile


def tgz(*members, damage=lambda plain: plain, pack=gzip.compress):
    """A gzip tar of (name, content) pairs and TarInfo objects."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                name, content = member
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return pack(damage(plain.getvalue()))


def special(name, kind, target="", **fields):
    """A member that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def zipped(*members, mode=0o100644, change=lambda info: None):
    """A zip of (name, content) pairs."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, content)
    return target.getvalue()
