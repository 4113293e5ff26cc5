"""Tensors as arrays and as bytes in their own types; models and optimizers as hashes by name.

PyTorch's are recognised without importing it. Called by ``fingerprint`` and ``context``.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from typing import Any, Dict, Mapping, Set, Tuple

# NumPy's words, so that a tensor has the hash of the array with the same numbers.
_NUMPY_TYPES = {
    "torch.bool": "|b1",
    "torch.uint8": "|u1",
    "torch.int8": "|i1",
    "torch.int16": "<i2",
    "torch.int32": "<i4",
    "torch.int64": "<i8",
    "torch.float16": "<f2",
    "torch.float32": "<f4",
    "torch.float64": "<f8",
    "torch.complex64": "<c8",
    "torch.complex128": "<c16",
}
Described = Tuple[str, Tuple[int, ...], bytes]


class UnhashableError(Exception):
    """What is no tensor and no plain value, or a tensor without bytes of its own."""


def is_torch(value: Any) -> bool:
    """Whether ``value`` is a tensor of PyTorch."""
    tensor = getattr(sys.modules.get("torch"), "Tensor", None)
    return tensor is not None and isinstance(value, tensor)


def as_array(value: Any) -> Any:
    """Return ``value`` as a NumPy array, whatever it is made of and wherever it lies.

    What NumPy has no type for (bfloat16, float8) becomes float32, which holds all of its numbers.
    """
    numpy = importlib.import_module("numpy")
    if is_torch(value):
        host = value.detach().cpu()
        return numpy.asarray((host if str(host.dtype) in _NUMPY_TYPES else host.float()).numpy())
    if isinstance(value, (list, tuple)) and any(map(is_torch, value)):
        return numpy.stack([as_array(item) for item in value])
    return numpy.asarray(value)


def described(value: Any) -> Described:
    """Return type, shape and bytes of an array or tensor.

    Raises
    ------
    UnhashableError
        If a tensor has no bytes of its own.
    """
    if is_torch(value):
        return _of_torch(value)
    array = value if hasattr(getattr(value, "dtype", None), "str") else as_array(value)
    if array.dtype.hasobject:
        raise UnhashableError(f"{type(value).__name__} holds Python objects, no numbers")
    return array.dtype.str, tuple(array.shape), array.tobytes()


def _of_torch(tensor: Any) -> Described:
    torch: Any = sys.modules["torch"]
    if tensor.device.type == "meta":
        raise UnhashableError("a tensor on the device meta has no numbers")
    if tensor.layout != torch.strided:
        raise UnhashableError(f"a tensor of the layout {tensor.layout}: make it dense first")
    host, kind = tensor.detach().cpu(), str(tensor.dtype)
    if host.is_quantized:
        kind, host = f"{kind}:{_scale(torch, host)}", host.int_repr()
    for name in ("resolve_conj", "resolve_neg"):
        host = getattr(host, name)() if hasattr(host, name) else host
    try:
        flat = host.contiguous().reshape(-1).view(torch.uint8)
    except (RuntimeError, NotImplementedError, TypeError) as error:
        raise UnhashableError(f"a {type(tensor).__name__} of {kind}: {error}") from error
    return _NUMPY_TYPES.get(kind, kind), tuple(tensor.shape), _bytes(flat)


def _scale(torch: Any, tensor: Any) -> str:
    """Return by which scale and zero whole numbers stand for others, to the last bit."""
    if tensor.qscheme() in (torch.per_tensor_affine, torch.per_tensor_symmetric):
        return f"{float(tensor.q_scale()).hex()}:{tensor.q_zero_point()}"
    scales = [float(number).hex() for number in tensor.q_per_channel_scales().tolist()]
    zeros = tensor.q_per_channel_zero_points().tolist()
    return f"{tensor.q_per_channel_axis()}:{scales}:{zeros}"


def _bytes(flat: Any) -> bytes:
    try:
        data: bytes = flat.numpy().tobytes()
    except RuntimeError:  # a PyTorch without NumPy
        data = bytes(flat.tolist())
    return data


def sha256(value: Any, place: str) -> str:
    """Return the sha256 of a tensor, or of plain values and tensors within one another.

    Raises
    ------
    UnhashableError
        Naming the entry that is neither; ``place`` is where ``value`` itself stands.
    """
    digest = hashlib.sha256()
    _feed(digest, value, place)
    return digest.hexdigest()


def entries(state: Mapping[Any, Any], place: str = "state_dict") -> Dict[str, str]:
    """Return the sha256 of each entry of a ``state_dict``, by its name."""
    return {str(name): sha256(value, f"{place} entry {name!r}") for name, value in state.items()}


def parameter_names(model: Any) -> Set[str]:
    """Return the names of a model's parameters, also of one that stands at several places."""
    try:
        pairs = model.named_parameters(remove_duplicate=False)
    except TypeError:  # before PyTorch 2.0
        pairs = model.named_parameters()
    return {str(name) for name, _ in pairs}


def _feed(digest: Any, value: Any, place: str) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        _add(digest, type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))
    elif isinstance(value, float):
        _add(digest, "float", value.hex().encode("ascii"))
    elif isinstance(value, (bytes, bytearray)):
        _add(digest, "bytes", bytes(value))
    elif isinstance(value, Mapping):
        _add(digest, "mapping", str(len(value)).encode("ascii"))
        for key in sorted(value, key=lambda key: (type(key).__name__, repr(key))):
            _feed(digest, key, f"{place}[{key!r}]")
            _feed(digest, value[key], f"{place}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        _add(digest, "list", str(len(value)).encode("ascii"))
        for index, item in enumerate(value):
            _feed(digest, item, f"{place}[{index}]")
    elif is_torch(value) or hasattr(value, "dtype"):
        _feed_tensor(digest, value, place)
    else:
        raise UnhashableError(f"{place}: {type(value).__name__} is neither tensor nor plain value")


def _feed_tensor(digest: Any, value: Any, place: str) -> None:
    try:
        kind, shape, data = described(value)
    except UnhashableError as error:
        raise UnhashableError(f"{place}: {error}") from error
    _add(digest, f"{kind}:{shape}", data)


def _add(digest: Any, kind: str, data: bytes) -> None:
    digest.update(f"{kind}:{len(data)}\n".encode("utf-8", "surrogatepass"))
    digest.update(data)
