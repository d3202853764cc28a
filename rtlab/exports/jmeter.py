"""A test plan for JMeter."""

from __future__ import annotations

import json
from string import Template
from xml.sax.saxutils import escape

from rtlab.exports.scenario import Scenario


def jmeter_script(scenario: Scenario) -> str:
    """Write a test plan for JMeter from 5.5 on, on Java 11 or newer.

    JMeter has no sampler for event streams or WebSocket. The plan reads both with Java's own clients in Groovy
    scripts, and gives each message as a sample of its own, whose elapsed time is its age on arrival.

    Args:
        scenario: What to open and to expect.

    Returns:
        XML for ``jmeter -n -t FILE``.
    """
    kinds = (("sse", scenario.sse_url, _SSE), ("ws", scenario.ws_url, _WS))
    groups = []
    for kind, url, reading in kinds:
        if url:
            limit = "null" if scenario.p95_limit_ms is None else f"{scenario.p95_limit_ms:g}"
            script = Template(_BEFORE + reading + _AFTER).substitute(
                url=json.dumps(url), kind=kind, messages=scenario.messages, seconds=scenario.seconds, limit=limit
            )
            groups.append(Template(_GROUP).substitute(kind=kind, users=scenario.connections, script=escape(script)))
    return Template(_PLAN).substitute(
        connections=scenario.connections, messages=scenario.messages, groups="".join(groups)
    )


_PLAN = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Listens with $connections connections of each kind until each has had $messages messages.
     Run: jmeter -n -t FILE -l result.jtl -Jjmeter.save.saveservice.output_format=csv
          -Jjmeter.save.saveservice.subresults=true -Jsubresults.disable_renaming=true -->
<jmeterTestPlan version="1.2" properties="5.0">
  <hashTree>
    <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="listeners">
      <elementProp name="TestPlan.user_defined_variables" elementType="Arguments">
        <collectionProp name="Arguments.arguments"/>
      </elementProp>
    </TestPlan>
    <hashTree>
$groups    </hashTree>
  </hashTree>
</jmeterTestPlan>
"""

_GROUP = """\
      <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="$kind">
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
          <boolProp name="LoopController.continue_forever">false</boolProp>
          <stringProp name="LoopController.loops">1</stringProp>
        </elementProp>
        <stringProp name="ThreadGroup.num_threads">$users</stringProp>
        <stringProp name="ThreadGroup.ramp_time">0</stringProp>
        <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
      </ThreadGroup>
      <hashTree>
        <JSR223Sampler guiclass="TestBeanGUI" testclass="JSR223Sampler" testname="$kind connection">
          <stringProp name="scriptLanguage">groovy</stringProp>
          <stringProp name="cacheKey">$kind</stringProp>
          <stringProp name="script">$script</stringProp>
        </JSR223Sampler>
        <hashTree/>
      </hashTree>
"""

_BEFORE = """\
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.WebSocket
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

int wanted = $messages      // what each connection waits for
long longestS = $seconds    // and how long at most
def limitMs = $limit        // 95 of 100 messages must be younger; null: no such check
def address = URI.create($url)
def ages = []
int seen = 0
long deadline = System.currentTimeMillis() + longestS * 1000

// A message becomes a sample of its own.
def note = { String data, long now ->
    seen++
    def sent = data =~ /@(\\d+(?:\\.\\d+)?)/    // the sender's clock, in milliseconds since 1970
    def sample = new org.apache.jmeter.samplers.SampleResult()
    sample.sampleLabel = '$kind message'
    long age = 0
    if (sent.find()) {
        age = Math.max(0L, Math.round(now - sent.group(1).toDouble()))
        ages.add(age)
    }
    sample.setStampAndTime(now, age)
    sample.successful = true
    sample.setBodySize((long) data.length())
    SampleResult.addSubResult(sample)
}
"""

_SSE = """
// HTTP/1.1: an offer of h2c would come as an Upgrade header, which some servers take for WebSocket's.
def client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
def request = HttpRequest.newBuilder(address).header('Accept', 'text/event-stream')
    .timeout(Duration.ofSeconds(longestS)).build()
def arrived = new LinkedBlockingQueue()
def reading = client.sendAsync(request, HttpResponse.BodyHandlers.ofLines()).thenAccept { answer ->
    def data = []
    answer.body().forEach { String line ->
        if (line.startsWith('data:')) data.add(line.substring(5))
        else if (line.isEmpty() && data) {
            arrived.add([data.join('\\n'), System.currentTimeMillis()])
            data = []
        }
    }
}
while (seen < wanted && System.currentTimeMillis() < deadline) {
    def next = arrived.poll(100, TimeUnit.MILLISECONDS)
    if (next != null) note(next[0], next[1])
    else if (reading.isDone() && arrived.isEmpty()) break
}
reading.cancel(true)
"""

_WS = """
def arrived = new LinkedBlockingQueue()
def ended = new CompletableFuture()
def listener = new WebSocket.Listener() {
    def text = new StringBuilder()
    CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
        text.append(part)
        if (last) {
            arrived.add([text.toString(), System.currentTimeMillis()])
            text = new StringBuilder()
        }
        socket.request(1)
        return null
    }
    CompletionStage<?> onClose(WebSocket socket, int code, String reason) { ended.complete(code); return null }
    void onError(WebSocket socket, Throwable error) { ended.complete(error) }
}
def socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, listener)
    .get(longestS, TimeUnit.SECONDS)
while (seen < wanted && System.currentTimeMillis() < deadline) {
    def next = arrived.poll(100, TimeUnit.MILLISECONDS)
    if (next != null) note(next[0], next[1])
    else if (ended.isDone() && arrived.isEmpty()) break
}
socket.abort()
"""

_AFTER = """
ages.sort()
def p95 = ages ? ages[(int) Math.ceil(0.95 * ages.size()) - 1] : null
boolean young = limitMs == null || (ages.size() == seen && p95 != null && p95 < limitMs)
SampleResult.successful = seen >= wanted && young
def why = young ? '' : ', too old on arrival or without a time'
SampleResult.responseMessage = seen + ' of ' + wanted + ' messages' + why
"""
