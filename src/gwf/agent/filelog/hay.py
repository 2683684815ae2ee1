"""Looks for bytes in bytes: by the C library's memmem, which is two to three times as fast as bytes.find."""

from __future__ import annotations

import ctypes
from functools import cache


class Hay:
    """Bytes in which something is looked for again and again."""

    def __init__(self, data: bytes) -> None:
        """Keep `data` where it is."""
        self._data = data
        self._address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0

    def find(self, pin: bytes, start: int) -> int:
        """Return where `pin` first stands from `start` on, -1 if nowhere."""
        memmem = _memmem()
        if memmem is None:
            return self._data.find(pin, start)
        if start > len(self._data):
            return -1
        found: int | None = memmem(self._address + start, len(self._data) - start, pin, len(pin))
        return -1 if found is None else found - self._address


@cache
def _memmem() -> ctypes._NamedFuncPointer | None:  # pyright: ignore[reportPrivateUsage]
    # PyDLL keeps the interpreter lock: giving it up for so short a time costs more than it brings
    try:
        function = ctypes.PyDLL(None).memmem
    except (AttributeError, OSError, TypeError):  # another C library
        return None
    function.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    function.restype = ctypes.c_void_p
    return function
