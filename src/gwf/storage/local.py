"""Objects as files below one directory: written beside, made durable, then renamed into place."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Generator, Iterator

from gwf.core.errors import CorruptDataError, FaultScope, GwfError, NotFoundError
from gwf.storage import local_tree, local_uploads, multipart
from gwf.storage.hashing import CHUNK_BYTES, PartDigest, Span, chunks, digest_bytes, digest_source, read_all
from gwf.storage.local_tree import translated
from gwf.storage.model import (
    Checksums,
    FileSource,
    MultipartState,
    ObjectMeta,
    ObjectPage,
    ObjectReceipt,
    Part,
    StoreHealth,
    StoreState,
)
from gwf.storage.ports import UploadRecord

_OPEN_OBJECT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STALE_TEMP_S = 24 * 3600.0
_RENAME_TRIES = 3


class LocalStore:
    """An ObjectStore in a local or mounted directory. It keeps no ETags: `etag` is always ""."""

    uses_crc64 = False

    def __init__(
        self, root: str, *, multipart_threshold_bytes: int, part_size_bytes: int, part_concurrency: int = 1
    ) -> None:
        """Use the directory `root`; it is looked at, and made, by the first call, not here."""
        self.multipart_threshold_bytes = multipart_threshold_bytes
        self.part_size_bytes = part_size_bytes
        self.part_concurrency = part_concurrency
        self._root = root

    def put_object(self, key: str, source: FileSource) -> ObjectReceipt:
        """See ObjectStore."""
        segments = local_tree.segments_of(key)
        temp = secrets.token_hex(12)
        with self._root_and_temp(key) as (root_fd, temp_fd):
            try:
                sums = _write_temp(temp_fd, temp, source)
                _publish(root_fd, segments, temp, temp_fd=temp_fd)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temp, dir_fd=temp_fd)
                raise
        return ObjectReceipt(key=key, size_bytes=source.size_bytes, etag="", checksums=sums)

    def multipart_upload(
        self, key: str, source: FileSource, *, record: UploadRecord, state: MultipartState | None = None
    ) -> ObjectReceipt:
        """See ObjectStore."""
        local_tree.segments_of(key)
        return multipart.upload(self, key, source, record=record, state=state)

    def find_uploaded(self, key: str, source: FileSource) -> ObjectReceipt | None:
        """See ObjectStore."""
        return multipart.find_uploaded(self, key, source)

    def create_upload(self, key: str) -> str:
        """See PartStore."""
        with translated(self._root, key):
            os.close(local_tree.open_root(self._root))
            return local_uploads.create(self._root, key)

    def send_part(self, state: MultipartState, source: FileSource, span: Span) -> tuple[Part, PartDigest]:
        """See PartStore."""
        with translated(self._root, state.key):
            return local_uploads.send(self._root, state, source, span=span)

    def list_parts(self, state: MultipartState) -> tuple[Part, ...]:
        """See ObjectStore."""
        with translated(self._root, state.key):
            return local_uploads.parts(self._root, state)

    def complete_upload(self, state: MultipartState, digests: tuple[PartDigest, ...]) -> ObjectMeta:
        """See PartStore. Each part was hashed while it was copied, so nothing is read again."""
        segments = local_tree.segments_of(state.key)
        if [part.etag for part in state.parts] != [digest.md5 for digest in digests]:
            raise CorruptDataError("a part is missing or differs", key=state.key)
        with translated(self._root, state.key), _opened(local_tree.open_root(self._root)) as root_fd:
            data = local_uploads.finished_data(self._root, state)
            _publish(root_fd, segments, data, temp_fd=None)
            local_uploads.drop(self._root, state.upload_id)
        return self.get_object_meta(state.key)

    def find_same(self, key: str, digests: tuple[PartDigest, ...]) -> ObjectMeta | None:
        """See PartStore."""
        try:
            with self._open_object(key) as fd:
                found = os.fstat(fd)
                source = FileSource(fd=fd, size_bytes=found.st_size)
                if found.st_size != sum(digest.size_bytes for digest in digests):
                    return None
                at = 0
                for digest in digests:
                    if _md5_of(source, at, digest.size_bytes) != digest.md5:
                        return None
                    at += digest.size_bytes
                return local_tree.meta_of(key, found)
        except NotFoundError:
            return None

    def abort(self, state: MultipartState) -> None:
        """See ObjectStore."""
        with translated(self._root, state.key):
            local_uploads.drop(self._root, state.upload_id)

    def list_uploads(self, prefix: str) -> tuple[MultipartState, ...]:
        """See ObjectStore."""
        with translated(self._root):
            found = sorted(item for item in local_uploads.unfinished(self._root) if item[0].startswith(prefix))
        return tuple(
            MultipartState(key=key, upload_id=upload_id, size_bytes=0, part_size_bytes=0, begun_at_ms=begun_at_ms)
            for key, upload_id, begun_at_ms in found
        )

    def get_object_meta(self, key: str) -> ObjectMeta:
        """See ObjectStore."""
        with self._open_object(key) as fd:
            return local_tree.meta_of(key, os.fstat(fd))

    def verify_checksum(self, key: str, size_bytes: int, expected: Checksums) -> ObjectMeta:
        """See ObjectStore; reads the whole object."""
        with self._open_object(key) as fd:
            found = os.fstat(fd)
            if found.st_size == size_bytes:
                sums = digest_source(FileSource(fd=fd, size_bytes=size_bytes), crc=False)
                if sums.sha256 == expected.sha256:
                    return local_tree.meta_of(key, found)
        raise CorruptDataError("object differs from what was sent", key=key, size_bytes=found.st_size)

    def read_object(self, key: str) -> Iterator[bytes]:
        """See ObjectStore."""
        with self._open_object(key) as fd:
            while data := os.read(fd, CHUNK_BYTES):
                yield data

    def list_objects(self, prefix: str, *, after: str = "", limit: int = 1000) -> ObjectPage:
        """See ObjectStore."""
        items: list[ObjectMeta] = []
        with translated(self._root):
            os.close(local_tree.open_root(self._root))
            for meta in local_tree.walk(self._root, prefix, after):
                if len(items) == limit:
                    return ObjectPage(items=tuple(items), next_after=items[-1].key)
                items.append(meta)
        return ObjectPage(items=tuple(items), next_after=None)

    def delete_object(self, key: str, *, version: str = "") -> None:
        """See ObjectStore; directories that become empty go too."""
        segments = local_tree.segments_of(key)
        if version:
            return
        with translated(self._root, key), _opened(local_tree.open_root(self._root)) as root_fd:
            try:
                with _opened(local_tree.open_parent(root_fd, segments, create=False)) as parent_fd:
                    os.unlink(segments[-1], dir_fd=parent_fd)
                    os.fsync(parent_fd)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            local_tree.prune(root_fd, segments)

    def health(self) -> StoreHealth:
        """See ObjectStore; writes and removes one small file, and clears away what crashes left long ago."""
        began = time.monotonic()
        try:
            with self._root_and_temp("") as (_, temp_fd):
                name = secrets.token_hex(12)
                os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=temp_fd))
                os.unlink(name, dir_fd=temp_fd)
                _remove_stale(temp_fd)
        except GwfError as exc:
            return StoreHealth(
                state=StoreState.FAILING,
                latency_ms=(time.monotonic() - began) * 1000,
                error_class=exc.error_class,
                message=str(exc),
            )
        return StoreHealth(state=StoreState.OK, latency_ms=(time.monotonic() - began) * 1000)

    def close(self) -> None:
        """See ObjectStore; no connection is kept."""

    @contextlib.contextmanager
    def _root_and_temp(self, key: str) -> Generator[tuple[int, int]]:
        with (
            translated(self._root, key),
            _opened(local_tree.open_root(self._root)) as root_fd,
            _opened(local_tree.open_temp(root_fd)) as temp_fd,
        ):
            yield root_fd, temp_fd

    @contextlib.contextmanager
    def _open_object(self, key: str) -> Generator[int]:
        segments = local_tree.segments_of(key)
        with translated(self._root, key), _opened(local_tree.open_root(self._root)) as root_fd:
            fd = -1
            try:
                with _opened(local_tree.open_parent(root_fd, segments, create=False)) as parent_fd:
                    fd = os.open(segments[-1], _OPEN_OBJECT, dir_fd=parent_fd)
            except NotADirectoryError:
                pass
            if fd < 0 or not local_tree.is_file(os.fstat(fd)):
                if fd >= 0:
                    os.close(fd)
                raise NotFoundError("object does not exist", scope=FaultScope.OBJECT, key=key)
            with _opened(fd):
                yield fd


def _publish(root_fd: int, segments: list[bytes], temp: str, *, temp_fd: int | None) -> None:
    """Rename a durable file to its key and make the name durable too."""
    for left in range(_RENAME_TRIES - 1, -1, -1):
        with _opened(local_tree.open_parent(root_fd, segments, create=True)) as parent_fd:
            try:
                os.rename(temp, segments[-1], src_dir_fd=temp_fd, dst_dir_fd=parent_fd)
            except FileNotFoundError:  # the directory was still empty and someone removed it before our rename
                if not left:
                    raise
            else:
                os.fsync(parent_fd)
                return


def _write_temp(temp_fd: int, name: str, source: FileSource) -> Checksums:
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=temp_fd)
    with _opened(fd):
        if source.size_bytes <= CHUNK_BYTES:
            data = read_all(source)
            local_uploads.write_all(fd, data, 0)
            sums = digest_bytes(data, crc=False)
        else:
            md5, sha256, at = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
            for chunk in chunks(source, 0, source.size_bytes):
                md5.update(chunk)
                sha256.update(chunk)
                at += local_uploads.write_all(fd, chunk, at)
            sums = Checksums(md5=md5.hexdigest(), sha256=sha256.hexdigest())
        os.fsync(fd)
    return sums


def _md5_of(source: FileSource, offset: int, size_bytes: int) -> str:
    md5 = hashlib.md5(usedforsecurity=False)
    for chunk in chunks(source, offset, size_bytes):
        md5.update(chunk)
    return md5.hexdigest()


def _remove_stale(temp_fd: int) -> None:
    """Remove what crashed writers left; uploads that were begun properly stay, their owner may come back."""
    before = time.time() - _STALE_TEMP_S
    with os.scandir(temp_fd) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime >= before:
                    continue
                if entry.is_file(follow_symlinks=False):
                    os.unlink(entry.name, dir_fd=temp_fd)
                elif not local_uploads.is_begun(entry.name, temp_fd):
                    shutil.rmtree(entry.name, ignore_errors=True, dir_fd=temp_fd)


@contextlib.contextmanager
def _opened(fd: int) -> Generator[int]:
    try:
        yield fd
    finally:
        os.close(fd)
