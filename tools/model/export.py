"""Turn trained weights into a folder that `faster_whisper.WhisperModel` loads.

python -m tools.model.export --weights WORK/run/mean.pt --out samples/model
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from ctranslate2.specs import whisper_spec
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from tools.model.network import GUIDED_HEADS, Recogniser, Shape
from tools.model.tokens import TIMESTAMP_STEP_S, TIMESTAMPS, Tokens

_LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th"
    " ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr"
    " pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt"
    " haw ln ha ba jw su yue"
)
LANGUAGES = tuple(_LANGUAGES.split())
SHUT_OFF = -1e4
PREPROCESSOR = {
    "feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400
}  # fmt: skip
Array = npt.NDArray[np.float32]


def tokeniser(alphabet: str) -> Tokenizer:
    """Return a tokeniser of single characters with Whisper's special tokens after them.

    The empty string is in the vocabulary: by it CTranslate2 knows a multilingual model.
    """
    vocabulary = {t: i for i, t in enumerate(["", "<unk>", *alphabet, "\uff0c", "。"])}
    out = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token="<unk>"))  # noqa: S106
    out.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    out.decoder = decoders.Fuse()
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{c}|>" for c in LANGUAGES)]
    special += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    special += ["<|nospeech|>", "<|notimestamps|>"]
    stamps = [f"<|{i * TIMESTAMP_STEP_S:.2f}|>" for i in range(TIMESTAMPS)]
    out.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    out.add_tokens([AddedToken(t, special=False, normalized=False) for t in stamps])
    return out


def _tables(net: Recogniser, tokens: Tokens, names: Tokenizer) -> tuple[Array, Array]:
    """Return the embedding table in the tokeniser's order and the projection's bias."""
    trained = net.embeddings().detach().numpy()
    size = names.get_vocab_size()
    table = np.zeros((size, trained.shape[1]), np.float32)
    bias = np.full(size, SHUT_OFF, np.float32)
    moves = {names.token_to_id(c): i for c, i in tokens.text_ids.items()}
    moves |= {
        names.token_to_id("<|endoftext|>"): tokens.end,
        names.token_to_id("<|startoftranscript|>"): tokens.start,
        names.token_to_id("<|zh|>"): tokens.zh,
        names.token_to_id("<|transcribe|>"): tokens.transcribe,
        names.token_to_id("<|startofprev|>"): tokens.previous,
        names.token_to_id("<|nospeech|>"): tokens.no_speech,
        names.token_to_id("<|notimestamps|>"): tokens.no_timestamps,
    }
    first = names.token_to_id("<|0.00|>")
    moves |= {first + i: tokens.first_timestamp + i for i in range(TIMESTAMPS)}
    for there, here in moves.items():
        table[there], bias[there] = trained[here], 0
    table[names.token_to_id("<|en|>")] = trained[tokens.zh]
    table[names.token_to_id("<|translate|>")] = trained[tokens.transcribe]
    return table, bias


def _norm(spec: Any, weights: dict[str, Array], name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _linear(spec: Any, weights: dict[str, Array], names: list[str]) -> None:
    spec.weight = np.concatenate([weights[f"{n}.weight"] for n in names])
    size = weights[f"{names[0]}.weight"].shape[0]
    nothing = np.zeros(size, np.float32)
    spec.bias = np.concatenate([weights.get(f"{n}.bias", nothing) for n in names])


def _layer(spec: Any, weights: dict[str, Array], name: str, cross: bool) -> None:
    own = f"{name}.self_attention"
    _norm(spec.self_attention.layer_norm, weights, f"{name}.ln1")
    _linear(spec.self_attention.linear[0], weights, [f"{own}.{p}" for p in "qkv"])
    _linear(spec.self_attention.linear[1], weights, [f"{own}.o"])
    if cross:
        other = f"{name}.cross_attention"
        _norm(spec.attention.layer_norm, weights, f"{name}.ln_cross")
        _linear(spec.attention.linear[0], weights, [f"{other}.q"])
        _linear(spec.attention.linear[1], weights, [f"{other}.{p}" for p in "kv"])
        _linear(spec.attention.linear[2], weights, [f"{other}.o"])
    _norm(spec.ffn.layer_norm, weights, f"{name}.ln2")
    _linear(spec.ffn.linear_0, weights, [f"{name}.up"])
    _linear(spec.ffn.linear_1, weights, [f"{name}.down"])


def specification(net: Recogniser, shape: Shape, tokens: Tokens, names: Tokenizer) -> Any:
    """Return the network as CTranslate2 describes a Whisper model, in float32."""
    weights = {k: v.detach().numpy() for k, v in net.state_dict().items()}
    spec = whisper_spec.WhisperSpec(
        shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads
    )
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weights["conv1.weight"], weights["conv1.bias"]
    encoder.conv2.weight, encoder.conv2.bias = weights["conv2.weight"], weights["conv2.bias"]
    encoder.position_encodings.encodings = net.positions.numpy()
    for i, layer in enumerate(encoder.layer):
        _layer(layer, weights, f"encoder.{i}", cross=False)
    _norm(encoder.layer_norm, weights, "encoder_norm")
    table, bias = _tables(net, tokens, names)
    decoder.embeddings.weight = table
    decoder.scale_embeddings = False
    decoder.position_encodings.encodings = weights["text_positions"]
    for i, layer in enumerate(decoder.layer):
        _layer(layer, weights, f"decoder.{i}", cross=True)
    _norm(decoder.layer_norm, weights, "decoder_norm")
    decoder.projection.weight, decoder.projection.bias = table.copy(), bias
    by_id = {i: t for t, i in names.get_vocab(with_added_tokens=True).items()}
    spec.register_vocabulary([by_id[i] for i in range(names.get_vocab_size())])
    spec.config.suppress_ids = [
        names.token_to_id(t)
        for t in ("<|startoftranscript|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>")
    ]
    # Whisper forbids an end at the very beginning; this model has learnt to hear nothing.
    spec.config.suppress_ids_begin = [names.token_to_id("<unk>")]
    spec.config.lang_ids = [names.token_to_id(f"<|{c}|>") for c in LANGUAGES]
    last = shape.decoder_layers - 1
    spec.config.alignment_heads = [[last, head] for head in range(GUIDED_HEADS)]
    return spec


def export(weights: Path, out: Path, quantisation: str) -> int:
    """Write the model folder and return its size in bytes."""
    saved = torch.load(weights, weights_only=True)
    tokens, shape = Tokens(alphabet=saved["alphabet"]), Shape(**saved["shape"])
    net = Recogniser(shape, tokens.first_timestamp, TIMESTAMPS, tokens.characters)
    net.load_state_dict(saved["weights"])
    names = tokeniser(tokens.alphabet)
    spec = specification(net, shape, tokens, names)
    spec.validate()
    spec.optimize(quantization=quantisation)
    out.mkdir(parents=True, exist_ok=True)
    spec.save(str(out))
    names.save(str(out / "tokenizer.json"), pretty=False)
    text = json.dumps(PREPROCESSOR, indent=2) + "\n"
    (out / "preprocessor_config.json").write_text(text, encoding="utf-8")
    return sum(f.stat().st_size for f in out.iterdir())


def main() -> None:
    """Read the options and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--quantisation", default="int8_float16", choices=("int8_float16", "int8", "float32")
    )
    options = parser.parse_args()
    size = export(options.weights, options.out, options.quantisation)
    print(f"{options.out}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
