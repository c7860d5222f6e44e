"""Lower bounds of critical distances that no attack can pass."""

from specrob.measures.certificates.affine import Affine as Affine
from specrob.measures.certificates.affine import Convolution as Convolution
from specrob.measures.certificates.affine import Dense as Dense
from specrob.measures.certificates.affine import Reshape as Reshape
from specrob.measures.certificates.affine import Scale as Scale
from specrob.measures.certificates.bounds import BoundedNetwork as BoundedNetwork
from specrob.measures.certificates.bounds import Stage as Stage
from specrob.measures.certificates.pointwise import Pointwise as Pointwise
from specrob.measures.certificates.pointwise import Power as Power
from specrob.measures.certificates.pooling import Maximum as Maximum
from specrob.measures.certificates.radius import certified_radius as certified_radius
from specrob.measures.certificates.sigmoidal import sigmoid as sigmoid
from specrob.measures.certificates.sigmoidal import tanh as tanh
