"""Where agtop keeps its own files, and how a path is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600


def home() -> Path:
    """The user's home. Raises RuntimeError when the system knows none."""
    return Path.home()


def config_dir() -> Path:
    """What the user writes, and agtop reads: config.toml."""
    return _own("XDG_CONFIG_HOME", ".config", "user_config_dir")


def cache_dir() -> Path:
    """What may be deleted at any time: the index, the log."""
    return _own("XDG_CACHE_HOME", ".cache", "user_cache_dir")


def _own(variable: str, folder: str, elsewhere: str) -> Path:
    if sys.platform == "linux":  # told in two lines; platformdirs knows every other system
        base = os.path.expanduser(os.environ.get(variable, "").strip())
        return Path(base if os.path.isabs(base) else home() / folder) / "agtop"
    import platformdirs

    return Path(getattr(platformdirs, elsewhere)("agtop", appauthor=False))


def state_dir() -> Path:
    """What cannot be made again, unlike a cache: names, alerts that were given."""
    return _own("XDG_STATE_HOME", ".local/state", "user_state_dir")


def short(path: str, base: str | None = None) -> str:
    """`path` with the home directory as `~`, component by component."""
    root = (base if base is not None else str(home())).rstrip(os.sep)
    if root and (path == root or path.startswith(root + os.sep)):
        return "~" + path[len(root) :]
    return path


def write_atomically(path: Path, data: bytes, mode: int = FILE_MODE) -> None:
    """Replace `path` whole or not at all; readable by its owner only, unless `mode` says more."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
