"""Links in folders of pictures: those that lead back are refused, others are followed."""

import numpy as np
import pytest
from PIL import Image

from specrob.data import load_image_set
from specrob.errors import DataError


@pytest.fixture
def pictures(tmp_path):
    for label in ("cat", "dog"):
        folder = tmp_path / "pictures" / "train" / label
        folder.mkdir(parents=True)
        for number in range(2):
            Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "pictures"


def load(pictures):
    return load_image_set(str(pictures), "train")


@pytest.mark.parametrize("target", [".", "..", "/", "../dog/inside"])
def test_a_link_that_leads_back_is_named(pictures, target):
    if target == "../dog/inside":  # two classes that link to one another
        (pictures / "train/dog/inside").symlink_to("../cat")
        target = "../dog"
    (pictures / "train/cat/link").symlink_to(target)
    with pytest.raises(DataError, match=r"found a link to a folder above it: .*; remove it"):
        load(pictures)


def test_a_link_to_pictures_elsewhere_is_followed(pictures, tmp_path):
    (pictures / "train/dog").rename(tmp_path / "elsewhere")
    (pictures / "train/dog").symlink_to(tmp_path / "elsewhere")
    assert load(pictures).labels.tolist() == [0, 0, 1, 1]


def test_a_link_to_nothing_is_no_class(pictures):
    (pictures / "train/owl").symlink_to("nowhere")
    assert load(pictures).classes == 2
