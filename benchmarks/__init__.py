"""How fast, how large, how soon: the benchmark suite, which users run too.

    python -m benchmarks                                  everything, on one thread and on all
    python -m benchmarks kernels --filter conv,softmax    rows whose name contains one of these words
    python -m benchmarks kernels --threads 1 --seconds 3  CPU time on one thread, three seconds a row
    python -m benchmarks --peers torch,jax,numpy          against these, where they are installed
    python -m benchmarks --json new.json --compare old.json   what has become slower? Fails if anything has
    python -m benchmarks kernels models --picture ratios.png  a dot for each row
    python -m benchmarks --from new.json --readme README.md   the tables of a run that was saved
    python -m benchmarks --smoke                          tiny and short: does everything run?

Groups: `ops` (single operations on small and large arrays), `kernels` (what networks spend their time in), `models`
(whole training steps), `startup` (an import, the first step), `memory` (peaks, growth, the same bits on any threads).

A row makes random inputs, compares our result (values and gradients) with a reference in float64, and refuses to time
what is wrong. Then the candidates take turns in one process, and the table shows

- our time: the least of many; CPU time with one thread (another process on the machine can not be mistaken for
  slowness then), wall time with more;
- each peer's time divided by ours: above 1 we are faster;
- the share of what the machine can do at best: of its measured rate of multiply-adds (counted as the textbook does, so
  that an algorithm with fewer may pass 1), or of a plain copy of as many bytes as the row at least has to move;
- the memory that a call needs at its peak, ours / the first peer's (Linux).

What is wrong, missing or failed stands in the table too, and the exit code is 1.

`row.py` says how a row is declared; the rows stand in `groups/`, a file a group, and `--also my_rows` imports a module
of yours that declares more. `peers.py` holds the libraries, `check.py` what is right, `measure.py` how time is taken,
`machine.py` the machine's own rates, `worker.py` the process for each number of threads, `processes.py` rows that are
processes themselves, `report.py`, `readme.py`, `picture.py` and `compare.py` what is said of a run.
"""
