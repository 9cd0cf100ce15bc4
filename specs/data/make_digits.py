"""Makes the digits files of this folder, with numpy alone.

    python specs/data/make_digits.py            # trains both nets again from digits.npz
    python specs/data/make_digits.py --source   # first makes digits.npz again; needs scikit-learn

digits.npz is the Optical Recognition of Handwritten Digits set (E. Alpaydin, C. Kaynak; UCI Machine
Learning Repository, CC BY 4.0) as scikit-learn ships it: 1797 images of 8x8 pixels, values 0 to 16.
The rows are shuffled with a fixed seed; the last 500 are held out and no training step sees them.
Seeds are fixed, so the weights come out the same up to the rounding of the BLAS in use.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
HELD_OUT = 500

Weights = dict[str, np.ndarray]


def make_source() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images, labels = digits.images.astype(np.uint8)[order], digits.target.astype(np.uint8)[order]
    np.savez_compressed(
        HERE / "digits.npz",
        train_images=images[:-HELD_OUT], train_labels=labels[:-HELD_OUT],
        test_images=images[-HELD_OUT:], test_labels=labels[-HELD_OUT:],
    )


def patches(x: np.ndarray) -> np.ndarray:
    """The 3x3 neighbourhood of every pixel, zero outside: the convolution as one matrix product."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    n, height, width, channels = x.shape
    shifted = [padded[:, i:i + height, j:j + width] for i in range(3) for j in range(3)]
    return np.stack(shifted, axis=3).reshape(n, height, width, 9 * channels)


def patches_gradient(g: np.ndarray, channels: int) -> np.ndarray:
    n, height, width, _ = g.shape
    out = np.zeros((n, height + 2, width + 2, channels), g.dtype)
    for k in range(9):
        i, j = divmod(k, 3)
        out[:, i:i + height, j:j + width] += g[..., k * channels:(k + 1) * channels]
    return out[:, 1:-1, 1:-1]


def pool(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """2x2 maxima, and which of the four was the maximum."""
    n, height, width, channels = x.shape
    blocks = x.reshape(n, height // 2, 2, width // 2, 2, channels).transpose(0, 1, 3, 5, 2, 4)
    blocks = blocks.reshape(*blocks.shape[:4], 4)
    return blocks.max(-1), np.eye(4, dtype=x.dtype)[blocks.argmax(-1)]


def pool_gradient(g: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    n, height, width, channels = g.shape
    spread = (g[..., None] * chosen).reshape(n, height, width, channels, 2, 2)
    return spread.transpose(0, 1, 4, 2, 5, 3).reshape(n, 2 * height, 2 * width, channels)


def softmax_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - np.eye(10, dtype=np.float32)[labels]) / len(labels)


def mlp(w: Weights, images: np.ndarray, labels: np.ndarray | None = None) -> tuple[np.ndarray, Weights]:
    x = images.reshape(len(images), 64)
    h = np.maximum(x @ w["hidden/weights"] + w["hidden/biases"], 0)
    logits = h @ w["output/weights"] + w["output/biases"]
    if labels is None:
        return logits, {}
    g = softmax_gradient(logits, labels)
    gh = (g @ w["output/weights"].T) * (h > 0)
    return logits, {
        "output/weights": h.T @ g, "output/biases": g.sum(0),
        "hidden/weights": x.T @ gh, "hidden/biases": gh.sum(0),
    }


def conv(w: Weights, images: np.ndarray, labels: np.ndarray | None = None) -> tuple[np.ndarray, Weights]:
    w1, w2 = w["conv1/weights"], w["conv2/weights"]
    p1 = patches(images[..., None])
    h1 = np.maximum(p1 @ w1.reshape(-1, w1.shape[3]) + w["conv1/biases"], 0)
    m1, chosen1 = pool(h1)
    p2 = patches(m1)
    h2 = np.maximum(p2 @ w2.reshape(-1, w2.shape[3]) + w["conv2/biases"], 0)
    m2, chosen2 = pool(h2)
    flat = m2.reshape(len(images), -1)
    logits = flat @ w["output/weights"] + w["output/biases"]
    if labels is None:
        return logits, {}
    g = softmax_gradient(logits, labels)
    g2 = pool_gradient((g @ w["output/weights"].T).reshape(m2.shape), chosen2) * (h2 > 0)
    gp2 = g2 @ w2.reshape(-1, w2.shape[3]).T
    g1 = pool_gradient(patches_gradient(gp2, w2.shape[2]), chosen1) * (h1 > 0)
    return logits, {
        "output/weights": flat.T @ g, "output/biases": g.sum(0),
        "conv2/weights": np.tensordot(p2, g2, axes=((0, 1, 2), (0, 1, 2))).reshape(w2.shape),
        "conv2/biases": g2.sum((0, 1, 2)),
        "conv1/weights": np.tensordot(p1, g1, axes=((0, 1, 2), (0, 1, 2))).reshape(w1.shape),
        "conv1/biases": g1.sum((0, 1, 2)),
    }


SHAPES = {
    "mlp": {"hidden/weights": (64, 96), "hidden/biases": (96,),
            "output/weights": (96, 10), "output/biases": (10,)},
    "conv": {"conv1/weights": (3, 3, 1, 8), "conv1/biases": (8,),
             "conv2/weights": (3, 3, 8, 16), "conv2/biases": (16,),
             "output/weights": (64, 10), "output/biases": (10,)},
}


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the images move by a pixel sideways: more digits than were drawn."""
    moves = rng.choice([-1, 0, 0, 1], size=len(images))
    return np.where((moves == 0)[:, None, None], images,
                    np.where((moves < 0)[:, None, None], np.roll(images, -1, 2), np.roll(images, 1, 2)))


def train(name: str, epochs: int, rate: float = 2e-3, decay: float = 1e-4) -> None:
    rng = np.random.default_rng(1)
    net = {"mlp": mlp, "conv": conv}[name]
    with np.load(HERE / "digits.npz") as data:
        images = data["train_images"].astype(np.float32) / 16
        labels = data["train_labels"]
        test_images, test_labels = data["test_images"].astype(np.float32) / 16, data["test_labels"]
    w: Weights = {}
    for key, shape in SHAPES[name].items():
        scale = np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0
        w[key] = (rng.standard_normal(shape) * scale).astype(np.float32)
    mean = {k: np.zeros_like(v) for k, v in w.items()}
    square = {k: np.zeros_like(v) for k, v in w.items()}
    step, total = 0, epochs * (len(labels) // 32)
    for _ in range(epochs):
        order = rng.permutation(len(labels))
        for start in range(0, len(order) - 31, 32):
            batch = order[start:start + 32]
            _, gradients = net(w, shifted(images[batch], rng), labels[batch])
            step += 1
            now = rate * (1 - step / (total + 1))
            for k, g in gradients.items():  # Adam
                mean[k] += 0.1 * (g - mean[k])
                square[k] += 0.001 * (g * g - square[k])
                m, s = mean[k] / (1 - 0.9 ** step), square[k] / (1 - 0.999 ** step)
                w[k] = (w[k] - now * (m / (np.sqrt(s) + 1e-8) + decay * w[k])).astype(np.float32)
    right = (net(w, test_images)[0].argmax(1) == test_labels).mean()
    print(f"{name}: {right:.3f} of {len(test_labels)} held-out images are right")
    np.savez_compressed(HERE / f"digits_{name}.npz", **w)


if __name__ == "__main__":
    if "--source" in sys.argv[1:]:
        make_source()
    train("mlp", epochs=150, decay=1e-2)
    train("conv", epochs=100, decay=1e-2)
