"""A run that writes images as one split of a file, in which the other stays."""

from pathlib import Path
from typing import TYPE_CHECKING

from specrob.commands.framework.run import Run
from specrob.errors import ArtifactError

if TYPE_CHECKING:
    from specrob.artifacts import Data
    from specrob.results import ImageFile


class ImageRun(Run):
    """A run whose output, or a file beside it, is images."""

    def images_there(self, target: str | None) -> "ImageFile | None":
        """Return the images in a file that a split is to be added to; None without the file.

        Raises
        ------
        ArtifactError
            If the file holds anything else.
        """
        from specrob.artifacts import read, to_result
        from specrob.results import ImageFile

        if target is None or not Path(target).is_file():
            return None
        artifact = read(target)
        if artifact.kind != ImageFile.kind:
            raise ArtifactError(
                f"expected a new file, or images that specrob wrote, as {target}, to which a "
                f"split is added, found `{artifact.kind}`; name another file"
            )
        return to_result(artifact, ImageFile, target)

    def beside_there(self, made: "ImageFile", target: str) -> "ImageFile":
        """Return images with those of the other split in the file that they are to go to."""
        there = self.images_there(target)
        if there is None:
            return made
        made.require_same(there, target)
        joined = made.beside(there)
        if joined.splits != made.splits:
            self.read(target)
        return joined

    def write_images(
        self, made: "ImageFile | None", target: str | None, data: "Data | None"
    ) -> None:
        """Write images, if there are any, as a split of a file beside the output."""
        if made is not None and target is not None:
            self.write_beside(self.beside_there(made, target), target, data)
