"""A small disk that can be filled, for tests of what happens then."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoSmallDiskError(RuntimeError):
    """Only root can make one, and not everywhere."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of that size in memory, as long as the block lasts.

    Raises:
        NoSmallDiskError: this machine does not let us.
    """
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={megabytes}m", "dbbuddy-test", str(folder)]
    if os.geteuid() != 0 or not mount or subprocess.run(command, capture_output=True).returncode:
        raise NoSmallDiskError
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Take all space but so many bytes; returns the file to delete."""
    file = folder / "filler"
    with file.open("wb") as handle:
        left = shutil.disk_usage(folder).free - leave
        while left > 0:
            left -= handle.write(bytes(min(left, 1024**2)))
    return file
