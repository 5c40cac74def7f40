"""Every diagnostic code of orun and its page: `orun explain-error CODE`, `docs/errors.md`.

A code is `<area>/<what>`. Each entry says what it means and how to mend it; each has a test that triggers it.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # --- usage -------------------------------------------------------------------------------------------------------
    "usage/unknown-name": "A name on the command line matches nothing. The message lists the nearest valid names.",
    # --- command line and plugins ------------------------------------------------------------------------------------
    "usage/command-line": "An option or argument of the command is wrong. `orun COMMAND --help` lists them.",
    "usage/no-intent": "There is no intent.yaml or intent.yml in the working folder or above it, up to the git root. Change to a folder of the project or name the file with --intent.",
    "plugin/bad-hook": "A plugin implements a hook with a parameter that the hook does not have. Compare it with docs/hooks.md.",
    "plugin/duplicate-name": "Two plugins offer the same name. Uninstall one of the distributions, or leave one out with --no-plugin NAME.",
    "plugin/failed": "A plugin raised an error that is not addressed to the user: a bug of the plugin named. --debug shows its traceback.",
    "plugin/import-failed": "A plugin's module cannot be imported. Reinstall the distribution with its dependencies, or leave it out with --no-plugin NAME.",
    "plugin/ordering": "A plugin's hook asks for a wrapper, tryfirst or trylast. The order of plugins means nothing in orun; remove the option.",
    "plugin/unknown-hook": "A plugin implements a hook that this version of orun does not have. Upgrade orun-core, or mend the hook's name.",
    "plugin/unknown-name": "No plugin offers a backend, source, policy or other thing of this name. The message lists the nearest names, and the plugins that could not be loaded and so might have offered it.",
    "plugin/wrong-result": "A plugin's hook returned something of the wrong type. Offering hooks return a tuple of entries, stages their own value, observers None.",
    # --- trigger events ----------------------------------------------------------------------------------------------
    "trigger/wrong-payload": "The event file is not a payload of this provider, or not of the event that it is said to be. Check --from-ci and, for GitHub, GITHUB_EVENT_NAME.",
    # --- composition packages ----------------------------------------------------------------------------------------
    "archive/damaged": "An archive is cut short, is not a gzip tar or a zip, or its own checks fail. Download or pack it again.",
    "archive/hostile": "An archive holds a link, a device, or a name that is absolute, leaves the package, is there twice or collides with another where case does not count. `orun pack` never writes such archives; ask its author.",
    "archive/too-large": "An archive is larger than a composition package may be: in bytes, entries, path length, depth, or bytes unpacked per byte packed.",
    "cache/changed": "A package in the cache is not what was verified when it was added. `orun cache gc` removes it; the next command fetches it again.",
    "source/bad-digest": "A digest is not `sha256:` and 64 lower-case hexadecimal digits.",
    "source/digest-mismatch": "A package is not the one that `digest:` in the intent or the registry names. If the change is wanted, write the new digest.",
    "source/link": "A composition package holds a symbolic link or a special file. Replace it with a copy of what it points to.",
    "source/not-found": "A composition source names a folder, an archive or a reference that is not there.",
}
