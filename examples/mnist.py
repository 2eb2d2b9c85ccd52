"""Recognise handwritten digits: a first lesson, from raw pixels to a trained network.

    python examples/mnist.py                 a convolutional network, above 98.5 % on the 10,000 test images
    python examples/mnist.py --model mlp     a dense network, above 97.5 % in five epochs

Everything is written out: the model, one training step, the loop around it. The results go to the folder `--out`:
the weights (mnist.safetensors), the curve of the training (curve.png) and some digits that were mistaken (wrong.png).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

import autograd as ag
import nn
import optim


class ConvNet(nn.Module):
    """Two convolutions, each followed by pooling, and two dense layers.  images: (N, 1, 28, 28) -> (N, 10)"""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2D(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2D(32, 64, kernel_size=3, padding=1)
        self.max_pool = nn.MaxPool2D(2)
        self.avg_pool = nn.AvgPool2D(2)
        self.dense1 = nn.Dense(64 * 7 * 7, 128)
        self.dropout = nn.Dropout(0.5)
        self.dense2 = nn.Dense(128, 10)

    def forward(self, images: ag.Tensor) -> ag.Tensor:
        x = self.max_pool(ag.relu(self.conv1(images)))  # (N, 32, 14, 14)
        x = self.avg_pool(ag.relu(self.conv2(x)))  # (N, 64, 7, 7)
        x = ag.relu(self.dense1(x.flatten(1)))  # (N, 128)
        return self.dense2(self.dropout(x))


def dense_network() -> nn.Module:
    """Three dense layers.  images: (N, 1, 28, 28) -> (N, 10)"""
    return nn.Sequential(
        nn.Flatten(), nn.Dense(784, 128), nn.ReLU(), nn.Dense(128, 64), nn.ReLU(), nn.Dense(64, 10)
    )


def train_epoch(
    model: nn.Module,
    optimizer: optim.Optimizer,
    schedule: optim.lr_scheduler.LRScheduler,
    images: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
    rng: np.random.Generator,
    title: str,
) -> list[float]:
    """One pass over the images in random order.  Returns the loss of each step."""
    model.train()
    losses: list[float] = []
    correct = seen = 0
    batches = rng.permutation(len(images))
    with tqdm(total=len(images), desc=title, unit=" images", mininterval=0.2) as bar:
        for start in range(0, len(images), batch_size):
            batch = batches[start : start + batch_size]
            x, y = ag.from_numpy(images[batch]), ag.from_numpy(labels[batch])

            scores = model(x)  # the graph is recorded while this runs
            loss = nn.functional.cross_entropy(scores, y)
            optimizer.zero_grad()
            loss.backward()  # and walked back here: every parameter has its gradient now
            optimizer.step()
            schedule.step()

            losses.append(loss.item())
            seen += len(batch)
            correct += int((scores.data.argmax(1) == labels[batch]).sum())
            bar.update(len(batch))
            bar.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}", accuracy=f"{correct / seen:.2%}", refresh=False)
    return losses


@ag.no_grad()
def predict(model: nn.Module, images: np.ndarray, batch_size: int = 500) -> np.ndarray:
    """The most likely digit of each image.  images: (N, 1, 28, 28) -> (N,)"""
    model.eval()
    starts = range(0, len(images), batch_size)
    return np.concatenate([model(ag.from_numpy(images[i : i + batch_size])).data.argmax(1) for i in starts])


def draw_curve(losses: list[float], accuracies: list[float], path: Path) -> None:
    """The loss of each step, its moving average, and the test accuracy after each epoch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    window = min(50, len(losses))
    axes.plot(losses, color="tab:blue", alpha=0.25, linewidth=0.8)
    smooth = np.convolve(losses, np.ones(window) / window, "valid")
    axes.plot(np.arange(len(smooth)) + window - 1, smooth, color="tab:blue", label="training loss")
    axes.set(xlabel="step", ylabel="training loss", yscale="log", title="Training on MNIST")
    right = axes.twinx()
    steps = np.linspace(0, len(losses), len(accuracies) + 1)[1:]
    right.plot(steps, np.array(accuracies) * 100, "o-", color="tab:orange", label="test accuracy")
    right.set_ylabel("test accuracy (%)")
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=120)


def draw_mistakes(images: np.ndarray, labels: np.ndarray, predicted: np.ndarray, path: Path) -> None:
    """The first 20 digits that were mistaken, with what they are and what they were taken for."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    wrong = np.flatnonzero(predicted != labels)[:20]
    for i, axes in enumerate(figure.subplots(4, 5).flat):
        axes.set_axis_off()
        if i < len(wrong):
            axes.imshow(images[wrong[i], 0], cmap="gray_r")
            axes.set_title(f"{labels[wrong[i]]}, taken for {predicted[wrong[i]]}", fontsize=9)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["cnn", "mlp"], default="cnn", help="the network to train")
    parser.add_argument("--epochs", type=int, help="passes over the training images (cnn: 3, mlp: 5)")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("mnist-results"), help="folder for weights and pictures")
    parser.add_argument("--quick", action="store_true", help="a few images only, to see that everything works")
    args = parser.parse_args()
    epochs = args.epochs or (1 if args.quick else 3 if args.model == "cnn" else 5)

    ag.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    (x_train, y_train), (x_test, y_test) = nn.data.mnist(normalize=True)  # float32 in [0, 1]
    x_train, x_test = x_train[:, None], x_test[:, None]  # (N, 28, 28) -> (N, 1, 28, 28)
    if args.quick:
        x_train, y_train, x_test, y_test = x_train[:2000], y_train[:2000], x_test[:1000], y_test[:1000]

    model = ConvNet() if args.model == "cnn" else dense_network()
    print(model)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(x_train):,} images, {epochs} epochs")

    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    steps = epochs * -(-len(x_train) // args.batch_size)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=args.lr, total_steps=steps)
    losses: list[float] = []
    accuracies: list[float] = []
    begin = time.perf_counter()
    for epoch in range(1, epochs + 1):
        title = f"epoch {epoch}/{epochs}"
        losses += train_epoch(model, optimizer, schedule, x_train, y_train, args.batch_size, rng, title)
        predicted = predict(model, x_test)
        accuracies.append(float((predicted == y_test).mean()))
        print(f"test accuracy after {title}: {accuracies[-1]:.2%}")
    print(f"trained in {time.perf_counter() - begin:.1f} s")

    args.out.mkdir(parents=True, exist_ok=True)
    ag.save(args.out / "mnist.safetensors", model.state_dict())
    draw_curve(losses, accuracies, args.out / "curve.png")
    draw_mistakes(x_test, y_test, predicted, args.out / "wrong.png")
    print(f"test accuracy {accuracies[-1]:.2%}; weights and pictures are in {args.out}/")


if __name__ == "__main__":
    main()
