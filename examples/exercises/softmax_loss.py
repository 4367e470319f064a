"""Softmax and the negative log likelihood, the loss of most classifiers.

The long chain of exponentials, sum, quotient and logarithm has a short gradient: the probabilities, less one
at the label. The chain is recorded on Values and swept backward; the short formula stands beside it.
"""

import numpy as np

import chainrule as cr

LOGITS = (0.0, 3.0, -2.0, 1.0)
LABEL = 3


def softmax(logits):
    weights = [cr.exp(logit) for logit in logits]
    total = sum(weights)
    return [weight / total for weight in weights]


def loss(logits):
    return -cr.log(softmax(logits)[LABEL])


@cr.gradient_of(loss, at=[np.array(LOGITS), np.array([1.5, -0.5, 0.25, 2.0])])
def grad_loss(logits):
    one_hot = np.arange(len(logits)) == LABEL
    return np.array(softmax(logits)) - one_hot


def record():
    """The loss on labelled Values, swept: the loss and the gradient found in the leaves."""
    logits = [cr.Value(logit, label=f"logit {k}") for k, logit in enumerate(LOGITS)]
    result = loss(logits)
    result.backward()
    return result.data, [logit.grad for logit in logits]


def main():
    value, gradient = record()
    print(f"loss {value}")
    for k, (swept, derived) in enumerate(zip(gradient, grad_loss(np.array(LOGITS)), strict=True)):
        print(f"logit {k}   backward {swept:20.16f}   by hand {derived:20.16f}")


if __name__ == "__main__":
    main()
