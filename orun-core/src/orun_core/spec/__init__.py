"""The plugin contract: the only package of orun-core that a plugin imports.

Import what you need from its modules (``orun_core.spec.hooks``, ``orun_core.spec.backend`` …); importing this package loads
nothing. ``API_VERSION`` is the version of the contract; its first number is part of the entry-point group.
"""

API_VERSION = (1, 0)
ENTRY_POINT_GROUP = f"orun.v{API_VERSION[0]}"
