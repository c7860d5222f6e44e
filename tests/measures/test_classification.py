"""Accuracy over batches."""

import torch

from specrob.measures.classification import accuracy


def test_no_gradients_are_kept_and_every_image_counts_once():
    weights, seen = torch.ones(2, requires_grad=True), []

    def model(images):
        logits = images * weights
        seen.append(logits.requires_grad)
        return logits

    images = torch.tensor([[1.0, 0], [0, 1], [2, 1], [0, 3], [1, 0]])
    assert accuracy(model, images.split(2), torch.tensor([0, 1, 0, 0, 1])) == 0.6
    assert seen == [False] * 3
