"""Sequences of several lengths: as a list, padded to one length, or packed, which leaves out the padding.

A packed sequence holds all first elements, then all second ones, and so on, the longest sequence first. Recurrent
layers take it and run each sequence for as long as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import cat, stack, where
from autograd.tensor import Tensor, to_array, wrap


class PackedSequence(NamedTuple):
    """Sequences of several lengths without padding; made by `pack_padded_sequence` and `pack_sequence`.

    data: (rows, *), all first elements, then all second ones, and so on.
    batch_sizes: (T,), how many sequences have a first element, a second one, and so on.
    sorted_indices: (N,), which sequence stands at each place, the longest one first; None where they were sorted.
    unsorted_indices: (N,), at which place each sequence stands.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    @property
    def lengths(self) -> np.ndarray:
        """The length of each sequence, in the order in which they are packed."""
        sizes = self.batch_sizes.data
        return (sizes[None, :] > np.arange(sizes[0])[:, None]).sum(1)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """At which place of a permutation each number stands.  (N,) -> (N,)"""
    if permutation is None:
        return None
    inverse = np.empty_like(permutation.data)
    inverse[permutation.data] = np.arange(inverse.size)
    return wrap(inverse)


def _as_tensor(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else wrap(to_array(x))


def _lengths(name: str, lengths: Any, shape: tuple[int, ...], batch_first: bool) -> np.ndarray:
    """The lengths as an array, checked against padded sequences of that shape."""
    array = np.asarray(to_array(lengths))
    if len(shape) < 2:
        raise ValueError(f"{name}: the input has shape {shape}. It must be (T, N, *), or (N, T, *).")
    steps, batch = (shape[1], shape[0]) if batch_first else shape[:2]
    if array.shape != (batch,) or (array.size and array.dtype.kind not in "iu"):
        swapped = array.shape == (steps,) and steps != batch
        hint = f" Did you mean batch_first={not batch_first}?" if swapped else ""
        raise ValueError(
            f"{name}: lengths have shape {array.shape} and dtype {array.dtype}, and the input {shape} holds {batch} "
            f"sequences of up to {steps} steps. Give one whole number for each sequence.{hint}"
        )
    if array.size and (array.min() < 1 or array.max() > steps):
        raise ValueError(
            f"{name}: lengths run from {array.min()} to {array.max()}, and the input {shape} has {steps} steps. Each "
            f"length must be from 1 to {steps}."
        )
    return array.astype(np.int64)


def _places(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of falling lengths: the step and the sequence of each packed row, and the batch sizes."""
    sizes = (lengths[None, :] > np.arange(lengths[0])[:, None]).sum(1)
    steps = np.repeat(np.arange(len(sizes)), sizes)
    sequences = np.arange(len(steps)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return steps, sequences, sizes


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs sequences that were padded to one length.

    input: (T, N, *), or (N, T, *) with batch_first; lengths: (N,), from 1 to T
    enforce_sorted: the lengths have to fall; False sorts the sequences, and layers put their results back in order.

    Raises ValueError for lengths that do not fit the input, or do not fall.

    >>> import autograd, nn
    >>> nn.utils.rnn.pack_padded_sequence(autograd.tensor([[1, 2, 3], [4, 5, 0]]), [3, 2], batch_first=True).data
    tensor([1, 4, 2, 5, 3])
    """
    x = _as_tensor(input)
    array = _lengths("pack_padded_sequence", lengths, x.shape, batch_first)
    if not array.size:
        raise ValueError(f"pack_padded_sequence: the input {x.shape} holds no sequences. Give at least one.")
    order = None
    if enforce_sorted:
        if (np.diff(array) > 0).any():
            raise ValueError(
                "pack_padded_sequence: the lengths do not fall. Sort the sequences, the longest first, or pass "
                "enforce_sorted=False."
            )
    else:
        order = np.argsort(-array, kind="stable")
        array = array[order]
    steps, places, sizes = _places(array)
    sequences = places if order is None else order[places]
    rows = x[sequences, steps] if batch_first else x[steps, sequences]
    sorted_indices = None if order is None else wrap(order)
    return PackedSequence(rows, wrap(sizes), sorted_indices, invert_permutation(sorted_indices))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Undoes `pack_padded_sequence`: the padded sequences, and their lengths.

    -> (T, N, *), or (N, T, *) with batch_first; (N,)
    total_length: T, where it is to be more than the longest sequence has.

    >>> import autograd, nn
    >>> packed = nn.utils.rnn.pack_sequence([autograd.tensor([1, 2, 3]), autograd.tensor([4, 5])])
    >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [4, 5, 0]]), tensor([3, 2]))
    """
    lengths = sequence.lengths
    longest = int(lengths[0])
    length = longest if total_length is None else total_length
    if length < longest:
        raise ValueError(
            f"pad_packed_sequence: total_length is {length}, and the longest sequence has {longest} steps. "
            f"Give at least {longest}."
        )
    steps, places, _ = _places(lengths)
    rows = np.zeros((length, len(lengths)), np.int64)
    rows[steps, places] = np.arange(len(steps))
    if sequence.unsorted_indices is not None:
        order = sequence.unsorted_indices.data
        rows, lengths = rows[:, order], lengths[order]
    inside = np.arange(length)[:, None] < lengths
    if batch_first:
        rows, inside = rows.T, inside.T
    out = sequence.data[rows]
    if not inside.all():
        mask = wrap(np.ascontiguousarray(inside).reshape(*inside.shape, *(1,) * (out.ndim - 2)))
        out = where(mask, out, wrap(np.asarray(padding_value, out.dtype)))
    return out, wrap(lengths)


def pad_sequence(
    sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """One tensor of sequences of several lengths, padded to the longest.

    sequences: (L, *) each, L any -> (T, N, *), or (N, T, *) with batch_first
    padding_side: "right", behind the end, or "left", before the beginning.

    >>> import autograd, nn
    >>> nn.utils.rnn.pad_sequence([autograd.tensor([1, 2, 3]), autograd.tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    members = [_as_tensor(sequence) for sequence in sequences]
    if padding_side not in ("left", "right"):
        raise ValueError(f"pad_sequence: padding_side is {padding_side!r}. It must be 'left' or 'right'.")
    if not members:
        raise ValueError("pad_sequence: there are no sequences. Give at least one.")
    rest = members[0].shape[1:]
    for member in members:
        if not member.ndim or member.shape[1:] != rest:
            raise ValueError(
                f"pad_sequence: the sequences have shapes {members[0].shape} and {member.shape}. They may differ in "
                f"the first axis alone."
            )
    longest = max(len(member) for member in members)
    padded = []
    for member in members:
        missing = longest - len(member)
        if missing:
            filling = np.full((missing, *rest), padding_value, member.dtype)
            parts = [member, wrap(filling)]
            member = cat(parts if padding_side == "right" else parts[::-1])
        padded.append(member)
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """Undoes `pad_sequence`: each sequence by itself.

    padded_sequences: (T, N, *), or (N, T, *) with batch_first; lengths: (N,) -> N tensors (length, *)
    """
    x = _as_tensor(padded_sequences)
    array = _lengths("unpad_sequence", lengths, x.shape, batch_first)
    return [x[n, :length] if batch_first else x[:length, n] for n, length in enumerate(array.tolist())]


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences of several lengths.  sequences: (L, *) each; see `pack_padded_sequence`."""
    members = [_as_tensor(sequence) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(members), [len(m) for m in members], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Undoes `pack_sequence`: each sequence by itself."""
    padded, lengths = pad_packed_sequence(packed_sequences)
    return unpad_sequence(padded, lengths)
