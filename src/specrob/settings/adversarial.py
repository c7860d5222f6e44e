"""The attack that perturbs every batch of training."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from specrob.errors import UsageError
from specrob.settings.attack import Attack
from specrob.settings.flag import build_record, positive
from specrob.settings.named_attacks import attack_type
from specrob.settings.robustness import ObjectiveSettings

# options of attacks in training, where they are not those of the command `attack`
TRAINING_DEFAULTS: Mapping[str, Mapping[str, object]] = {"pgd": {"steps": 7, "random_start": True}}


@dataclass(frozen=True)
class AdversarialSettings(ObjectiveSettings):
    """The attack that perturbs every batch of training.

    The words of the command line give PGD the defaults of [1]_: 7 steps from a random start.

    References
    ----------
    .. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
       arXiv:1706.06083.

    Examples
    --------
    >>> AdversarialSettings.parse("fgsm,eps=0.5,loss=margin")
    AdversarialSettings(norm=None, loss='margin', attack=FGSM(), eps=0.5)
    >>> attack = AdversarialSettings.parse("pgd,eps=0.1").attack
    >>> attack.changed_options()
    {'steps': 7, 'random_start': True}
    """

    attack: Attack = field(kw_only=True)
    eps: Annotated[float, positive("Radius.")] = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.attack.norm_for(self.norm)

    def facts(self) -> dict[str, object]:
        """Return the attack, as results record attacks, and its radius.

        >>> AdversarialSettings.parse("fgsm,eps=0.5").facts()
        {'method': 'fgsm', 'norm': 'linf', 'loss': 'ce', 'options': {}, 'eps': 0.5}
        """
        return {
            "method": self.attack.name,
            "norm": self.attack.norm_for(self.norm),
            "loss": self.loss,
            "options": self.attack.changed_options(),
            "eps": self.eps,
        }

    @classmethod
    def parse(cls, text: str) -> "AdversarialSettings":
        """Return the settings of ``METHOD,eps=X[,key=value...]``.

        Raises
        ------
        UsageError
            If there is no such attack, it does not take an option, or eps is missing.
        """
        name, *pairs = text.split(",")
        training = [pair for pair in pairs if pair.partition("=")[0] in ("eps", "norm", "loss")]
        options = [pair for pair in pairs if pair not in training]
        defaults = TRAINING_DEFAULTS.get(name, {})
        attack = build_record(attack_type(name), options, defaults, what=name)
        if not any(pair.startswith("eps=") for pair in training):
            raise UsageError(f"expected a radius, for instance {name},eps=8/255, found `{text}`")
        return build_record(cls, training, {"attack": attack}, what="adversarial training")
