import pytest
CELL='''
import threading, pathlib
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse","websocket"], "The same messages over both transports", "seconds since the start", "latency (ms)", panels=%s)
display(chart)
import math
def feed():
    for i in range(60):
        chart.add("sse", i*.1, 2+math.sin(i/5)); chart.add("websocket", i*.1, 2.2+math.cos(i/5))
        threading.Event().wait(.02)
t = threading.Thread(target=feed); t.start()
while not pathlib.Path("go").exists(): threading.Event().wait(0.05)
t.join(); chart.finish()
'''
@pytest.mark.browser
def test_a(open_notebook):
    nb = open_notebook([CELL % False, CELL % True,
"""from rtlab.widgets.predict import Predict
guess=Predict("How long does a message take from the server to this page, both on this machine?", unit="ms", low=0, high=100, key="a"); guess""",
"""g2=Predict("Which side may send first once a WebSocket is open?", choices=["only the client","only the server","either side, at any time"], key="b"); g2""",
"print(guess);print(g2)"])
    nb.start_all()
    try:
        nb.page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data?.[1].x.length === 60", timeout=20000)
    finally:
        nb.screenshot("x"); print(nb.console_errors, nb.outputs(0)); (nb.path.parent/"go").touch()
    print(nb.kernel_status())
    nb.wait_idle()
    nb.page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot')[1]?.data?.[1].x.length === 60", timeout=20000)
    print(nb.errors(), nb.hosts(), nb.console_errors); print(nb.text(4)); print(nb.text(0))
    nb.screenshot("light")
    nb.page.locator(".rtlab-card").last.scroll_into_view_if_needed()
    nb.screenshot("light2")
    nb.set_theme("JupyterLab Dark")
    nb.screenshot("dark2")
    nb.page.locator(".rtlab-live").first.scroll_into_view_if_needed()
    nb.screenshot("dark")
    nb.reload()
    nb.page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data?.[1].x.length === 60", timeout=20000)
    print(nb.console_errors)
