"""Whisper-architecture CTranslate2 folders made in a second, without torch or a download.

Two kinds, both loaded by the ordinary `faster_whisper.WhisperModel(path)`:

- `random_model`: weights drawn from a seed. It says noise in Chinese characters.
- `scripted_model`: weights set by hand so that it says one fixed text whatever it hears. Every
  layer is zero or next to it, so a decoder state is the (normalised) embedding of the last token;
  the output row of each token points along the embedding of the token before it in the script.
"""

from __future__ import annotations

import itertools
import json
from functools import partial
from pathlib import Path

import numpy as np
from ctranslate2.specs import whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SIZES = {"tiny": (4, 384, 6), "base": (6, 512, 8), "small": (12, 768, 12)}
"""Layers, width, heads of Whisper's own sizes (for timing)."""

# Whisper's order of languages fixes their ids; any order does where nobody translates ids.
LANGUAGES = tuple(_LANGUAGE_CODES)
_BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def scripted_model(
    folder: Path,
    text: str,
    size: str | None = None,
    *,
    multilingual: bool = True,
    steepness: float = 20.0,
    quantization: str = "float32",
    vocabulary: int = 0,
) -> Path:
    """A model that says `text`, whose characters must all differ, in whatever it hears.

    With one of SIZES it takes as long as a model of that size, for a fixed number of tokens; the
    last layer costs by the number of tokens there are, so `vocabulary` adds some it never says.
    Its layers are then drawn, too faint to be heard: equal ones would be stored and loaded once,
    and a step would find in the processor's cache what it has to fetch from memory.
    """
    layers, width, heads = SIZES[size] if size else (1, 64, 2)
    few = _tokenizer(tuple(text), multilingual=multilingual).get_vocab_size()
    unsaid = tuple(f"unsaid{n}" for n in range(vocabulary - few))
    tokenizer = _tokenizer((*text, *unsaid), multilingual=multilingual)
    count = tokenizer.get_vocab_size()
    script = [_id(tokenizer, c) for c in text]
    if len(set(script)) != len(script):
        raise ValueError("a character decides the next one, so each may stand once only")
    generator = np.random.default_rng(1)
    embeddings = generator.standard_normal((count, width))
    # Layer normalisation leaves rows of mean 0 and deviation 1 as they are.
    embeddings -= embeddings.mean(axis=1, keepdims=True)
    embeddings /= embeddings.std(axis=1, keepdims=True)
    projection = np.zeros((count, width))
    end = tokenizer.token_to_id("<|endoftext|>")
    first_time = tokenizer.token_to_id("<|0.00|>")
    last_time = tokenizer.token_to_id("<|2.00|>")
    chain = [*itertools.pairwise(script), (script[-1], last_time), (last_time, end)]
    # Without time stamps the text follows <|notimestamps|>, with them <|0.00|>.
    chain += [(tokenizer.token_to_id("<|notimestamps|>"), script[0])]
    chain += [(tokenizer.token_to_id("<|transcribe|>"), first_time), (first_time, script[0])]
    for before, after in chain:
        projection[after] += embeddings[before] * steepness / width
    faint = partial(_faint, generator) if size else _zeros
    spec = _spec(layers=layers, heads=heads, width=width, mels=80, draw=faint)
    spec.decoder.embeddings.weight = embeddings.astype(np.float32)
    spec.decoder.position_encodings.encodings = np.zeros((448, width), dtype=np.float32)
    spec.decoder.projection.weight = projection.astype(np.float32)
    spec.decoder.projection.bias = np.zeros(count, dtype=np.float32)
    return _save(folder, spec, tokenizer, mels=80, quantization=quantization)


def random_model(
    folder: Path,
    size: str | None = None,
    *,
    seed: int = 0,
    quantization: str = "float32",
    stop_bias: float = 0.0,
    multilingual: bool = True,
) -> Path:
    """A model with drawn weights; `size` is one of SIZES, else smaller than any of them.

    `stop_bias` moves the end of the text: far below 0 the model talks until it is stopped.
    """
    layers, width, heads = SIZES[size] if size else (2, 64, 2)
    generator = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return (generator.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    characters = tuple(chr(0x4E00 + n) for n in range(300))
    tokenizer = _tokenizer(characters, multilingual=multilingual)
    count = tokenizer.get_vocab_size()
    spec = _spec(layers=layers, heads=heads, width=width, mels=80, draw=draw)
    embeddings = draw(count, width) * np.float32(np.sqrt(width) / 2)
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.position_encodings.encodings = draw(448, width)
    # Not the embeddings again, as in Whisper: a token would then be its own likeliest successor.
    spec.decoder.projection.weight = draw(count, width) * np.float32(3)
    bias = np.zeros(count, dtype=np.float32)
    bias[tokenizer.token_to_id("<|endoftext|>")] = stop_bias
    # Single bytes are no characters, and the empty token is never said.
    bias[: _id(tokenizer, characters[0])] = -1e4
    bias[tokenizer.token_to_id("<|0.00|>") :] = -6.0
    spec.decoder.projection.bias = bias
    return _save(folder, spec, tokenizer, mels=80, quantization=quantization)


def _tokenizer(whole: tuple[str, ...], *, multilingual: bool) -> Tokenizer:
    """Byte-level tokens, and each entry of `whole` as one token of its own.

    The empty string in the vocabulary is what CTranslate2 ≥ 4.7 takes for multilingual.
    """
    vocabulary = {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    if multilingual:
        vocabulary[""] = len(vocabulary)
    for text in whole:
        vocabulary.setdefault(_BYTES.pre_tokenize_str(text)[0][0], len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    named = ["endoftext", "startoftranscript", *LANGUAGES, "translate", "transcribe"]
    named += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in named]
    )
    tokenizer.add_tokens(
        [AddedToken(f"<|{n * 0.02:.2f}|>", special=False, normalized=False) for n in range(1501)]
    )
    return tokenizer


def _id(tokenizer: Tokenizer, text: str) -> int:
    found = tokenizer.token_to_id(_BYTES.pre_tokenize_str(text)[0][0])
    assert found is not None
    return int(found)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.float32)


def _faint(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.standard_normal(shape, dtype=np.float32) * np.float32(1e-6)


def _spec(*, layers: int, heads: int, width: int, mels: int, draw) -> whisper_spec.WhisperSpec:
    """The whole architecture but for embeddings and projection; biases zero, norms neutral."""
    spec = whisper_spec.WhisperSpec(layers, heads, layers, heads)

    def linear(part: object, outputs: int, inputs: int) -> None:
        part.weight, part.bias = draw(outputs, inputs), _zeros(outputs)

    def norm(part: object) -> None:
        part.gamma, part.beta = np.ones(width, dtype=np.float32), _zeros(width)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = draw(width, mels, 3), _zeros(width)
    encoder.conv2.weight, encoder.conv2.bias = draw(width, width, 3), _zeros(width)
    times = np.arange(1500)[:, None] * np.exp(-np.linspace(0, np.log(10_000), width // 2))[None, :]
    positions = np.concatenate([np.sin(times), np.cos(times)], axis=1)
    encoder.position_encodings.encodings = positions.astype(np.float32)
    decoder.scale_embeddings = False
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    for layer in (*encoder.layer, *decoder.layer):
        norm(layer.self_attention.layer_norm)
        linear(layer.self_attention.linear[0], 3 * width, width)
        linear(layer.self_attention.linear[1], width, width)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, 4 * width, width)
        linear(layer.ffn.linear_1, width, 4 * width)
    for layer in decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], width, width)
        linear(layer.attention.linear[1], 2 * width, width)
        linear(layer.attention.linear[2], width, width)
    return spec


def _save(
    folder: Path,
    spec: whisper_spec.WhisperSpec,
    tokenizer: Tokenizer,
    *,
    mels: int,
    quantization: str,
) -> Path:
    by_id = {i: t for t, i in tokenizer.get_vocab(with_added_tokens=True).items()}
    spec.register_vocabulary([by_id[i] for i in range(len(by_id))])
    spec.config.suppress_ids = [tokenizer.token_to_id("<|nospeech|>")]
    spec.config.suppress_ids_begin = [tokenizer.token_to_id("<|endoftext|>")]
    spec.config.lang_ids = [tokenizer.token_to_id(f"<|{code}|>") for code in LANGUAGES]
    spec.config.alignment_heads = [[len(spec.decoder.layer) - 1, 0]]
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    features = {"feature_size": mels, "sampling_rate": 16_000, "hop_length": 160}
    features |= {"chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    return folder
