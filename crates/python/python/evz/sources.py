"""Where the bytes of a recording come from: a path, an open file, a URL."""

from __future__ import annotations

import io
import os
import stat
import threading
from typing import Any, BinaryIO, Protocol

from .errors import ChangedError, InvalidArgumentError


class Source(Protocol):
    """Bytes of a known length, any range of which is read."""

    name: str

    def open(self) -> Any:
        """What `_evz.open` takes: a path, or an object with `size` and `read_at`."""

    def state(self) -> Any:
        """What is another once the bytes are others, as far as that can be told."""


class PathSource:
    """A file by its path, which is what is pickled."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.fspath(path)
        if isinstance(self.name, bytes):
            self.name = os.fsdecode(self.name)
        # A worker may have another working directory.
        self._absolute = os.path.abspath(self.name)

    def open(self) -> str:
        return self.name if os.path.abspath(self.name) == self._absolute else self._absolute

    def state(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._absolute)
        except OSError:
            return None
        return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


class FileSource:
    """An open file, which seeks and reads; it cannot be pickled."""

    def __init__(self, file: BinaryIO) -> None:
        self.name = _name_of(file)
        self._file = file

    def open(self) -> FileBytes:
        return FileBytes(self._file, self.name)

    def state(self) -> None:
        return None

    def __reduce__(self) -> Any:
        raise TypeError(
            f"a recording of an open file ({self.name}) cannot be pickled; open it by its path or URL"
        )


class FileBytes:
    """Ranges of an open file. Threads take turns."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._lock = threading.Lock()
        self._process = os.getpid()
        self.size = file.seek(0, os.SEEK_END)

    def read_at(self, offset: int, length: int) -> bytes:
        if os.getpid() != self._process and not isinstance(self._file, io.BytesIO):
            # Both processes would move the one position of the file.
            raise ValueError(
                f"{self._name} was opened before this process was forked; open it here, by its path"
            )
        with self._lock:
            self._file.seek(offset)
            parts = []
            while length > 0:
                part = self._file.read(length)
                if not part:
                    break
                parts.append(part)
                length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class UrlSource:
    """What fsspec finds at a URL."""

    def __init__(self, url: str, storage_options: dict[str, Any] | None) -> None:
        self.name = url
        self._storage_options = storage_options or {}

    def _found(self) -> tuple[Any, str]:
        try:
            import fsspec  # type: ignore[import-untyped, import-not-found, unused-ignore]
        except ImportError as error:
            raise InvalidArgumentError(
                f"{self.name}: a URL is read through fsspec, which is not here: pip install fsspec"
            ) from error
        found: tuple[Any, str] = fsspec.core.url_to_fs(self.name, **self._storage_options)
        return found

    def open(self) -> UrlBytes:
        return UrlBytes(*self._found())

    def state(self) -> Any:
        fs, path = self._found()
        info = fs.info(path)
        return tuple(str(info.get(key)) for key in ("size", "ETag", "mtime", "LastModified", "created"))


class UrlBytes:
    """Ranges of a file of fsspec."""

    def __init__(self, fs: Any, path: str) -> None:
        self._fs = fs
        self._path = path
        self.size = fs.size(path)

    def read_at(self, offset: int, length: int) -> bytes:
        read: bytes = self._fs.cat_file(self._path, start=offset, end=offset + length)
        return read


def source_of(
    source: str | os.PathLike[str] | BinaryIO, storage_options: dict[str, Any] | None
) -> Source:
    """The source that an argument stands for."""
    if isinstance(source, (str, bytes)) or hasattr(source, "__fspath__"):
        if isinstance(source, str) and "://" in source:
            return UrlSource(source, storage_options)
        return PathSource(source)
    if all(hasattr(source, method) for method in ("read", "seek")):
        path = _path_of(source)
        return FileSource(source) if path is None else PathSource(path)
    raise TypeError(
        f"a recording is opened by a path, a URL or a binary file, not by {type(source).__name__}"
    )


def _path_of(file: BinaryIO) -> str | None:
    """The path of a plain file that is there: by it, many threads and processes read at once."""
    if type(file) not in (io.BufferedReader, io.FileIO, io.BufferedRandom) or file.closed:
        return None
    name = getattr(file, "name", None)
    try:
        here = os.fstat(file.fileno())
        same = isinstance(name, str) and os.path.samestat(here, os.stat(name))
    except OSError:
        return None
    return name if same and stat.S_ISREG(here.st_mode) else None


def _name_of(file: BinaryIO) -> str:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name else f"<{type(file).__name__}>"


def check_unchanged(source: Source, before: Any) -> None:
    """Stops where the bytes are not those that they were."""
    now = source.state()
    if now == before:
        return
    if now is None:
        what = "is not there, or no plain file any more"
    else:
        what = f"changed: size and times were {before} and are {now}"
    raise ChangedError(f"{source.name}: since the recording was pickled it {what}; open it again")
