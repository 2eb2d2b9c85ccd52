"""Learn to write like Python's manual: a small GPT that reads text character by character and guesses the next one.

    python examples/gpt.py                  4 layers, 128 wide; below 1.5 nats a character on paragraphs it has not seen
    python examples/gpt.py --quick          a few steps only, to see that everything works

The text is what `help()` shows in an interactive session, some 480,000 characters that come with every Python.
Everything is written out: the model, one training step, the loop around it, and how new text is drawn. The weights go
to the folder `--out`.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
from tqdm import tqdm

import autograd as ag
import nn
import nn.functional as F
import optim

SYMBOLS = "\n" + "".join(map(chr, range(32, 127)))  # 96: what is left of the text


class Block(nn.Module):
    """Each position looks at those before it, then thinks by itself.  x: (N, T, D) -> (N, T, D)"""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Dense(width, 3 * width)
        self.out = nn.Dense(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Dense(width, 4 * width)
        self.down = nn.Dense(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def attend(self, x: ag.Tensor) -> ag.Tensor:
        n, t, d = x.shape
        q, k, v = (part.reshape(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        found = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (N, H, T, D / H)
        return self.out(found.transpose(1, 2).reshape(n, t, d))

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        x = x + self.dropout(self.attend(self.norm1(x)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)))))


class GPT(nn.Module):
    """The score of each symbol as the next one, at each position.  symbols: (N, T) -> (N, T, S)"""

    def __init__(self, context: int, layers: int, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.context = context
        self.symbols = nn.Embedding(len(SYMBOLS), width)
        self.places = nn.Embedding(context, width)
        self.blocks = nn.Sequential(*[Block(width, heads, dropout) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Dense(width, len(SYMBOLS))
        for name, parameter in self.named_parameters():
            if parameter.ndim > 1:  # small, and smaller where many are summed: what goes around the blocks stays larger
                last = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers) if last else 0.02)

    def forward(self, symbols: ag.Tensor) -> ag.Tensor:
        x = self.symbols(symbols) + self.places(ag.arange(symbols.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def load_text() -> tuple[np.ndarray, np.ndarray]:
    """The manual as numbers of symbols; of every tenth page, what stands on no other page is kept for the test."""
    number = {symbol: i for i, symbol in enumerate(SYMBOLS)}
    pages = [topics[name].split("\n\n") for name in sorted(topics)]
    train = [paragraph for i, page in enumerate(pages) if i % 10 != 5 for paragraph in page]
    known = {" ".join(paragraph.split()) for paragraph in train}  # pages share paragraphs
    test = [paragraph for page in pages[5::10] for paragraph in page if " ".join(paragraph.split()) not in known]
    first, second = (
        np.array([number[c] for c in "\n\n".join(paragraphs) if c in number], np.int64) for paragraphs in (train, test)
    )
    return first, second


def draw_batch(text: np.ndarray, count: int, context: int, rng: np.random.Generator) -> tuple[ag.Tensor, ag.Tensor]:
    """Random pieces of the text, and the same one symbol on."""
    starts = rng.integers(0, len(text) - context, count)
    pieces = text[starts[:, None] + np.arange(context + 1)]
    return ag.from_numpy(pieces[:, :-1]), ag.from_numpy(pieces[:, 1:])


def loss_of(model: nn.Module, symbols: ag.Tensor, following: ag.Tensor) -> ag.Tensor:
    """The mean of minus the logarithm of the probability that the right symbol got, in nats."""
    return F.cross_entropy(model(symbols).flatten(0, 1), following.flatten())


@ag.no_grad()
def mean_loss(model: GPT, text: np.ndarray, batches: int, batch_size: int = 64) -> float:
    """The loss on pieces of another text, the same ones at each call."""
    model.eval()
    rng = np.random.default_rng(0)
    losses = [loss_of(model, *draw_batch(text, batch_size, model.context, rng)).item() for _ in range(batches)]
    model.train()
    return float(np.mean(losses))


@ag.no_grad()
def write(model: GPT, start: str, length: int, temperature: float, rng: np.random.Generator) -> str:
    """Text that goes on from `start`: symbol after symbol, each drawn with its probability."""
    model.eval()
    text = [SYMBOLS.index(c) for c in start]
    for _ in range(length):
        seen = np.array(text[-model.context :], np.int64)
        scores = model(ag.from_numpy(seen[None]))[0, -1]
        chances = F.softmax(scores / temperature, dim=-1).data.astype(np.float64)
        text.append(int(rng.choice(len(SYMBOLS), p=chances / chances.sum())))
    model.train()
    return "".join(SYMBOLS[i] for i in text)


def main(arguments: list[str] | None = None) -> float:
    """Trains as the command line says, and shows what comes of it.  Returns the loss on the test text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--context", type=int, default=64, help="symbols that the model sees")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--lr", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--temperature", type=float, default=0.7, help="below 1: only what is likely")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("gpt-results"), help="folder for the weights")
    parser.add_argument("--quick", action="store_true", help="a few steps only, to see that everything works")
    args = parser.parse_args(arguments)
    steps = 60 if args.quick else args.steps

    ag.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    train, test = load_text()
    model = GPT(args.context, args.layers, args.width, args.heads, args.dropout)
    print(model)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(train):,} symbols to learn from")

    optimizer = optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.lr, total_steps=steps, pct_start=0.1)
    losses: list[float] = []
    begin = time.perf_counter()
    with tqdm(total=steps, unit=" steps", mininterval=0.2) as bar:
        for step in range(1, steps + 1):
            loss = loss_of(model, *draw_batch(train, args.batch_size, args.context, rng))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()

            losses.append(loss.item())
            bar.update()
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            if step % 500 == 0 or step == steps:
                tested = mean_loss(model, test, 2 if args.quick else 20)
                bar.write(f"step {step}: test loss {tested:.3f}")
    print(f"trained in {time.perf_counter() - begin:.1f} s")

    args.out.mkdir(parents=True, exist_ok=True)
    ag.save(args.out / "gpt.safetensors", model.state_dict())
    print(f"the weights are in {args.out}/; and this is how it writes:\n")
    print(write(model, "The for statement", 80 if args.quick else 400, args.temperature, rng))
    return tested


if __name__ == "__main__":
    main()
