"""An expression makes distributions, which as objects take no name, and asks them, which does."""
from __future__ import annotations

from pathlib import Path

import graphcli.tf1 as tf
from graphcli.spec import load_spec

SPEC = """
inputs: {x: {dtype: float32, shape: [null, 2]}}
ops:
  pi: distributions.Normal(x, 1.0)
  old: tf.distributions.Normal(x + 1, 1.0, name='old')
  a: pi.sample(seed=2)
  lp: pi.log_prob(a, name='lp')
  kl: reduce_mean(pi.kl_divergence(old))
  c: distributions.Categorical(logits=x)
  h: c.entropy()
  most: c.mode()
  between: distributions.kl_divergence(pi, old, name='between')
"""


def test_expressions_make_what_python_makes(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(SPEC)
    made = load_spec(tmp_path / "d.yaml").graphs["d"].graph
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        pi = tf.distributions.Normal(x, 1.0)
        old = tf.distributions.Normal(x + 1, 1.0, name="old")
        pi.log_prob(pi.sample(seed=2, name="a"), name="lp")
        tf.reduce_mean(pi.kl_divergence(old), name="kl")
        c = tf.distributions.Categorical(logits=x)
        c.entropy(name="h")
        c.mode(name="most")
        tf.distributions.kl_divergence(pi, old, name="between")
    assert [n.name for n in made] == [n.name for n in graph]
