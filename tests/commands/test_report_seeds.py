"""What a report says of seeds and of several attacks: nothing measured is left out in silence."""

import shutil

import numpy as np
import pytest
import torch

from specrob.artifacts import Artifact
from specrob.quantities.networks import NetworkResults
from specrob.reports.numbers import reported_numbers
from specrob.reports.overview import overview, strongest_attack
from specrob.reports.tables import seeds_cell
from specrob.results import Distances, Robustness

NETWORKS = ["a-0", "a-1", "a-2"]


def numbers_of(results):
    """Return the numbers of results, each of the next network."""
    members = [NetworkResults(name, "a", n, ()) for n, name in enumerate(NETWORKS)]
    return [
        number
        for n, several in enumerate(results)
        for one in several
        for number in reported_numbers(Artifact.of(one), members[n], n)
    ]


def distances(found):
    found = np.array(found)
    facts = dict.fromkeys(("index", "label", "prediction", "prediction_adversarial"), np.arange(4))
    status = np.where(np.isinf(found), "censored", "fooled")
    same = {"distance": found, "distance_l2": found, "eps": np.full(4, 9.0)}
    return Distances(method="pgd", norm="l2", status=status, **same, **facts)


def attack(method, accuracy, norm="linf", eps=(0.1, 0.2)):
    facts = {"method": method, "norm": norm, "clean_accuracy": 1.0, "n_images": 10}
    curve = {"eps": eps, "relative_accuracy": accuracy, "robust_accuracy": accuracy}
    return Robustness(n_attacked=10, **facts, **curve)


FAR = [np.inf] * 3 + [1.0]


def test_a_seed_whose_median_was_not_reached_is_not_left_out_of_a_mean():
    numbers = numbers_of([[distances([0.0676] * 4)], [distances([0.0583] * 4)], [distances(FAR)]])
    (item,) = seeds_cell(numbers, "median distance pgd l2", NETWORKS)
    assert item.text == "not reached in 1 of 3 seeds"
    assert item.note == "others 0.0676, 0.0583"
    assert item.sources == (0, 1, 2)


@pytest.mark.parametrize(("last", "note"), [(FAR, "of the fooled only"), ([1.0] * 4, "")])
def test_a_note_that_all_seeds_share_stays_in_the_row_of_the_group(last, note):
    numbers = numbers_of([[distances(FAR)], [distances(FAR)], [distances(last)]])
    (item,) = seeds_cell(numbers, "mean distance pgd l2", NETWORKS)
    assert (item.text, item.note) == ("1 ± 0", note)


def test_seeds_with_several_accuracies_say_why_they_have_no_mean():
    many, few = attack("pgd", (0.5, 0.2)), distances([1.0] * 4)
    numbers = numbers_of([[many, few], [many, few], [many, few]])
    changed = [n for n in numbers if n.value.name != "clean_accuracy"]
    assert seeds_cell(changed, "clean accuracy", NETWORKS) == []
    clean = Robustness(**{**vars(many), "clean_accuracy": 0.9})
    numbers = numbers_of([[clean, few]] * 3)
    (item,) = seeds_cell(numbers, "clean accuracy", NETWORKS)
    assert (item.text, item.note) == (
        "no mean",
        "several numbers of one seed, over 4 and 10 images",
    )


@pytest.mark.parametrize(
    ("attacks", "strongest"),
    [
        ([attack("fgsm", (0.5, 0.2)), attack("pgd", (0.4, 0.2))], "pgd linf"),
        ([attack("fgsm", (0.5, 0.1)), attack("pgd", (0.5, 0.2))], "fgsm linf"),
        ([attack("fgsm", (0.5, 0.2)), attack("pgd", (0.5, 0.2))], "pgd linf"),
        # 0.1 alone is shared
        ([attack("fgsm", (0.5, 0.0), eps=(0.1, 9.0)), attack("pgd", (0.4, 0.3))], "pgd linf"),
        ([attack("random", (0.0, 0.0), norm="l2"), attack("pgd", (0.9, 0.9))], "pgd linf"),
    ],
)
def test_of_several_attacks_the_strongest_is_shown_first(attacks, strongest):
    numbers = [n for n in numbers_of([attacks]) if n.value.name == "robust_accuracy"]
    assert strongest_attack(numbers) == strongest


def test_an_attack_without_numbers_is_named():
    numbers = [n for n in numbers_of([[distances([np.nan] * 4)]]) if n.value.name == "distance"]
    assert numbers[0].value.value is None
    assert strongest_attack(numbers) == "pgd l2"


def test_attacks_beside_the_one_shown_are_named_below_the_first_table():
    both = [attack("fgsm", (0.5, 0.2)), attack("pgd", (0.4, 0.1))]
    table = overview(numbers_of([both] * 3))
    assert "robust accuracy pgd linf at 0.2" in table.header
    assert table.note == "In the tables below: attack fgsm linf."


def test_tables_and_figures_of_answers_are_named_by_their_files(run, tmp_path):
    for seed in range(3):
        for name, hidden in (("a", 4), ("b", 6)):
            how = ("--arch", "shlp", "--hidden", hidden, "--epochs", 1, "--limit", 60)
            file = tmp_path / f"{name}-{seed}.safetensors"
            run("train-sup", *how, "--seed", seed, "-o", file)
    files = [tmp_path / f"{name}-{{seed}}.safetensors" for name in "ab"]
    run("compare", *files, "-o", tmp_path / "first.json")
    one = run("report", tmp_path).stdout
    assert "Answers of first.json" in one
    assert "Statements of" not in one
    shutil.copy(tmp_path / "first.json", tmp_path / "second.json")
    two = run("report", tmp_path).stdout
    assert "Statements of first.json" in two
    assert "Statements of second.json" in two
    # only what these files hold
    assert "but in `specrob table`: train_loss" in one
    assert "rankme" not in one


def test_files_that_are_no_results_have_one_line_in_all(run, models, tmp_path):
    shutil.copy(models["shlp"], tmp_path / "net.safetensors")
    for n in range(6):
        torch.save({"weight": torch.zeros(2)}, tmp_path / f"net-{n}.pt")
    for words in (("report", tmp_path), ("table", tmp_path)):
        lines = [x for x in run(*words).stderr.splitlines() if "left out" in x]
        assert lines == [f"specrob {words[0]}: left out, not results: 6 files, .pt"]
    (tmp_path / "broken.npz").write_bytes(models["shlp"].read_bytes()[:-9])
    assert "left out broken.npz: " in run("table", tmp_path).stderr


def test_published_numbers_that_are_not_there_are_a_missing_file(run, tmp_path):
    refused = run("report", tmp_path, "--compare", tmp_path / "nope", code=1).stderr
    assert "expected a readable file, found no such file or directory" in refused
    assert "networks" not in refused
