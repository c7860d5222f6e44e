"""One record for each kind of artifact: its fields, their axes and units are the contract on disk.

The name of a field is the name of the array, or of the fact, in the file. Reading a file checks it
against its record; the documentation's page about artifacts is made from these records.

Letters: ``S`` spectra, ``N`` ranks, ``I`` their images, ``B`` images of ``C`` by ``H`` by ``W``,
``T`` test images, ``E`` radii, ``R`` replicates or chosen ranks, ``V`` by ``U`` points of a
plane, ``D`` pixels.
"""

from specrob.results.attacks import ATTACK_OPTIONS as ATTACK_OPTIONS
from specrob.results.attacks import CENSORED as CENSORED
from specrob.results.attacks import MISCLASSIFIED as MISCLASSIFIED
from specrob.results.attacks import STATUS as STATUS
from specrob.results.attacks import Adversarial as Adversarial
from specrob.results.attacks import AttackResult as AttackResult
from specrob.results.attacks import Distances as Distances
from specrob.results.attacks import Robustness as Robustness
from specrob.results.certificates import CertifiedDistances as CertifiedDistances
from specrob.results.comparisons import Answer as Answer
from specrob.results.comparisons import Comparison as Comparison
from specrob.results.comparisons import NotCompared as NotCompared
from specrob.results.dimensions import Dimension as Dimension
from specrob.results.dimensions import DimensionEstimate as DimensionEstimate
from specrob.results.fits import AlphaMap as AlphaMap
from specrob.results.fits import Fit as Fit
from specrob.results.image_files import ImageFile as ImageFile
from specrob.results.maps import Landscape as Landscape
from specrob.results.maps import LocalSmoothness as LocalSmoothness
from specrob.results.maps import Sensitivity as Sensitivity
from specrob.results.maps import Smoothness as Smoothness
from specrob.results.networks import DRIFT as DRIFT
from specrob.results.networks import ESTIMATED_ALPHA as ESTIMATED_ALPHA
from specrob.results.networks import ROBUST_TRAIN_ACCURACY as ROBUST_TRAIN_ACCURACY
from specrob.results.networks import TRUE_ALPHA as TRUE_ALPHA
from specrob.results.networks import Arrays as Arrays
from specrob.results.networks import Checkpoint as Checkpoint
from specrob.results.networks import Model as Model
from specrob.results.networks import Weights as Weights
from specrob.results.outcomes import ImageOutcomes as ImageOutcomes
from specrob.results.outcomes import Outcomes as Outcomes
from specrob.results.record import Array as Array
from specrob.results.record import Axes as Axes
from specrob.results.record import Facts as Facts
from specrob.results.record import Format as Format
from specrob.results.record import Record as Record
from specrob.results.record import Result as Result
from specrob.results.record import array_axes as array_axes
from specrob.results.record import recorded as recorded
from specrob.results.spectra import PowerLaw as PowerLaw
from specrob.results.spectra import Spectrum as Spectrum
from specrob.results.summaries import JacobianNorms as JacobianNorms
from specrob.results.summaries import Predictor as Predictor
from specrob.results.training import Attempt as Attempt
from specrob.results.training import Pruning as Pruning
from specrob.results.training import Respectrum as Respectrum
from specrob.results.training import Training as Training
