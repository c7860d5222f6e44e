import numpy as np

from specrob import artifacts


def synapses(artifact):
    return artifact.arrays["hidden.synapses"]


def test_units_above_the_threshold_become_zero_or_go(run, models):
    before = synapses(artifacts.read(str(models["kh"])))
    variances = before.var(1)
    cut = np.median(variances)
    result = run("prune", models["kh"], "--threshold", cut)
    after = artifacts.decode(result.stdout_bytes)
    noisy = variances > cut
    assert f"pruned {noisy.sum()} (of 40 units)" in result.stderr
    assert not synapses(after)[noisy].any()
    assert np.array_equal(synapses(after)[~noisy], before[~noisy])
    dropped = artifacts.decode(
        run("prune", models["kh"], "--threshold", cut, "--drop").stdout_bytes
    )
    assert np.array_equal(synapses(dropped), before[~noisy])
    assert dropped.fields["options"]["hidden"] == (~noisy).sum()


def test_pruned_units_do_not_count_in_the_spectrum(run, models, tmp_path):
    cut = np.median(synapses(artifacts.read(str(models["kh"]))).var(1))
    made = []
    for extra in ([], ["--drop"]):
        pruned = run("prune", models["kh"], "--threshold", cut, *extra).stdout_bytes
        made.append(artifacts.decode(run("spectrum", input=pruned).stdout_bytes))
    np.testing.assert_allclose(*(m.arrays["eigenvalues"] for m in made), rtol=1e-9)
    assert [int(m.arrays["dropped"][0]) for m in made] == [20, 0]


def test_the_automatic_threshold_is_recorded(run, models):
    made = artifacts.decode(run("prune", models["kh"]).stdout_bytes)
    pruning = made.fields["pruning"]
    assert pruning["automatic"]
    variances = synapses(artifacts.read(str(models["kh"]))).astype(np.float64).var(1)
    np.testing.assert_allclose(pruning["variances"], variances, rtol=1e-6)
    cut = np.inf if pruning["threshold"] is None else pruning["threshold"]
    assert pruning["pruned"] == (variances > cut).sum()
