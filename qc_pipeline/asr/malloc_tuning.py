"""Memory that the recogniser asks for again and again, kept instead of handed back.

A step of the model asks for blocks of up to hundreds of megabytes and frees them at once. glibc
maps every such block anew from the system, and the system clears it page by page: at the size of
Whisper's `small` a third of the encoder's time and a seventh of the decoder's (docs/asr.md). While
a recogniser works, blocks therefore come from the heap and stay there, in huge pages where the
system gives them on request; afterwards everything goes back to the system.

Only on Linux with glibc; elsewhere nothing is changed. Sources: mallopt(3), madvise(2).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -3, -4, -8
_NEVER = -1
_MADV_HUGEPAGE = 14
_HUGE_PAGE = 2 << 20
_ROOM = 2 << 30
"""How much of the heap shall be huge pages, bytes. Room only: what is unused costs nothing."""
_GROW, _GROW_USUALLY = 64 << 20, 128 << 10
_MOST_MAPS = 65_536
_MAP_FROM, _TRIM_FROM = 32 << 20, 64 << 20
"""glibc's thresholds move by themselves up to these; once set by hand, they stay."""


@cache
def _glibc() -> Any:
    """The C library, or None where it is another than glibc."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version.restype = ctypes.c_char_p
        library.malloc.restype = ctypes.c_void_p
        library.malloc.argtypes = [ctypes.c_size_t]
        library.free.argtypes = [ctypes.c_void_p]
        library.sbrk.restype = ctypes.c_void_p
        library.sbrk.argtypes = [ctypes.c_ssize_t]
        library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        library.malloc_trim.argtypes = [ctypes.c_size_t]
    except (AttributeError, OSError, TypeError):
        return None
    return library


def share_heap() -> None:
    """Let threads that begin from now on take their memory from the one heap that can be kept."""
    library = _glibc()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, 1)


@contextmanager
def kept_heap() -> Iterator[None]:
    """Within: freed memory stays with the process. Afterwards: it goes back to the system."""
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(_M_MMAP_MAX, 0)
    library.mallopt(_M_TRIM_THRESHOLD, _NEVER)
    library.mallopt(_M_TOP_PAD, _GROW)
    _ask_for_huge_pages(library)
    try:
        yield
    finally:
        library.mallopt(_M_MMAP_MAX, _MOST_MAPS)
        library.mallopt(_M_MMAP_THRESHOLD, _MAP_FROM)
        library.mallopt(_M_TRIM_THRESHOLD, _TRIM_FROM)
        library.mallopt(_M_TOP_PAD, _GROW_USUALLY)
        library.malloc_trim(0)


def _ask_for_huge_pages(library: Any) -> None:
    """Grow the heap by `_ROOM` and ask for huge pages there; without success all stays as it is."""
    block = library.malloc(_ROOM)
    if not block:
        return
    library.free(block)
    top = library.sbrk(0)
    first = -(-block // _HUGE_PAGE) * _HUGE_PAGE
    if block < top and top - block >= _ROOM:
        library.madvise(first, (top - first) // _HUGE_PAGE * _HUGE_PAGE, _MADV_HUGEPAGE)
