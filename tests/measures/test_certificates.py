"""Certified radii against closed forms, exact programs, sampled images and every attack."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp
from torch import nn

from specrob.errors import ModelError
from specrob.experiments.bounded_network import bounded_network
from specrob.measures.attacks import AttackBatch
from specrob.measures.certificates import BoundedNetwork, certified_radius
from specrob.measures.certificates.joint import JointBound
from specrob.measures.certificates.linear_form import Interval, LinearForm, margin_forms
from specrob.measures.certificates.pointwise import Power
from specrob.measures.certificates.pooling import Maximum
from specrob.measures.certificates.region import Region
from specrob.measures.certificates.rounding import margin_errors
from specrob.measures.certificates.sigmoidal import sigmoid, tanh
from specrob.measures.certificates.trust_region import lowest_in_ball
from specrob.measures.critical_distance import critical_distance
from specrob.models import build
from specrob.models.preprocessing import Standardized
from specrob.models.shallow import RectifiedPower
from specrob.norms import NORMS, Bounds, unbounded
from specrob.registry import ATTACKS
from specrob.settings.certificates import CertificateSettings

SMALL, LARGER = (1, 6, 6), (1, 16, 16)


def convolutional(shape, classes):
    """Return standardization, convolutions of several forms, and the layers between them."""
    net = nn.Sequential(
        nn.Conv2d(shape[0], 4, 3, stride=2, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, groups=2, bias=False),
        nn.Sigmoid(),
        nn.Dropout(),
        nn.Flatten(),
        nn.Linear(24, classes),
    )
    return Standardized(net, torch.full((shape[0],), 0.4), torch.full((shape[0],), 0.3))


NETWORKS = {
    "linear": ("linear", SMALL, {}),
    "shlp": ("shlp", SMALL, {"hidden": 20}),
    "power": ("shlp", SMALL, {"hidden": 20, "power": 2.5, "batch_norm": True}),
    "hybrid": ("hybrid", SMALL, {"hidden": 20, "power": 4.5}),
    "relu": ("mlp", SMALL, {"hidden": [20, 10]}),
    "tanh": ("mlp", SMALL, {"hidden": [20, 10], "activation": "tanh", "batch_norm": True}),
    "sigmoid": ("mlp", SMALL, {"hidden": [10, 10], "activation": "sigmoid"}),
    "cnn-b": ("cnn-b", LARGER, {"filters": [2, 3], "width": 10}),
    "convolutions": (convolutional, LARGER, {}),
    "cnn-d": ("cnn-d", LARGER, {}),
}
SOUND = [name for name in NETWORKS if name != "cnn-d"]  # which takes minutes


def network(name, seed=0):
    """Return a network with random weights and statistics, and images with its labels."""
    arch, shape, options = NETWORKS[name]
    generator = torch.Generator().manual_seed(seed)
    if isinstance(arch, str):
        net = build(arch, shape, 4, options, generator)
    else:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            net = arch(shape, 4)
    net = net.eval().requires_grad_(False)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    images = torch.rand(6, *shape, generator=generator)
    return net, images, net(images).argmax(1)


def regions(images, norm, radius, box=None):
    radii = torch.full((len(images),), radius, dtype=torch.float64)
    return Region(images.double(), radii, NORMS[norm], box)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("name", SOUND)
def test_nothing_sampled_is_outside_of_the_bounds(name, norm, bounded):
    net, images, labels = network(name)
    box = Bounds(torch.zeros(len(images)), torch.ones(len(images))) if bounded else None
    bounds = bounded_network(net, images.shape[1:])
    region = regions(images, norm, {"l1": 1.0, "l2": 0.3, "linf": 0.05}[norm], box)
    ranges, forms = bounds.ranges(region), margin_forms(labels, 4)
    intervals = ranges.intervals
    lowest = bounds.lowest(forms, ranges, region, {}).lowest
    errors = margin_errors(bounds, forms, intervals, region)
    assert (bounds.forward(images) - net(images)).abs().max() < 1e-5 * (1 + lowest.abs().max())
    generator, size, largest = torch.Generator().manual_seed(1), images[0].numel(), 0.0
    for draw in range(60):
        normals = torch.randn(len(images), size + 2, generator=generator, dtype=torch.float64)
        step = region.geometry.fill(normals)
        step = (region.geometry.scale(step) if draw % 2 else step) * region.radius[:, None]
        a = images.double() + step.reshape(images.shape)
        a = a if box is None else box.clip(a)
        single = a.float()  # an image that float32 holds
        wrong = forms.value(net(single).double()) - forms.value(bounds.forward(single.double()))
        assert (wrong.abs() <= errors).all()
        largest = max(largest, float((wrong.abs() / errors).max()))
        for at, stage in enumerate(bounds.stages):
            assert (a >= intervals[at].low - 1e-9).all(), (name, at)
            assert (a <= intervals[at].high + 1e-9).all(), (name, at)
            a = stage.forward(a)
        assert (forms.value(a) >= lowest - 1e-9).all()
    assert largest > 1e-4  # errors that were bounded were there


@pytest.mark.parametrize("function", [Power(1), Power(2.5), tanh(), sigmoid()])
def test_lines_stay_on_their_side(function):
    generator = torch.Generator().manual_seed(0)
    ends = torch.randn(2, 600, generator=generator, dtype=torch.float64) * 3
    ends[1, :100] = ends[0, :100]  # of no width
    ends[1, 100:200] = ends[0, 100:200] + 1e-13
    ends[:, 200:250] *= 20  # where the function is flat
    over = Interval(*ends.sort(0).values)
    for place in (0.0, 0.3, 1.0):
        at = torch.full_like(over.low, place)
        below, above = function.below(over, at), function.above(over, at)
        for share in torch.linspace(0, 1, 41, dtype=torch.float64):
            a = over.low + share * (over.high - over.low)
            assert (below.slope * a + below.offset <= function.forward(a) + 1e-9).all()
            assert (above.slope * a + above.offset >= function.forward(a) - 1e-9).all()


@pytest.mark.parametrize("norm", NORMS)
def test_radius_of_a_linear_network_is_the_closed_form(norm):
    net, images, labels = network("linear")
    weight, bias = net.readout.weight.double(), net.readout.bias.double()
    logits = images.double().flatten(1) @ weight.T + bias
    exact = torch.full((len(images),), torch.inf, dtype=torch.float64)
    steepest = exact.clone()
    for other in range(4):
        rows = weight[labels] - weight[other]
        margin = logits.gather(1, labels[:, None])[:, 0] - logits[:, other]
        length = rows.norm(dim=1, p=NORMS[norm].dual)
        nearer = (labels != other) & (margin / length < exact)
        exact = torch.where(nearer, margin / length, exact)
        steepest = torch.where(nearer, length, steepest)
    bounds = bounded_network(net, SMALL)
    for rounding in ("independent", "worst"):
        settings = CertificateSettings(norm=norm, rounding=rounding)
        found = certified_radius(bounds, images, labels, norm=norm, max_eps=9.0, settings=settings)
        region = Region(images.double(), exact, NORMS[norm])
        forms = margin_forms(labels, 4)
        errors = margin_errors(bounds, forms, bounds.ranges(region).intervals, region, rounding)
        assert (found <= exact).all()
        assert (found >= exact - 1e-6 - 2 * errors.amax(1) / steepest).all()


def exact_linf(net, image, label):
    """Return the distance in Linf to the boundary of a relu network, by mixed-integer programs."""
    weight = net.hidden.weight.double().numpy()
    readout, offset = net.readout.weight.double().numpy(), net.readout.bias.double().numpy()
    x = image.double().flatten().numpy()
    units, pixels = weight.shape
    h, reach = weight @ x, np.abs(weight).sum(1)
    best, far = np.inf, 2.0
    for other in set(range(len(readout))) - {label}:
        # variables: steps d, their bound r, activations a >= 0, and whether a unit is on, s
        cost = np.r_[np.zeros(pixels), 1, np.zeros(2 * units)]
        low, high = h - far * reach, h + far * reach
        aside, none = np.ones((pixels, 1)), np.zeros((pixels, 2 * units))
        eye, zero, one = np.eye(units), np.zeros((units, pixels)), np.zeros((units, 1))
        rows = [
            (
                np.c_[np.eye(pixels), -aside, none],
                -np.inf,
                0,
            ),
            (
                np.c_[-np.eye(pixels), -aside, none],
                -np.inf,
                0,
            ),
            (np.c_[-weight, one, eye, 0 * eye], h, np.inf),  # a >= h
            (np.c_[-weight, one, eye, np.diag(-low)], -np.inf, h - low),  # a <= h - low (1 - s)
            (np.c_[zero, one, eye, np.diag(-high)], -np.inf, 0),  # a <= high s
        ]
        margin = np.r_[np.zeros(pixels + 1), readout[label] - readout[other], np.zeros(units)]
        rows.append((margin[None], -np.inf, offset[other] - offset[label]))
        limits = Box(
            np.r_[-far * np.ones(pixels), 0, np.zeros(2 * units)],
            np.r_[far * np.ones(pixels), far, np.full(units, np.inf), np.ones(units)],
        )
        whole = np.r_[np.zeros(pixels + 1 + units), np.ones(units)]
        constraints = [LinearConstraint(*row) for row in rows]
        solved = milp(cost, constraints=constraints, bounds=limits, integrality=whole)
        if solved.success:
            best = min(best, solved.fun)
    return best


def test_radius_is_at_most_the_exact_distance_in_linf():
    for seed in range(3):
        arch, shape, _ = NETWORKS["shlp"]
        generator = torch.Generator().manual_seed(seed)
        net = build(arch, shape, 3, {"hidden": 8}, generator).eval().requires_grad_(False)
        images = torch.rand(2, *shape, generator=generator)
        labels = net(images).argmax(1)
        found = certified_radius(
            bounded_network(net, shape), images, labels, norm="linf", max_eps=2.0
        )
        exact = [exact_linf(net, *one) for one in zip(images, labels.tolist(), strict=True)]
        share = found.numpy() / np.array(exact)
        assert (share <= 1 + 1e-6).all()
        assert share.min() > 0.5


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("name", SOUND)
def test_no_attack_is_nearer_than_the_radius(name, norm, bounded):
    net, images, labels = network(name, seed=2)
    some = len(images) if images[0].numel() < 100 else 2
    images, labels = images[:some], labels[:some]
    box = Bounds(torch.zeros(some), torch.ones(some)) if bounded else None
    found = certified_radius(
        bounded_network(net, images.shape[1:]), images, labels, norm=norm, bounds=box, max_eps=9.0
    )
    assert (found > 0).all()
    index = torch.arange(some)
    batch = AttackBatch(
        net, images, labels, box or unbounded(images), norm, "margin", seed=0, index=index
    )
    for method in ("fgsm", "pgd", "minimal"):
        prepared = ATTACKS[method]().prepare(batch)
        distance = critical_distance(batch, prepared, max_eps=9.0).distance
        assert (distance >= found).all(), method


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0, 4.5])
@pytest.mark.parametrize("pixels", [12, 60])
def test_joint_bounds_hold_for_every_allowance(power, pixels):
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(30, pixels, generator=generator, dtype=torch.float64)
    matrix += 4 * torch.rand(30, 1, generator=generator, dtype=torch.float64)  # a strong direction
    joint, function = JointBound(matrix, Power(power)), Power(power)
    assert joint.strong == 1
    centre = torch.randn(5, 30, generator=generator, dtype=torch.float64)
    radius = torch.tensor([0.01, 0.1, 0.3, 0.6, 1.0], dtype=torch.float64)
    reach = radius[:, None] * matrix.norm(dim=1)
    over = Interval(centre - reach, centre + reach)
    slopes = torch.randn(5, 4, 30, generator=generator, dtype=torch.float64)
    form = LinearForm(slopes, torch.zeros(5, 4).double())
    plain = joint.lowest(form, over, centre, radius, None, None)
    allowances = [plain.allowance * factor for factor in (0.0, 0.1, 1.0, 10.0)]
    found = [joint.lowest(form, over, centre, radius, None, one).lowest for one in allowances]
    torch.testing.assert_close(found[0], plain.lowest)
    if power != 1.5:  # whose curvature has no bound
        assert (found[2] > plain.lowest).any()
    for draw in range(400):
        step = torch.randn(5, pixels, generator=generator, dtype=torch.float64)
        if draw % 2:  # against the gradient of one of the forms, also beyond its first step
            bent = function.slope(centre) * slopes[:, draw % 4]
            step = 0.3 * step / pixels**0.5 - bent @ matrix / (bent @ matrix).norm(dim=1)[:, None]
        step = step / step.norm(dim=1, keepdim=True) * radius[:, None]
        value = form.value(function.forward(centre + step @ matrix.T))
        for lowest in found:
            assert (value >= lowest - 1e-9).all()


def test_quadratic_functions_are_bounded_in_balls_of_every_size():
    generator = torch.Generator().manual_seed(0)
    slopes = torch.randn(6, 3, 5, generator=generator, dtype=torch.float64)
    bends = torch.rand(6, 3, 5, generator=generator, dtype=torch.float64)
    slopes[0, 0] = 0
    slopes[1, :, int(bends[1, 0].argmax())] = 0  # the hard case
    radius = torch.logspace(-2, 1.5, 6, dtype=torch.float64)
    lowest, least = lowest_in_ball(slopes, bends, radius), torch.full((6, 3), torch.inf).double()
    for _ in range(4000):
        step = torch.randn(6, 3, 5, generator=generator, dtype=torch.float64)
        for _ in range(3):  # uphill in the concave function: towards its least value
            step = step / step.norm(dim=2, keepdim=True) * radius[:, None, None]
            least = torch.minimum(least, (slopes * step - bends * step.square()).sum(2))
            step = 2 * bends * step - slopes
    assert (lowest <= least + 1e-9).all()
    torch.testing.assert_close(lowest, least, rtol=2e-3, atol=1e-9)


def test_what_units_can_do_together_proves_larger_radii(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    net = build("shlp", SMALL, 4, {"hidden": 200}, generator).eval().requires_grad_(False)
    images = torch.rand(6, *SMALL, generator=generator)
    labels = net(images).argmax(1)
    joint = certified_radius(bounded_network(net, SMALL), images, labels, max_eps=9.0)
    monkeypatch.setattr(BoundedNetwork, "joint", None)
    alone = certified_radius(bounded_network(net, SMALL), images, labels, max_eps=9.0)
    assert (joint > 1.05 * alone).all()


def test_bounds_of_pixels_never_make_the_radius_smaller():
    net, images, labels = network("relu")
    box, bounds = Bounds(torch.zeros(6), torch.ones(6)), bounded_network(net, SMALL)
    for norm in ("l2", "linf"):
        free = certified_radius(bounds, images, labels, norm=norm, max_eps=9.0)
        held = certified_radius(bounds, images, labels, norm=norm, bounds=box, max_eps=9.0)
        assert (held >= free * (1 - 0.002)).all()
        assert held.sum() > free.sum()


def test_steps_of_ascent_and_a_worse_rounding_change_the_radius_as_they_must():
    net, images, labels = network("hybrid")
    bounds = bounded_network(net, SMALL)

    def radius(**settings):
        asked = CertificateSettings(**settings)
        return certified_radius(bounds, images, labels, max_eps=9.0, settings=asked)

    assert radius(steps=3).sum() > radius(steps=0).sum()
    assert (radius(rounding="worst") <= radius() * 1.002).all()


def test_scales_that_cancel_change_no_radius():
    """Of weights that are s times as large below, and as small above."""
    net, images, labels = network("shlp")
    for norm in ("l2", "linf"):
        known = certified_radius(bounded_network(net, SMALL), images, labels, norm=norm, max_eps=9)
        for s in (1e-13, 1e-5, 1e8):
            other = deepcopy(net)
            other.hidden.weight *= s
            other.readout.weight /= s
            bounds = bounded_network(other, SMALL)
            found = certified_radius(bounds, images, labels, norm=norm, max_eps=9)
            assert (found <= known * 1.003).all()
            assert (found >= known * 0.9).all()


def test_directions_that_move_little_count():
    net = build("shlp", (1, 1, 2), 2, {"hidden": 2}).eval().requires_grad_(False)
    net.hidden.weight.copy_(torch.diag(torch.tensor([2e6, 1.0])))
    net.readout.weight.copy_(torch.tensor([[0.0, 1.0], [0.0, 0.0]]))
    net.readout.bias.copy_(torch.tensor([-0.5, 0.0]))
    image, label = torch.ones(1, 1, 1, 2), torch.tensor([0])
    found = certified_radius(bounded_network(net, (1, 1, 2)), image, label, max_eps=9.0)
    assert 0.3 < float(found) <= 0.5


def test_activations_that_overflow_prove_nothing():
    net = build("shlp", (1, 1, 1), 2, {"hidden": 2, "power": 30.0}).eval().requires_grad_(False)
    net.hidden.weight.fill_(1.0)
    net.readout.weight.copy_(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
    image, label = torch.full((1, 1, 1, 1), 18.5), torch.tensor([1])
    found = certified_radius(bounded_network(net, (1, 1, 1)), image, label, max_eps=50.0)
    assert float(found) < 1.0
    assert not net(image + float(found)).isnan().any()


def test_maxima_lie_between_their_lines():
    generator = torch.Generator().manual_seed(0)
    pool = Maximum((2, 3))
    low = torch.randn(4, 2, 5, 7, generator=generator, dtype=torch.float64)
    width = torch.rand(low.shape, generator=generator, dtype=torch.float64)
    width[0], low[1], width[2] = 0, 0, 1e-13 * width[2]  # constants, ties, narrow units
    over = Interval(low, low + width)
    slopes = torch.randn(4, 6, 2, 2, 2, generator=generator, dtype=torch.float64)
    form = LinearForm(slopes, torch.zeros(4, 6).double())
    below = pool.backward(form, over, None)
    for _ in range(200):
        share = torch.rand(low.shape, generator=generator, dtype=torch.float64)
        a = low + share.round(decimals=0) * width if _ % 2 else low + share * width
        assert (below.value(a) <= form.value(pool.forward(a)) + 1e-9).all()


def test_a_constant_network_keeps_its_labels_everywhere():
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    nn.init.zeros_(net[1].weight)
    net[1].bias.data = torch.tensor([1.0, 0.0])
    images, labels = torch.rand(2, *SMALL), torch.zeros(2, dtype=torch.int64)
    found = certified_radius(bounded_network(net, SMALL), images, labels, max_eps=9.0)
    assert found.tolist() == [9.0, 9.0]


def test_a_label_within_round_off_is_not_certified():
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    nn.init.ones_(net[1].weight)
    net[1].bias.data = torch.tensor([1e-7, 0.0])
    images, labels = torch.rand(2, *SMALL), torch.zeros(2, dtype=torch.int64)
    found = certified_radius(bounded_network(net, SMALL), images, labels, max_eps=9.0)
    assert found.tolist() == [0.0, 0.0]


def test_convolutions_of_every_form_carry_linear_forms_down():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 4, 9, 10, generator=generator)
    for how in (
        {},
        {"stride": 2},
        {"padding": 1, "stride": (2, 3)},
        {"dilation": 2, "groups": 2},
        {"kernel_size": (2, 3), "bias": False},
    ):
        layer = nn.Conv2d(4, 6, **{"kernel_size": 3, **how})
        stage = bounded_network(layer, images.shape[1:]).stages[0]
        above = stage.forward(images.double())
        slopes = torch.randn(2, 3, *above.shape[1:], generator=generator, dtype=torch.float64)
        form = LinearForm(slopes, torch.zeros(2, 3).double())
        below = stage.backward(form, images.shape[1:])
        torch.testing.assert_close(below.value(images.double()), form.value(above))
        assert (above - layer(images)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        (nn.LayerNorm(36), "LayerNorm"),
        (nn.Softplus(), "Softplus"),
        (nn.MaxPool2d(3, 2), "MaxPool2d"),
        (nn.Conv2d(1, 1, 3, padding="same"), "Conv2d"),
        (nn.BatchNorm1d(36, track_running_stats=False), "none"),
        (nn.Flatten(0), "Flatten"),
        (RectifiedPower(0.5), "0.5"),
    ],
)
def test_layers_without_bounds_are_refused_by_name(layer, found):
    with pytest.raises(
        ModelError, match=f"found {found}.*(nn.Sequential of such|cannot be certified)"
    ):
        bounded_network(nn.Sequential(layer), SMALL)


class Residual(nn.Sequential):
    """A chain that is not what it seems."""

    def forward(self, x):
        """Return the sum of the layers' result and their input."""
        return x + super().forward(x)


def test_what_is_no_chain_of_layers_is_refused():
    with pytest.raises(ModelError, match="found Residual"):
        bounded_network(nn.Sequential(nn.Flatten(), Residual(nn.Linear(36, 36))), SMALL)
    hooked = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    hooked[1].register_forward_hook(lambda layer, given, made: 3 * made)
    with pytest.raises(ModelError, match="without hooks"):
        bounded_network(hooked, SMALL)
    broken = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    broken[1].weight.data[0, 0] = torch.nan
    with pytest.raises(ModelError, match="finite weights"):
        bounded_network(broken, SMALL)


@pytest.mark.parametrize("name", [n for n in NETWORKS if isinstance(NETWORKS[n][0], str)])
def test_the_chain_of_a_network_is_the_network(name):
    net, images, _ = network(name)
    torch.testing.assert_close(nn.Sequential(*net.chain())(images), net(images))
