"""Write like a manual: an LSTM that learns English, and Python, letter by letter.

    python examples/lstm.py                 below 1.9 bits for each character that it has not seen, in a few minutes
    python examples/lstm.py --quick         below 3 bits, in seconds

The text comes with every Python: the help pages that `help()` shows. The network reads a character and says how likely
each character is to come next. How surprised it is by text that it has not seen is measured in bits per character:
6 bits would be guessing, 4.7 knowing how often each letter occurs. In the end it writes some lines of its own.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import numpy as np
from tqdm import tqdm

import autograd as ag
import nn
import optim


class CharacterModel(nn.Module):
    """characters: (T, N) of integers -> scores of the characters that come next: (T, N, symbols), and the state"""

    def __init__(self, symbols: int, embedding: int = 64, hidden: int = 256) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding)
        self.lstm = nn.LSTM(embedding, hidden)
        self.head = nn.Dense(hidden, symbols)

    def forward(self, characters: ag.Tensor, state: Any = None) -> tuple[ag.Tensor, Any]:
        hidden, state = self.lstm(self.embedding(characters), state)
        return self.head(hidden), state


def read_text() -> tuple[np.ndarray, list[str]]:
    """The help pages as numbers, and the character that each number stands for."""
    text = "\n\n".join(topics[name].strip() for name in sorted(topics))
    symbols = sorted(set(text))
    number = {symbol: i for i, symbol in enumerate(symbols)}
    return np.array([number[character] for character in text]), symbols


def train(
    model: CharacterModel, optimizer: optim.Optimizer, text: np.ndarray, steps: int, batch: int, length: int,
    rng: np.random.Generator,
) -> list[float]:  # fmt: skip
    """Steps on pieces of the text from random places.  Returns the loss of each, in bits per character."""
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=optimizer.param_groups[0]["lr"], total_steps=steps)
    losses: list[float] = []
    model.train()
    with tqdm(range(steps), desc="training", unit=" steps", mininterval=0.2) as bar:
        for _ in bar:
            places = rng.integers(0, len(text) - length, batch) + np.arange(length + 1)[:, None]  # (T + 1, N)
            piece = ag.from_numpy(text[places])
            scores, _ = model(piece[:-1])
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), piece[1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # a recurrent network's gradient explodes now and then
            optimizer.step()
            schedule.step()
            losses.append(loss.item() / math.log(2))
            bar.set_postfix(bits=f"{np.mean(losses[-50:]):.2f}", refresh=False)
    return losses


@ag.no_grad()
def bits_per_character(model: CharacterModel, text: np.ndarray, rows: int = 32) -> float:
    """How surprising the text is: read from `rows` places at once, the state carried on from piece to piece."""
    model.eval()
    columns = text[: len(text) // rows * rows].reshape(rows, -1).T  # (T, N)
    state, total, count = None, 0.0, 0
    for start in range(0, len(columns) - 1, 256):
        piece = ag.from_numpy(np.ascontiguousarray(columns[start : start + 257]))
        scores, state = model(piece[:-1], state)
        total += nn.functional.cross_entropy(scores.flatten(0, 1), piece[1:].flatten(), reduction="sum").item()
        count += piece[1:].numel()
    return total / count / math.log(2)


@ag.no_grad()
def write(
    model: CharacterModel, symbols: list[str], start: str, length: int, temperature: float, rng: np.random.Generator
) -> str:
    """Text that begins with `start`: each character is drawn from what the model expects."""
    model.eval()
    scores, state = model(ag.tensor([[symbols.index(character)] for character in start]))
    written = start
    for _ in range(length):
        chances = nn.functional.softmax(scores[-1, 0] / temperature, dim=-1).data.astype(np.float64)
        drawn = int(rng.choice(len(symbols), p=chances / chances.sum()))
        written += symbols[drawn]
        scores, state = model(ag.tensor([[drawn]]), state)
    return written


def main(arguments: list[str] | None = None) -> float:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, help="steps of training (4000)")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--length", type=int, default=64, help="characters in a piece")
    parser.add_argument("--hidden", type=int, default=256, help="hidden units")
    parser.add_argument("--lr", type=float, default=5e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--temperature", type=float, default=0.7, help="below 1 it writes what it is more certain of")
    parser.add_argument("--save", type=Path, help="file for the weights, as lstm.safetensors")
    parser.add_argument("--quick", action="store_true", help="a small network and few steps")
    args = parser.parse_args(arguments)
    steps = args.steps or (250 if args.quick else 4000)
    hidden = 128 if args.quick else args.hidden

    ag.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    text, symbols = read_text()
    last = len(text) * 9 // 10
    seen, unseen = text[:last], text[last:]
    model = CharacterModel(len(symbols), hidden=hidden)
    print(model)
    print(
        f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(seen):,} characters, {len(symbols)} symbols"
    )

    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    begin = time.perf_counter()
    train(model, optimizer, seen, steps, args.batch_size, args.length, rng)
    print(f"trained in {time.perf_counter() - begin:.1f} s")
    bits = bits_per_character(model, unseen)
    print(f"{bits:.2f} bits per character of text that it has not seen\n")
    print(write(model, symbols, "The ", 400, args.temperature, rng))
    if args.save:
        ag.save(args.save, model.state_dict())
    return bits


if __name__ == "__main__":
    main()
