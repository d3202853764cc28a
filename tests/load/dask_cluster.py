"""A real Dask cluster on loopback: scheduler and workers in processes of their own, for a client in the test's."""

import os
import subprocess
import sys
from contextlib import contextmanager

PROGRAM = """
import sys
from distributed import LocalCluster

settings = {"processes": True, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
with LocalCluster(n_workers=int(sys.argv[1]), **settings) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def local_cluster(workers):
    """Give a scheduler's address and process; it has so many workers."""
    import dask

    # Otherwise the import quiets tornado's loggers, and other tests listen to them.
    dask.config.set({"logging": {"version": 1, "disable_existing_loggers": False}})
    import distributed  # noqa: F401

    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # the nannies tell of each worker that a test kills
        text=True,
    )
    try:
        yield process.stdout.readline().strip(), process
    finally:
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait(30)


@contextmanager
def connected(address):
    """Give a client whose threads are all there already."""
    from distributed import Client

    with Client(address, timeout=30) as client:
        client.submit(os.getpid).result(timeout=30)
        yield client
