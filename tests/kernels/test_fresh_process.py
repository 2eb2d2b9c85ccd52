"""The kernel machinery in fresh processes: the cache, and every way in which processes and threads can meet it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograd.kernels import cache

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow  # a process or several for each


def run(program: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter, warnings as errors; None removes a variable."""
    merged: dict[str, str | None] = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        env={name: value for name, value in merged.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=120,
    )


def check(program: str, **environment: str | None) -> str:
    done = run(program, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


# Uses of cached kernels, with a result that shows whether it was right: several kernels on all threads, and one alone.
PRODUCT = """
    import numpy as np
    from autograd import kernels
    def product(n=200):
        a = np.arange(n * n, dtype=np.float32).reshape(n, n) % 7
        got = kernels.gemm.packed_matmul(a, a)
        assert (got == (a.astype(int) @ a.astype(int))).all()
        return got
    product()
    """
SMALL = """
    import numpy as np
    from autograd import kernels
    b = np.arange(6, dtype=np.float32).reshape(2, 3)
    packed = np.full((2, 2 * kernels.jit.VECTOR_BYTES // 4), np.nan, np.float32)
    kernels.gemm.pack_block(b, packed, np.zeros(1, np.int64), 2, 3, 3, 1, 1, 1, 1, blocks=1)
    assert (packed[:, :3] == b).all() and not packed[:, 3:].any()
    """


def test_naming_the_package_imports_nothing():
    check("""
        import sys
        from autograd import kernels
        assert "numba" not in sys.modules
        kernels.gemm
        assert "numba" in sys.modules
        try:
            kernels.nothing
        except AttributeError as error:
            assert "nothing" in str(error)
        else:
            raise SystemExit(1)
        """)


def test_users_own_numba_cache_is_left_alone():
    check(SMALL + "\n    import numba\n    assert numba.config.CACHE_DIR == ''", NUMBA_CACHE_DIR=None)


# --- The cache -------------------------------------------------------------------------------------------------------
def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("kernels-*/*.bin"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache folder after one run."""
    folder = tmp_path_factory.mktemp("cache")
    check(PRODUCT, DEFINERUN_CACHE_DIR=str(folder))
    return folder


def test_the_cache_is_private_and_is_used(filled):
    assert len(files_of(filled)) >= 2
    (inner,) = filled.glob("kernels-*")
    assert stat.S_IMODE(inner.stat().st_mode) == 0o700
    before = {file: file.stat().st_mtime_ns for file in files_of(filled)}
    check(
        PRODUCT.replace("product()", "pass", 1).replace("    product()", "")
        + """
    def no_compilation(*args, **options):
        raise SystemExit("compiled in spite of the cache")
    kernels.jit.compile_extra = kernels.jit.CFunc = no_compilation
    product()
    """,
        DEFINERUN_CACHE_DIR=str(filled),
    )
    assert before == {file: file.stat().st_mtime_ns for file in files_of(filled)}


DAMAGES = {
    "empty": lambda content: b"",
    "truncated in the head": lambda content: content[:10],
    "truncated in the middle": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-1],
    "garbage": lambda content: b"\x93garbage" * 100,
    "garbage after the head": lambda content: content[:60] + os.urandom(2000),
    "one bit of the head": lambda content: bytes([content[0] ^ 1]) + content[1:],
    "one bit of the checksum": lambda content: content[:30] + bytes([content[30] ^ 4]) + content[31:],
    "one bit of the code": lambda content: content[:-100] + bytes([content[-100] ^ 16]) + content[-99:],
    "a byte too many": lambda content: content + b"x",
}


def test_a_damaged_file_counts_as_absent(filled):
    folder = next(iter(filled.glob("kernels-*")))
    name = files_of(filled)[0].stem
    store = cache.Cache()
    store._folder, store._searched = folder, True
    assert store.load(name) is not None
    path = folder / f"{name}.bin"
    intact = path.read_bytes()
    try:
        for damage in DAMAGES.values():
            path.write_bytes(damage(intact))
            assert store.load(name) is None
        path.unlink()
        path.mkdir()
        assert store.load(name) is None
        path.rmdir()
    finally:
        path.write_bytes(intact)


def test_damaged_files_are_compiled_anew_and_replaced(filled):
    intact = {file: file.read_bytes() for file in files_of(filled)}
    for (file, content), damage in zip(intact.items(), list(DAMAGES.values())[2::2], strict=False):
        file.write_bytes(damage(content))
    check(PRODUCT, DEFINERUN_CACHE_DIR=str(filled))
    for file, content in intact.items():
        assert len(file.read_bytes()) > len(content) // 2


def test_a_valid_file_that_cannot_be_loaded_is_compiled_anew(filled):
    """The checksum holds, but the content is of no use (as after a change of Numba that kept its version)."""
    (folder,) = filled.glob("kernels-*")
    store = cache.Cache()
    store._folder, store._searched = folder, True
    for file in files_of(filled):
        store.save(file.stem, ("nothing", "of", "use"))
    check(PRODUCT, DEFINERUN_CACHE_DIR=str(filled))


def test_without_a_folder_kernels_stay_in_memory(tmp_path, monkeypatch):
    check(SMALL + "\n    assert kernels.jit.cache_folder() is None", DEFINERUN_CACHE_DIR="/proc/no/such/folder")
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DEFINERUN_CACHE_DIR", str(tmp_path / "file"))
    assert cache.Cache().folder is None


def test_where_the_cache_is(tmp_path, monkeypatch):
    monkeypatch.delenv("DEFINERUN_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.Cache().folder.parent == tmp_path / "xdg" / "definerun"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.Cache().folder.parent == tmp_path / ".cache" / "definerun"


def test_without_a_home_the_cache_is_among_temporary_files(tmp_path):
    program = SMALL + "\n    print(kernels.jit.cache_folder())"
    where = check(program, HOME="/proc/none", XDG_CACHE_HOME=None, DEFINERUN_CACHE_DIR=None, TMPDIR=str(tmp_path))
    assert where.startswith(str(tmp_path))
    (folder,) = tmp_path.glob("definerun-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_can_write_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("DEFINERUN_CACHE_DIR", str(tmp_path))
    folder = cache.Cache().folder
    assert folder is not None
    folder.chmod(0o777)
    assert cache.Cache().folder is None


def test_a_full_disk_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("DEFINERUN_CACHE_DIR", str(tmp_path))
    store = cache.Cache()
    store.save("first", (1, 2))
    assert store.load("first") == (1, 2)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    store.save("second", (3, 4))
    assert store.load("second") is None
    assert [file.name for file in store.folder.iterdir()] == ["first.bin"]


def test_old_versions_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("DEFINERUN_CACHE_DIR", str(tmp_path))
    for name, age in (("kernels-old", 40), ("kernels-recent", 3)):
        (tmp_path / name).mkdir()
        moment = (tmp_path / name).stat().st_mtime - age * 86400
        os.utime(tmp_path / name, (moment, moment))
    assert cache.Cache().folder is not None
    assert not (tmp_path / "kernels-old").exists()
    assert (tmp_path / "kernels-recent").exists()


def test_an_edit_in_any_source_changes_the_folder(tmp_path, monkeypatch):
    before = cache._fingerprint()
    copy = tmp_path / "kernels"
    copy.mkdir()
    for source in Path(cache.__file__).parent.glob("*.py"):
        (copy / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(cache, "__file__", str(copy / "cache.py"))
    assert cache._fingerprint() == before
    with open(copy / "jit.py", "a") as file:
        file.write("# edited\n")
    assert cache._fingerprint() != before


def test_a_read_only_installation(tmp_path):
    """Nothing is written beside the sources, whoever owns them."""
    import shutil

    installed = tmp_path / "site"
    shutil.copytree(ROOT / "autograd" / "kernels", installed / "autograd" / "kernels")
    shutil.rmtree(installed / "autograd" / "kernels" / "__pycache__", ignore_errors=True)
    before = sorted(installed.rglob("*"))
    check(SMALL, PYTHONPATH=str(installed), PYTHONDONTWRITEBYTECODE="1", DEFINERUN_CACHE_DIR="/proc/none")
    assert sorted(installed.rglob("*")) == before


@pytest.mark.slow
def test_eight_processes_start_at_once(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DEFINERUN_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(SMALL)]
    started = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert not errors
    (folder,) = tmp_path.glob("kernels-*")
    assert not list(folder.glob("*.part"))


# --- Threads ---------------------------------------------------------------------------------------------------------
TWO_THREADS = {"NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}


def test_python_threads_at_once_and_forks(filled):
    """Four Python threads in kernels at once, then children forked after the first parallel kernel."""
    check(
        PRODUCT
        + """
    import os, threading
    kernels.jit.set_num_threads(2)
    expected = product()
    wrong = []
    def work():
        for _ in range(100):
            if product().tobytes() != expected.tobytes():
                wrong.append(1)
    workers = [threading.Thread(target=work) for _ in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert not wrong
    for depth in range(2):  # a child, and a child's child
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            os._exit(0) if depth else None
            break
        assert product().tobytes() == expected.tobytes()
        assert len(kernels.team.TEAM._threads) == 1  # the child's own
    """,
        DEFINERUN_CACHE_DIR=str(filled),
        **TWO_THREADS,
    )


def test_a_fork_before_the_first_kernel(filled):
    check(
        PRODUCT.replace("    product()\n    ", "")
        + """
    import os
    child = os.fork()
    expected = product()
    if child:
        assert os.waitpid(child, 0)[1] == 0
    """,
        DEFINERUN_CACHE_DIR=str(filled),
        **TWO_THREADS,
    )


def test_every_block_runs_once_however_threads_come_and_sleep(filled):
    """Jobs with pauses between them, so that threads are awake, falling asleep, or asleep; more threads than cores."""
    check(
        """
    import random, time
    import numpy as np
    from autograd import kernels
    from autograd.kernels.jit import Ints, kernel
    from autograd.kernels.threads import set_num_threads

    @kernel
    def count_block(block: int, worker: int, counts: Ints, workers: Ints) -> None:
        counts[block] += 1
        workers[block] = worker

    counts, workers = np.zeros(300, np.int64), np.zeros(300, np.int64)
    draw = random.Random(0)
    expected = 0
    for _ in range(4000):
        blocks, members = draw.randint(2, 300), draw.randint(2, 6)
        counts[:] = 0
        count_block(counts, workers, blocks=blocks, workers=members)
        assert (counts[:blocks] == 1).all() and not counts[blocks:].any(), counts
        assert 0 <= workers.min() and workers[:blocks].max() < members
        if draw.random() < 0.05:
            time.sleep(draw.random() * 2e-3)
    """,
        DEFINERUN_CACHE_DIR=str(filled),
        NUMBA_NUM_THREADS="6",
        OMP_NUM_THREADS="6",
    )


def test_where_no_thread_can_be_started_kernels_run_serially(filled):
    program = """
    import threading, warnings
    def refuse(self):
        raise RuntimeError("can't start new thread")
    threading.Thread.start = refuse
    warnings.simplefilter("ignore", RuntimeWarning)
    """
    check(textwrap.dedent(program) + textwrap.dedent(PRODUCT), DEFINERUN_CACHE_DIR=str(filled), **TWO_THREADS)
