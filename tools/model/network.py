"""Whisper's architecture, small, with a head on each frame and readable cross-attention."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

WINDOW_FRAMES = 1500
LONGEST_TEXT = 448
GUIDED_HEADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the network."""

    width: int = 160
    heads: int = 4
    encoder_layers: int = 6
    decoder_layers: int = 2


class Attention(nn.Module):
    """Multi-head attention; keys carry no bias, as in Whisper."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q = nn.Linear(shape.width, shape.width)
        self.k = nn.Linear(shape.width, shape.width, bias=False)
        self.v = nn.Linear(shape.width, shape.width)
        self.o = nn.Linear(shape.width, shape.width)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(
        self, x: Tensor, memory: Tensor | None = None, causal: bool = False, readable: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Return the output and, if `readable`, the weights (batch, heads, queries, keys)."""
        if torch.is_autocast_enabled(x.device.type):  # once, not for each of the three
            x = x.to(torch.get_autocast_dtype(x.device.type))
        source = x if memory is None else memory
        q, k, v = self._split(self.q(x)), self._split(self.k(source)), self._split(self.v(source))
        weights = None
        if readable:
            rows = torch.baddbmm(
                q.new_zeros(1, 1, 1), q.flatten(0, 1), k.flatten(0, 1).transpose(1, 2),
                beta=0, alpha=1 / math.sqrt(q.shape[-1]),
            ).softmax(-1)  # fmt: skip
            out = torch.bmm(rows.to(v.dtype), v.flatten(0, 1)).view(q.shape)
            weights = rows.view(*q.shape[:3], -1)
        else:
            out = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.o(out.transpose(1, 2).reshape(x.shape)), weights


class Layer(nn.Module):
    """A Transformer layer with the norms before, with cross-attention in the decoder."""

    def __init__(self, shape: Shape, cross: bool) -> None:
        super().__init__()
        self.cross = cross
        self.ln1 = nn.LayerNorm(shape.width)
        self.self_attention = Attention(shape)
        if cross:
            self.ln_cross = nn.LayerNorm(shape.width)
            self.cross_attention = Attention(shape)
        self.ln2 = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, 4 * shape.width)
        self.down = nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the output and, in the decoder, the cross-attention's weights."""
        x = x + self.self_attention(self.ln1(x), causal=self.cross)[0]
        weights = None
        if self.cross:
            seen, weights = self.cross_attention(self.ln_cross(x), memory, readable=self.training)
            x = x + seen
        return x + self.down(functional.gelu(self.up(self.ln2(x)))), weights


def sinusoids(length: int, channels: int) -> Tensor:
    """Return Whisper's fixed position table, (length, channels)."""
    step = math.log(10000) / (channels // 2 - 1)
    angles = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(channels // 2))[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Recogniser(nn.Module):
    """Encoder, decoder with tied embeddings, a head that names each frame's character.

    Time-stamp embeddings are a linear map of sinusoids plus a free part, so that neighbours are
    alike from the start.
    """

    def __init__(self, shape: Shape, text_tokens: int, timestamps: int, characters: int) -> None:
        super().__init__()
        width = shape.width
        self.conv1 = nn.Conv1d(80, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids(WINDOW_FRAMES, width), persistent=False)
        self.encoder = nn.ModuleList(Layer(shape, cross=False) for _ in range(shape.encoder_layers))
        self.encoder_norm = nn.LayerNorm(width)
        self.text = nn.Parameter(torch.randn(text_tokens, width) * 0.05)
        self.stamp_map = nn.Linear(width, width, bias=False)
        self.stamp_free = nn.Parameter(torch.randn(timestamps, width) * 0.01)
        self.register_buffer("stamp_table", sinusoids(timestamps, width), persistent=False)
        nn.init.normal_(self.stamp_map.weight, std=0.05 / math.sqrt(width / 2))
        self.text_positions = nn.Parameter(torch.randn(LONGEST_TEXT, width) * 0.01)
        self.decoder = nn.ModuleList(Layer(shape, cross=True) for _ in range(shape.decoder_layers))
        self.decoder_norm = nn.LayerNorm(width)
        self.frame = nn.Linear(width, characters + 1)

    def embeddings(self) -> Tensor:
        """Return the tied embedding and projection table, (text + timestamps, width)."""
        return torch.cat([self.text, self.stamp_map(self.stamp_table) + self.stamp_free])

    def encode(self, features: Tensor) -> Tensor:
        """(batch, 80, frames) → (batch, frames / 2, width)."""
        x = functional.gelu(self.conv1(features))
        x = functional.gelu(self.conv2(x)).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for layer in self.encoder:
            x = layer(x)[0]
        return self.encoder_norm(x)

    def decode(self, tokens: Tensor, memory: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return states (batch, tokens, width) and each layer's cross-attention weights.

        Multiplied with `embeddings().T`, the states are the logits.
        """
        x = functional.embedding(tokens, self.embeddings()) + self.text_positions[: tokens.shape[1]]
        seen = []
        if torch.is_autocast_enabled(memory.device.type):
            memory = memory.to(torch.get_autocast_dtype(memory.device.type))
        for layer in self.decoder:
            x, weights = layer(x, memory)
            if weights is not None:
                seen.append(weights)
        return self.decoder_norm(x), seen
