"""A swarm of lean clients in processes of their own, against any event stream or WebSocket.

::

    LoadPlan ─► Share, one a worker ─► LeanClient, many a worker ─► ShareReport ─► LoadReport
                     engine.py              counters.py                merge.py
"""
