"""The families of specrob: attacks, penalties, rules, architectures, data sources and others.

A family is a table ``name -> "module:Object"``, which the command line, the documentation and the
library can list without torch.
"""

from specrob.family import Family as Family
from specrob.family import Row as Row
from specrob.family import load_object as load_object
from specrob.family import nearest as nearest
from specrob.family import suggest as suggest

# tags: "distance" for those with a critical distance; "training" for those that completion offers
# for adversarial training, which takes any
ATTACKS = Family(
    "an attack",
    "specrob.attacks",
    {
        "random": Row("specrob.settings.attacks:Random", ("distance",)),
        "fgsm": Row("specrob.settings.attacks:FGSM", ("distance", "training")),
        "pgd": Row("specrob.settings.attacks:PGD", ("distance", "training")),
        "minimal": Row("specrob.settings.attacks:Minimal", ("distance",)),
        "worst": Row("specrob.settings.attacks:Worst", ("distance",)),
        "noise": Row("specrob.settings.attacks:Noise"),
    },
)
PENALTIES = Family(
    "a penalty",
    "specrob.penalties",
    {
        "l2": Row("specrob.learning.penalties.l2:L2"),
        "jacobian": Row("specrob.learning.penalties.jacobian:Jacobian"),
        "spectral": Row("specrob.learning.penalties.spectral:Spectral"),
        "covariance": Row("specrob.learning.penalties.covariance:Covariance"),
        "jacobian-sum": Row("specrob.learning.penalties.jacobian:JacobianSum"),
    },
)
SCHEDULES = Family(
    "a schedule",
    "specrob.schedules",
    {
        "constant": Row("specrob.learning.schedules:constant"),
        "linear": Row("specrob.learning.schedules:linear"),
        "cosine": Row("specrob.learning.schedules:cosine"),
        "exponential": Row("specrob.learning.schedules:exponential"),
        "paper-a": Row("specrob.learning.schedules:paper_a"),
        "paper-a-spectral": Row("specrob.learning.schedules:paper_a_spectral"),
    },
)
RULES = Family(
    "a local rule",
    "specrob.rules",
    {"krotov-hopfield": Row("specrob.settings.local:KrotovHopfield")},
)
# tags: "trainable" for those that gradients train from nothing, "local" for single layers that a
# local rule trains
ARCHITECTURES = Family(
    "an architecture",
    "specrob.architectures",
    {
        "shlp": Row("specrob.models.shallow:SHLP", ("trainable",)),
        "mlp": Row("specrob.models.mlp:MLP", ("trainable",)),
        "cnn-b": Row("specrob.models.cnn:CNN_B", ("trainable",)),
        "cnn-d": Row("specrob.models.cnn:CNN_D", ("trainable",)),
        "linear": Row("specrob.models.shallow:LINEAR", ("trainable",)),
        "hybrid": Row("specrob.models.shallow:HYBRID"),
        "kh": Row("specrob.models.local_layer:KH", ("local",)),
        "local": Row("specrob.models.local_layer:LOCAL", ("local",)),
    },
)
SOURCES = Family(
    "images",
    "specrob.sources",
    {
        "digits": Row("specrob.data.digits:read_digits"),
        "mnist": Row("specrob.data.torchvision_sets:MNIST"),
        "fashion-mnist": Row("specrob.data.torchvision_sets:FASHION_MNIST"),
        "cifar10": Row("specrob.data.torchvision_sets:CIFAR10"),
        "cifar100": Row("specrob.data.torchvision_sets:CIFAR100"),
        "svhn": Row("specrob.data.torchvision_sets:SVHN"),
    },
)
KINDS = Family(
    "an artifact",
    "specrob.kinds",
    {
        "model": Row("specrob.results.networks:Model"),
        "checkpoint": Row("specrob.results.networks:Checkpoint"),
        "spectrum": Row("specrob.results.spectra:Spectrum"),
        "sensitivity": Row("specrob.results.maps:Sensitivity"),
        "power-law": Row("specrob.results.spectra:PowerLaw"),
        "dimension": Row("specrob.results.dimensions:Dimension"),
        "robustness": Row("specrob.results.attacks:Robustness"),
        "distances": Row("specrob.results.attacks:Distances"),
        "bounds": Row("specrob.results.certificates:CertifiedDistances"),
        "adversarial": Row("specrob.results.attacks:Adversarial"),
        "landscape": Row("specrob.results.maps:Landscape"),
        "smoothness": Row("specrob.results.maps:Smoothness"),
        "local-smoothness": Row("specrob.results.maps:LocalSmoothness"),
        "comparison": Row("specrob.results.comparisons:Comparison"),
        "images": Row("specrob.results.image_files:ImageFile"),
        "weights": Row("specrob.results.networks:Weights"),
        "arrays": Row("specrob.results.networks:Arrays"),
    },
)
# what `smoothness --save` writes for every image, beside its critical distance
LOCAL_MEASURES = (
    *("jacobian_norm", "spectral_norm", "margin", "margin_over_jacobian_norm"),
    *("margin_over_spectral_norm", "linear_distance", "certified_distance"),
)
# tags: the parts of which `plot --part` draws one, offered by the shell
FIGURES = Family(
    "a figure",
    "specrob.figures",
    {
        "model": Row("specrob.plots.weights:FIGURE", ("weights", "variances", "history")),
        "spectrum": Row("specrob.plots.spectrum:FIGURE", ("images", "noise", "eigenvalues")),
        "power-law": Row("specrob.plots.power_law:FIGURE", ("alpha", "map")),
        "robustness": Row(
            "specrob.plots.robustness:FIGURE", ("relative_accuracy", "robust_accuracy")
        ),
        "distances": Row("specrob.plots.distances:FIGURE", ("distance", "distance_l2")),
        "bounds": Row("specrob.plots.certificates:FIGURE", ("band", "images")),
        "adversarial": Row("specrob.plots.adversarial:FIGURE"),
        "images": Row("specrob.plots.image_files:FIGURE"),
        "landscape": Row("specrob.plots.landscape:FIGURE", ("jacobian_norm", "label")),
        "sensitivity": Row("specrob.plots.sensitivity:FIGURE"),
        "smoothness": Row("specrob.plots.smoothness:FIGURE"),
        "local-smoothness": Row(
            "specrob.plots.local_smoothness:FIGURE",
            LOCAL_MEASURES,
        ),
        "comparison": Row("specrob.plots.comparison:FIGURE"),
        "relation": Row("specrob.plots.relation:FIGURE"),
    },
)
