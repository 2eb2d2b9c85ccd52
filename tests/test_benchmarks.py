"""The benchmark suite: it refuses what is wrong, and what it says of a run is so."""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from benchmarks import __main__ as command
from benchmarks import check, measure, picture, readme, report, row, worker
from benchmarks.compare import compare
from benchmarks.peers import PEERS, Ours, choose
from benchmarks.processes import Processes
from benchmarks.row import BOTH, FORWARD, Draw, Row, Work
from benchmarks.training import Training

ROOT = Path(__file__).resolve().parents[1]
KERNELS = row.rows_of(["kernels", "models"])
TINY = row.first_cases(KERNELS)


class Machine:
    """Rates that are not measured."""

    threads = 1
    fma_rate = 1e9

    def measure_peak(self, seconds: float = 0.0) -> float:
        return self.fma_rate

    def copy_seconds(self, moved: float) -> float:
        return moved / 1e9


SETTINGS = {"smoke": True, "seconds": 0.0, "threads": 1}


def measured(work: object, passing: str = FORWARD, peers: tuple = ()) -> dict:
    made = Row("kernels", "family", "row", passing, lambda tiny: work, "row", "copy")
    return worker.measure_row(made, [Ours(), *peers], Machine(), SETTINGS)


def product(run=lambda lib, x, y: lib.matmul(x, y), twin=lambda np, x, y: np.matmul(x, y), **options) -> Work:
    draw = Draw("product")
    return Work({"x": draw(4, 6), "y": draw(6, 3)}, run=run, twin=twin, **options)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without PyTorch."""
    monkeypatch.setattr(PEERS["torch"], "installed", classmethod(lambda cls: False))


# --- Right before fast -----------------------------------------------------------------------------------------------


def test_a_right_row_is_timed():
    record = measured(product(), BOTH)
    assert record["outcome"] == "ok"
    entry = record["entries"]["ours"]
    assert 0 < entry["cpu_best"] <= entry["cpu_median"]
    assert 0 < entry["wall_best"] <= entry["wall_median"]
    assert entry["error"] < 1e-6


def test_a_wrong_value_is_refused():
    record = measured(product(run=lambda lib, x, y: lib.matmul(x, y) * 1.001))
    assert record["outcome"] == "wrong"
    assert "value: off by 1" in record["why"]
    assert "entries" not in record


def _half_gradient(lib, x, y):
    return lib.matmul(x * 0.5 + x.detach() * 0.5, y)


@pytest.mark.parametrize("oracle", ["PyTorch", "differences"])
def test_a_wrong_gradient_is_refused(oracle, request):
    if oracle == "PyTorch":
        pytest.importorskip("torch")
        # In the reference the value is right and so is the gradient; ours gets half of it.
        work = product(run=lambda lib, x, y: _half_gradient(lib, x, y) if hasattr(lib.Tensor, "node") else x @ y)
    else:
        request.getfixturevalue("no_torch")
        work = product(run=_half_gradient)
    record = measured(work, BOTH)
    assert record["outcome"] == "wrong"
    assert "gradient by x" in record["why"]


def test_a_wrong_gradient_of_a_model_is_refused(no_torch):
    def build(lib, dropout):
        return lib.nn.Linear(5, 3)

    def loss(lib, network, x, y):
        scores = network(x)
        return lib.F.cross_entropy(scores if scores.dtype == np.float64 else scores * 0.5 + scores.detach() * 0.5, y)

    draw = Draw("model")
    batch = {"x": draw(4, 5), "y": draw.integers(3, 4)}
    assert measured(Training(build, lambda lib, n, x, y: lib.F.cross_entropy(n(x), y), batch))["outcome"] == "ok"
    record = measured(Training(build, loss, batch, tolerance=1e-2))
    assert record["outcome"] == "wrong"


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda lib, x, y: lib.matmul(x, y).double(), "not float32"),
        (lambda lib, x, y: lib.matmul(x, y) / 0.0, "not finite"),
        (lambda lib, x, y: lib.matmul(x, y)[1:], "shape"),
    ],
)
def test_other_wrong_results_are_refused(run, words):
    record = measured(product(run=run))
    assert record["outcome"] == "wrong"
    assert words in record["why"]


def test_a_row_without_a_reference_is_refused(no_torch):
    with pytest.raises(check.Wrong, match="nothing to compare"):
        check.reference(product(twin=None), False)


def test_inputs_that_are_all_the_same_are_refused():
    with pytest.raises(ValueError, match="the same number everywhere"):
        Work({"x": np.zeros((4, 4), np.float32)}, run=lambda lib, x: x)


def test_a_missing_feature_is_named():
    record = measured(product(run=lambda lib, x, y: lib.F.no_such_function(x, y)))
    assert record["outcome"] == "missing"
    assert record["why"] == "there is no nn.functional.no_such_function"


def test_a_peer_that_is_wrong_is_named_and_not_timed():
    class Off(PEERS["numpy"]):
        name = "off"

        def candidate(self, work, backward):
            return measure.Candidate(lambda: None, lambda: {"value": np.zeros((4, 3), np.float32)})

    record = measured(product(), peers=(Off(), PEERS["numpy"]()))
    assert record["outcome"] == "ok"
    assert record["entries"]["off"]["why"].startswith("wrong")
    assert set(report.ratios(record | {"threads": 1})) == {"numpy"}


# --- The declared rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", TINY, ids=lambda one: one.key)
def test_tiny_rows_are_right_without_pytorch(one, no_torch):
    """Values against the twin, gradients against its differences, or those of the loss in float64."""
    work = one.make(True)
    backward = one.passing == BOTH
    results = Ours().candidate(work, backward).results()
    assert check.check(work, backward, results, check.reference(work, backward)) <= work.tolerance


@pytest.mark.slow
@pytest.mark.parametrize("one", row.first_cases(row.rows_of(["ops"])), ids=lambda one: one.key)
def test_tiny_operations_are_right(one, request):
    work = one.make(True)
    if work.twin is None and work.reference is None:
        pytest.importorskip("torch")
    else:
        request.getfixturevalue("no_torch")
    backward = one.passing == BOTH
    results = Ours().candidate(work, backward).results()
    assert check.check(work, backward, results, check.reference(work, backward)) <= work.tolerance


def test_differences_do_not_fall_over_a_kink(no_torch):
    """Of a million elements some lie next to a step: only a few are moved."""
    draw = Draw("kink")
    work = Work({"x": draw(1000, 1000)}, run=lambda lib, x: x - lib.floor(x), twin=lambda np, x: x - np.floor(x))
    assert measured(work, BOTH)["outcome"] == "ok"


def test_distinct_elements():
    x = Draw("distinct").distinct(1000, 1000)
    assert x.dtype == np.float32
    assert np.unique(x).size == x.size
    assert np.count_nonzero(x) == x.size


def test_all_rows_have_keys_of_their_own():
    keys = [one.key for one in row.rows_of(row.GROUPS)]
    assert len(keys) == len(set(keys))
    assert len([key for key in keys if key.startswith("ops/")]) > 2 * 2 * 60


def test_process_rows_are_declared():
    rows = row.rows_of(["startup", "memory"])
    assert len(rows) >= 8
    assert all(isinstance(one.make(True), Processes) for one in rows)


def test_filter_takes_words():
    assert {one.title for one in row.rows_of(["kernels"], "softmax")} == {"softmax"}
    assert {one.title for one in row.rows_of(["kernels", "models"], "softmax, GPT")} == {"softmax", "gpt"}
    assert row.rows_of(["kernels"], "no such row") == []


def test_a_users_own_operation_has_a_row(tmp_path):
    (tmp_path / "own_rows.py").write_text(
        "import autograd as ag\n"
        "from benchmarks.groups.ops import declare_elementwise\n"
        "@ag.primitive(elementwise=True, reference=lambda x: 3.0 * x)\n"
        "def benchmark_triple(x):\n"
        "    '''Three times x.  x: (*) -> (*)'''\n"
        "    return x * 3\n"
        "benchmark_triple.gradient(x=lambda g: g * 3)\n"
        "declare_elementwise(benchmark_triple.op)\n"
    )
    out = tmp_path / "run.json"
    done = run("ops", "--also", "own_rows", "--filter", "triple", "--threads", "1", "--smoke", "--json", str(out),
               "--peers", "", path=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [record["key"] for record in json.loads(out.read_text())["rows"]] == [
        "ops/benchmark_triple 16x16/forward",
        "ops/benchmark_triple 16x16/forward+backward",
    ]


# --- Measuring -------------------------------------------------------------------------------------------------------


def test_candidates_take_turns():
    calls = []
    made = {name: measure.Candidate(lambda name=name: calls.append(name), dict) for name in "ab"}
    found = measure.interleave(made, 0.05, threads=1)
    assert found["a"].samples >= measure.FEWEST_TURNS
    assert found["a"].wall_best <= found["a"].wall_median
    changes = sum(first != second for first, second in itertools.pairwise(calls))
    assert changes >= 2 * measure.FEWEST_TURNS - 1


def test_peak_memory_sees_an_array():
    size = 32 << 20
    found = measure.peak_memory(lambda: np.ones(size // 8).sum())
    if found is None:  # not on Linux
        assert sys.platform != "linux"
    else:
        assert 0.9 * size < found < 1.5 * size


def test_rates_of_the_machine():
    from benchmarks.machine import Machine as Real

    machine = Real(1)
    assert machine.measure_peak(0.01) > 1e9  # a billion a second, on anything
    assert 0 < machine.copy_seconds(1 << 20, 0.01) < 1


# --- What is said of a run -------------------------------------------------------------------------------------------


def record(key: str, ours: float, torch: float | None = None, threads: int = 1, **more) -> dict:
    entries = {"ours": {"cpu_best": ours, "cpu_median": ours, "wall_best": ours, "wall_median": ours, "samples": 9}}
    if torch is not None:
        entries["torch"] = dict.fromkeys(entries["ours"], torch)
    group, name, passing = key.split("/")
    found = {"key": key, "group": group, "family": "family", "name": name, "pass": passing, "threads": threads}
    return found | {"outcome": "ok", "entries": entries} | more


def whole(*rows: dict, cpu: str = "A") -> dict:
    machine = {"cpu": cpu, "cores": 2, "versions": {"numpy": "2"}, "python": "3", "system": ""}
    return {"machine": machine, "peaks": [{"threads": 1, "fma": 1e9, "copy": 1e9}], "rows": list(rows), "smoke": False}


OLD = whole(record("kernels/a/forward", 1.0, 2.0), record("kernels/b/forward", 1.0))


def changed(**factors: float) -> dict:
    new = copy.deepcopy(OLD)
    for one in new["rows"]:
        for library, factor in factors.items():
            if library in one["entries"]:
                one["entries"][library] = {k: v * factor for k, v in one["entries"][library].items()}
    return new


def test_compare_sees_what_is_slower():
    worse, better = compare(OLD, changed(ours=1.3))
    assert len(worse) == 2
    assert not better
    assert "kernels/a/forward on 1: 1.30 times its own value, 1.30 times that relative to torch" in worse


def test_compare_allows_a_tolerance_and_a_busy_machine():
    assert compare(OLD, changed(ours=1.1)) == ([], [])
    assert len(compare(OLD, changed(ours=1.1), tolerance=0.05)[0]) == 2
    busy, _ = compare(OLD, changed(ours=1.5, torch=1.5))
    assert [line.split()[0] for line in busy] == ["kernels/b/forward"]  # without a peer there is nothing to go by
    assert len(compare(OLD, changed(ours=0.5))[1]) == 2


def test_compare_goes_by_the_peer_on_another_machine():
    new = changed(ours=3.0, torch=3.0)
    new["machine"]["cpu"] = "B"
    assert [line.split()[0] for line in compare(OLD, new)[0]] == ["kernels/b/forward"]


def test_compare_sees_a_row_that_is_wrong_now():
    new = copy.deepcopy(OLD)
    new["rows"][0] = {"key": "kernels/a/forward", "threads": 1, "outcome": "wrong", "why": "value"}
    assert compare(OLD, new)[0] == ["kernels/a/forward on 1: wrong: value"]


@pytest.mark.parametrize(("factor", "code"), [(1.0, 0), (1.5, 1)])
def test_compare_ends_with_an_error(tmp_path, capsys, factor, code):
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    (tmp_path / "new.json").write_text(json.dumps(changed(ours=factor)))
    arguments = ["--from", str(tmp_path / "new.json"), "--compare", str(tmp_path / "old.json"), "--peers", ""]
    assert command.main(arguments) == code
    assert ("kernels/a/forward" in capsys.readouterr().out) == bool(code)


def test_rows_of_a_saved_run_are_chosen(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(OLD))
    arguments = ["kernels", "--from", str(tmp_path / "run.json"), "--json", str(tmp_path / "b.json"), "--filter", "b/"]
    assert command.main(arguments) == 0
    assert [one["key"] for one in json.loads((tmp_path / "b.json").read_text())["rows"]] == ["kernels/b/forward"]


def test_geometric_mean_and_least_ratio_of_a_family():
    rows = [record("kernels/a/forward", 1.0, 2.0), record("kernels/b/forward", 1.0, 8.0)]
    rows += [record("kernels/b/forward+backward", 1.0, 0.5), record("kernels/c/forward+backward", 1.0, 0.5)]
    found = {title: entry for title, *entry in report.families(rows, "torch")}
    assert found["family, forward"] == [2, pytest.approx(4.0), 2.0, "a, forward"]
    assert found["family"] == [4, pytest.approx(2.0**0.5), 0.5, "b, forward+backward"]


def test_a_row_that_loses_is_shown(tmp_path):
    rows = [record("kernels/a/forward", 2.0, 1.0), record("kernels/b/forward", 1.0, 3.0)]
    rows.append({"key": "kernels/c/forward", "threads": 1, "outcome": "missing", "why": "there is no c"})
    text = readme.markdown(whole(*rows), ["torch"])
    assert "| a, forward | 2 s | 0.50 |" in text
    assert "| b, forward | 1 s | 3.00 |" in text
    assert "missing" in text
    assert "MISSING: there is no c" in "\n".join(report.summary(rows, ["torch"]))


def test_readme_is_written_between_the_marks(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    readme.write(OLD, ["torch"], page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| a, forward | 1 s | 2.00 |" in text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="needs the lines"):
        readme.write(OLD, ["torch"], page)


def test_the_readme_has_the_marks():
    text = (ROOT / "README.md").read_text("utf8")
    assert text.count(readme.BEGIN) == text.count(readme.END) == 1


def test_picture(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "ratios.png"
    picture.draw(OLD, ["torch"], path)
    assert path.read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(ValueError, match="no row"):
        picture.draw(whole(record("kernels/a/forward", 1.0)), ["torch"], path)


# --- The command -----------------------------------------------------------------------------------------------------


def run(*arguments: str, path: Path = ROOT) -> SimpleNamespace:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(path)])}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


def test_a_run_goes_through_json(tmp_path):
    out, again = tmp_path / "run.json", tmp_path / "again.json"
    done = run(
        "kernels", "--filter", "/tanh (", "--threads", "1", "--seconds", "0.01", "--peers", "numpy", "--json", str(out)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text())
    keys = ["kernels/tanh (1024,1024)/forward", "kernels/tanh (1024,1024)/forward+backward"]
    assert [one["key"] for one in found["rows"]] == keys
    assert all(one["outcome"] == "ok" for one in found["rows"])
    assert set(found["rows"][0]["entries"]) == {"ours", "numpy"}
    assert found["peaks"][0]["fma"] > 1e9
    assert found["rows"][0]["fraction"] > 0
    arguments = ["--from", str(out), "--json", str(again), "--compare", str(out), "--peers", "numpy"]
    assert command.main(arguments) == 0
    assert json.loads(again.read_text()) == found


def test_a_process_that_ends_costs_one_row(tmp_path):
    (tmp_path / "deadly_rows.py").write_text(
        "import os\n"
        "from benchmarks.row import FORWARD, Work, row\n"
        "def make(deadly):\n"
        "    def build(draw):\n"
        "        run = (lambda lib, x: os._exit(3)) if deadly else (lambda lib, x: x * 2)\n"
        "        return Work({'x': draw(4)}, run=run, twin=lambda np, x: 2 * x)\n"
        "    return build\n"
        "for i, deadly in enumerate((False, True, False)):\n"
        "    row('kernels', 'deadly', {'': ()}, tiny=(), passes=(FORWARD,), name=f'deadly {i}')(make(deadly))\n"
    )
    out = tmp_path / "run.json"
    done = run("kernels", "--also", "deadly_rows", "--filter", "deadly", "--threads", "1", "--smoke", "--peers", "",
               "--json", str(out), path=tmp_path)  # fmt: skip
    assert done.returncode == 1
    assert [one["outcome"] for one in json.loads(out.read_text())["rows"]] == ["ok", "failed", "ok"]


@pytest.mark.parametrize(
    ("arguments", "words"), [(["nothing"], "no such group: nothing"), (["--peers", "abacus"], "no such peer: abacus")]
)
def test_wrong_use_is_named(arguments, words, capsys):
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert words in capsys.readouterr().err


def test_peers_that_are_not_installed_are_named(no_torch):
    assert choose("numpy,torch") == (["numpy"], ["torch"])


def test_threads_of_the_suite_are_those_asked_for():
    before = ag.get_num_threads()
    Ours().set_threads(1)
    try:
        assert ag.get_num_threads() == 1
    finally:
        ag.set_num_threads(before)
