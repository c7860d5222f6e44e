"""Reading and writing files, and loading images and models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from specrob import artifacts
from specrob.artifacts import Artifact, Provenance
from specrob.devices import resolve_device
from specrob.errors import ArtifactError, DataError, UsageError
from specrob.experiments import loading
from specrob.experiments.images import load_split
from specrob.experiments.in_memory import Values, images_for, images_in_memory, model_in_memory
from specrob.experiments.loaded_model import LoadedModel
from specrob.models import to_artifact
from specrob.registry import KINDS
from specrob.results import Result
from specrob.settings.images import DEFAULT_DATA, DEFAULT_ROOT, ImageSettings, Resize, Split
from specrob.settings.run import Device

Model = str | Path | LoadedModel | nn.Module | Callable[[Tensor], Tensor]


def read(file: str | Path) -> Result:
    """Return the record of `specrob.results` in a file that specrob wrote.

    Parameters
    ----------
    file : str or Path
        Safetensors, NPZ or JSON.

    Raises
    ------
    ArtifactError
        If the file is not there or not whole, or holds weights or arrays from elsewhere.

    Examples
    --------
    >>> import tempfile
    >>> from specrob.results import Robustness
    >>> curve = {"eps": (0.1,), "relative_accuracy": (0.5,), "robust_accuracy": (0.25,)}
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 0.5, "n_images": 4}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Robustness(n_attacked=2, **facts, **curve), f"{folder}/curve.json")
    ...     read(f"{folder}/curve.json").robust_accuracy
    (0.25,)
    """
    artifact = artifacts.read(str(file))
    if artifact.kind in ("arrays", "weights"):
        raise ArtifactError(
            f"expected a result of specrob in {file}, found `{artifact.kind}`; read them with "
            "numpy.load or safetensors.torch.load_file"
        )
    record: type[Result] = KINDS[artifact.kind]
    return artifacts.to_result(artifact, record, str(file))


def write(result: Result | LoadedModel, file: str | Path) -> None:
    """Write a result, or a model with the record of its images and its seed, to a file.

    No command is recorded: what `read` returned and is written again has lost its history.

    Parameters
    ----------
    result : record of `specrob.results`, or LoadedModel
    file : str or Path
        A file that is there is replaced when the new one is whole.

    Raises
    ------
    OutputError
        If it cannot be written there.
    """
    if isinstance(result, LoadedModel):
        artifact = to_artifact(result.network)
        made = Provenance(data=result.data, seed=result.seed)
    else:
        artifact, made = Artifact.of(result), Provenance()
    artifacts.write(replace(artifact, provenance=made), str(file))


def load_images(
    data: str = DEFAULT_DATA,
    *,
    split: Split = "test",
    limit: int | None = None,
    resize: Resize | None = None,
    data_root: str = DEFAULT_ROOT,
    download: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return images, (B, C, H, W), float32 in [0, 1], and labels, (B,), int64.

    Parameters
    ----------
    data : str
        The name of a data set, an NPZ file, a folder of class folders, or noise:CxHxW[:STD].
    split : {"train", "test"}
    limit : int, optional
        Only the first so many images.
    resize : int or str, optional, pixels
        The shorter side is scaled to this, and the centred square is taken; "256:224" keeps less.
    data_root : str
        Folder of torchvision's data sets.
    download : bool
        Whether a named data set may be downloaded.

    Raises
    ------
    UsageError, DataError
        If the images are not there, or not what they should be.

    Examples
    --------
    >>> images, labels = load_images("digits", limit=3)
    >>> images.shape, labels.tolist()
    (torch.Size([3, 1, 8, 8]), [7, 6, 3])
    """
    settings = ImageSettings(
        data=data, limit=limit, resize=resize, data_root=data_root, download=download
    )
    images, _ = load_split(settings, split, "none")
    return images.pixels, images.labels


def load_model(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    normalize: str = "none",
    limit: int | None = None,
    device: Device = "auto",
) -> LoadedModel:
    """Return a model with the images that it is measured on.

    A copy of your module is measured, in evaluation mode and float32, on the device of its
    parameters.

    Parameters
    ----------
    model : str, Path, nn.Module, callable or LoadedModel
    images : Tensor or ndarray, (B, C, H, W) or (B, H, W), optional
        Integers from 0 to 255, or numbers whose valid range is 0 to 1. For a model file by
        default the test images of the data that it was trained on.
    labels : Tensor or ndarray of int, (B,), optional
        Attacks need them.
    normalize : str
        "lP" divides each image by its p-norm before your module sees it; "mean=M,std=S"
        standardizes its channels, and radii are those of the pixels before. A model file knows
        its own normalization.
    limit : int, optional
        For a model file without `images`: only the first so many test images.
    device : {"auto", "cpu", "cuda", "mps"}
        Where the network of a model file is put.

    Raises
    ------
    ArtifactError, ModelError, DataError
        If the file is not a model, the images are not what they should be, or do not fit.
    UsageError
        If `normalize`, `limit` or `device` is given where it does not apply.

    Examples
    --------
    >>> images, labels = load_images("digits", limit=3)
    >>> loaded = load_model(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), images, labels)
    >>> len(loaded), loaded.network.classes
    (3, 10)
    """
    is_file, is_loaded = isinstance(model, str | Path), isinstance(model, LoadedModel)
    if normalize != "none" and (is_file or is_loaded):
        raise UsageError(
            f"`normalize`: expected a module of your own with `{normalize}`, found a model that "
            "records its own; drop it"
        )
    if limit is not None and (not is_file or images is not None):
        raise UsageError(
            f"`limit`: expected a model file without `images` with {limit}, found images; pass "
            "fewer images"
        )
    if device != "auto" and not is_file:
        raise UsageError(
            f"`device`: expected a model file with `{device}`, found a module; move the module"
        )
    if isinstance(model, str | Path):
        artifact = artifacts.expect(artifacts.read(str(model)), ("model",), str(model))
        place = resolve_device(device)
        if images is None:
            return loading.load_model(artifact, ImageSettings(limit=limit), device=place)
        return loading.load_with_images(artifact, images, labels, device=place)
    if isinstance(model, LoadedModel):
        if images is None:
            return model
        split, data = images_for(model.network, images, labels, model.images.device)
        return replace(model, images=split, data=data)
    if images is None:
        raise DataError("expected `images` with a model of your own, found none")
    split, data = images_in_memory(images, labels, normalize=normalize)
    return model_in_memory(model, split, data, normalize=normalize)
