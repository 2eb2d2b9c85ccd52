"""How fast, how large, how soon: the benchmark suite, which users run too.

    python -m benchmarks                                  everything, on one thread and on all
    python -m benchmarks kernels --filter conv,softmax    rows whose name contains one of these words
    python -m benchmarks kernels --threads 1 --seconds 3  CPU time on one thread, three seconds a row
    python -m benchmarks --peers torch,jax,numpy          against these, where they are installed
    python -m benchmarks --smoke                          tiny and short: does everything run?

A row makes random inputs, compares our result (values and gradients) with a reference in float64, and refuses to time
what is wrong. Then the candidates take turns in one process, and the table shows

- our time: the least of many; CPU time with one thread (another process on the machine can not be mistaken for
  slowness then), wall time with more;
- each peer's time divided by ours: above 1 we are faster;
- the share of what the machine can do at best: of its measured rate of multiply-adds, or of the time of a plain copy
  that moves as many bytes as the row at least has to;
- the memory that a call needs at its peak, ours / the first peer's (Linux).

`row.py` says how a row is declared; the rows stand in `groups/`, a file a group. `peers.py` holds the libraries,
`check.py` what is right, `measure.py` how time is taken, `machine.py` the machine's own rates, `worker.py` the process
for each number of threads, `report.py` the table.
"""
