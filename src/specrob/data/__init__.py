"""Images and labels: their sources, and how they are normalized."""

from specrob.data.image_set import ImageSet as ImageSet
from specrob.data.minibatches import BATCH_SIZE as BATCH_SIZE
from specrob.data.minibatches import Batches as Batches
from specrob.data.minibatches import Images as Images
from specrob.data.minibatches import default_batch_size as default_batch_size
from specrob.data.minibatches import in_batches as in_batches
from specrob.data.minibatches import minibatches as minibatches
from specrob.data.minibatches import row_slices as row_slices
from specrob.data.minibatches import rows_at_a_time as rows_at_a_time
from specrob.data.normalization import channel_statistics as channel_statistics
from specrob.data.normalization import image_norm as image_norm
from specrob.data.normalization import normalize_ as normalize_
from specrob.data.sources import parse_source as parse_source
from specrob.data.splits import describe_source as describe_source
from specrob.data.splits import load_image_set as load_image_set
from specrob.data.transforms import fit_transforms as fit_transforms
from specrob.data.transforms import stimulus_dimension as stimulus_dimension
