"""Initial weights in which looking back is already wired, so that pretraining takes minutes rather than hours.

From random weights a model this small spends thousands of steps before it finds the two-layer circuit that retrieval
needs (heads that carry the previous tokens along, then heads that match them). Here training starts from a rough
draft of that circuit: the four heads of the first layer attend one, two, three and four tokens back, and the four heads
of the second look for an earlier place with the same token one further back and copy what stands there. Everything is
trained afterwards; nothing is frozen, and no weight depends on the facts.
"""

from __future__ import annotations

import torch
from families import layers
from torch import Tensor
from transformers import PreTrainedModel

CONSTANT = 0.36  # value of coordinate 0 in every embedding: gives heads something to attend by position with
FIRST_SLOW = 8  # rotary pairs from here on turn slowly enough to carry content
QUERY, KEY, VALUE = 0, 1, 2


def orthogonal(rows: int, columns: int) -> Tensor:
    """A random matrix with orthonormal rows or columns, whichever are fewer."""
    return torch.nn.init.orthogonal_(torch.empty(rows, columns))


@torch.no_grad()
def warm_start(model: PreTrainedModel) -> None:
    """Overwrite the weights of the first two layers; the blocks of the others begin as the identity."""
    config = model.config
    width, heads = config.hidden_size, config.num_attention_heads
    size = width // heads
    inverse = model.base_model.rotary_emb.inv_freq
    pairs = len(inverse)
    for layer in layers(model):
        torch.nn.init.zeros_(layer.output)
        torch.nn.init.zeros_(layer.feed_forward)
    model.get_input_embeddings().weight[:, 0] = CONSTANT
    content = torch.zeros(size, width)  # what of a token is carried along and matched
    # Dimensions that are not rotated carry it best, where there are any.
    carrying = [*range(FIRST_SLOW, pairs), *range(pairs + FIRST_SLOW, 2 * pairs), *range(2 * pairs, size)]
    slow = torch.tensor(carrying)
    content[slow] = orthogonal(len(slow), width)
    content[:, 0] = 0
    slots = orthogonal(width, width)  # one slice of columns for each distance

    first, second = layers(model)[:2]
    for part in (QUERY, KEY):
        torch.nn.init.normal_(first.whole(part), std=0.01)
        torch.nn.init.normal_(second.whole(part), std=0.02)
    # Where queries and keys are normalised: scores about as high as the factors below give elsewhere.
    first.sharpen(2.2)
    second.sharpen(1.2)
    for head in range(heads):
        rows = slice(head * size, (head + 1) * size)
        offset = head + 1
        query, key = torch.zeros(size), torch.zeros(size)
        fast = torch.arange(6)
        query[fast] = torch.cos(offset * inverse[fast])
        query[fast + pairs] = -torch.sin(offset * inverse[fast])
        key[fast] = 1.0
        first.whole(QUERY)[head, :, 0] = 1.35 * query
        first.whole(KEY)[head, :, 0] = 1.35 * key
        first.whole(VALUE)[head] = content
        first.output[:, rows] = 0.2 * slots[:, rows]

        seek = content if head == 0 else slots[:, (head - 1) * size : head * size].T
        second.whole(QUERY)[head] += 1.5 * seek
        second.whole(KEY)[head] += 1.5 * slots[:, rows].T
    copy = orthogonal(width, width)
    second.whole(VALUE).copy_(copy.view(heads, size, width))
    second.output.copy_(0.1 * copy.T)
