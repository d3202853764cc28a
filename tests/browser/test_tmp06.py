import pytest
from pathlib import Path
pytestmark = pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["06_message_structure","01_communication_direction"])
def test_look(open_notebook, name):
    shown = open_notebook(Path(f"notebooks/{name}.ipynb").resolve(), height=1400)
    shown.page.on("console", lambda m: print("CONSOLE", turn, m.type, m.text[:600], [a.evaluate("x => String(x && x.stack || x)") if True else None for a in m.args] if m.type=="error" else "") if m.type in("error","warning") else None)
    for turn in ("first","again","restarted"):
        if turn=="restarted": shown.restart_kernel()
        shown.run_all(timeout_s=280)
        print("TURN", turn, shown.console_errors, shown.errors())
