"""PyTorch's import path for sequences of several lengths."""

from ..sequences import PackedSequence as PackedSequence
from ..sequences import invert_permutation as invert_permutation
from ..sequences import pack_padded_sequence as pack_padded_sequence
from ..sequences import pack_sequence as pack_sequence
from ..sequences import pad_packed_sequence as pad_packed_sequence
from ..sequences import pad_sequence as pad_sequence
from ..sequences import unpack_sequence as unpack_sequence
from ..sequences import unpad_sequence as unpad_sequence
