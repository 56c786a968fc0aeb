"""Which library a function comes from, by its symbol; and which libraries choose instructions at run time."""

from __future__ import annotations

import re

EIGEN, TENSORFLOW, LLVM = "Eigen", "TensorFlow", "LLVM and MLIR"
OTHERS, UNNAMED = "other C++ libraries", "C, or no namespace"
# Compiled with what the build's flags say.
COMPILED = (EIGEN, TENSORFLOW, LLVM, OTHERS, UNNAMED)

ONEDNN = "oneDNN"
# These carry code for several instruction sets and ask the CPU which to run: their AVX-512 says nothing about
# the build's flags. They are what uses more than -mavx in the wheels that TensorFlow publishes, 2.14 to 2.21.
DISPATCHING = (
    ONEDNN,
    "XNNPACK",
    "YNNPACK",
    "ruy",
    "libjxl",
    "HighwayHash",
    "libjpeg-turbo",
    "BoringSSL",
    "zstd",
)

_NAMESPACES = {
    b"dnnl": ONEDNN,
    b"Xbyak": ONEDNN,  # the assembler inside it
    b"ynn": "YNNPACK",
    b"ynn_subgraph": "YNNPACK",
    b"ruy": "ruy",
    b"jxl": "libjxl",
    b"hwy": "libjxl",
    b"highwayhash": "HighwayHash",
    b"Eigen": EIGEN,
    b"EigenForTFLite": EIGEN,
    b"tensorflow": TENSORFLOW,
    b"tsl": TENSORFLOW,
    b"xla": TENSORFLOW,
    b"stream_executor": TENSORFLOW,
    b"tflite": TENSORFLOW,
    b"tflite_migration": TENSORFLOW,
    b"toco": TENSORFLOW,
    b"tfrt": TENSORFLOW,
    b"llvm": LLVM,
    b"mlir": LLVM,
}
_C_NAMES = (
    (re.compile(rb"(?:dnnl|mkldnn)_"), ONEDNN),
    (re.compile(rb"xnn_"), "XNNPACK"),
    (re.compile(rb"ynn_"), "YNNPACK"),
    (re.compile(rb"jsimd_"), "libjpeg-turbo"),
    # Assembly; what is compiled from C has other names.
    (
        re.compile(
            rb"_*(?:aesni_|aes_hw_|aes(?:128|256)?gcmsiv_|GFMUL|gcm_|ecp_nistz256_|rsaz_|bn_(?:mul|sqr|post|power)"
            rb"|mulx?4x|sha\d+_block|chacha20_|ChaCha20_|poly_Rq_mul)"
        ),
        "BoringSSL",
    ),
    (re.compile(rb"(?:ZSTD|HUF|FSE)_"), "zstd"),
    (re.compile(rb"HighwayHash"), "HighwayHash"),
    (re.compile(rb"TFE?_"), TENSORFLOW),
)

# A function of no namespace: `_Z` (or a thunk, a guard …), and at once the length of its name.
_GLOBAL = re.compile(rb"_Z(?:G[VR]|Th?n?\d*_|Tvn?\d+_n?\d+_)?L?\d")
# A nested name, with the qualifiers of a method; its first part is the outermost namespace.
_NESTED = re.compile(rb"N[VKRO]*(\d+)")
# What the standard library's functions were made for stands in their arguments.
_STANDARD = (b"__gnu_cxx", b"__1", b"__cxx11")


def of(symbol: bytes) -> str:
    """Returns the library: one of `COMPILED` or `DISPATCHING`.

    Args:
        symbol: The name of a function as the linker knows it: of C, or of C++, mangled (Itanium C++ ABI).
    """
    if not symbol.startswith(b"_Z"):
        return next((library for name, library in _C_NAMES if name.match(symbol)), UNNAMED)
    namespace = _outermost_namespace(symbol)
    return UNNAMED if namespace is None else _NAMESPACES.get(namespace, OTHERS)


def _outermost_namespace(symbol: bytes) -> bytes | None:
    if _GLOBAL.match(symbol):
        return None
    for found in _NESTED.finditer(symbol):
        name = symbol[found.end() : found.end() + int(found[1])]
        if name not in _STANDARD:
            return None if name.startswith(b"_GLOBAL__N_") else name
    return None
