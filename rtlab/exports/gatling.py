"""A load script for Gatling."""

from __future__ import annotations

import json
from string import Template

from rtlab.exports.scenario import Scenario

GATLING_CLASS = "Listeners"
"""The class of the simulation; its file must be ``Listeners.java``."""


def gatling_script(scenario: Scenario) -> str:
    """Write a simulation in Gatling's Java language; Gatling sees single events and single messages.

    Each message is a check of its own in Gatling's report. The time that the report gives for it is the time since
    the connection began to wait, so the age on arrival goes to a file of its own.

    Args:
        scenario: What to open and to expect.

    Returns:
        Java for ``Listeners.java``.
    """
    kinds = (("sse", "streams", scenario.sse_url), ("ws", "sockets", scenario.ws_url))
    users = [f"      {name}().injectOpen(atOnceUsers(CONNECTIONS))" for _, name, url in kinds if url]
    limit = "null" if scenario.p95_limit_ms is None else str(float(scenario.p95_limit_ms))
    parts = [_HEAD, _SSE * bool(scenario.sse_url), _WS * bool(scenario.ws_url), _END]
    return Template("".join(parts)).substitute(
        sse_url=json.dumps(scenario.sse_url),
        ws_url=json.dumps(scenario.ws_url),
        connections=scenario.connections,
        messages=scenario.messages,
        seconds=scenario.seconds,
        users=",\n".join(users),
        kinds=", ".join(json.dumps(kind) for kind, _, url in kinds if url),
        limit=limit,
    )


_HEAD = """\
// Listens with $connections connections of each kind until each has had $messages messages.
// Needs Java 17, and io.gatling.highcharts:gatling-charts-highcharts with all that it depends on in jars/.
// Run: javac -cp "jars/*" -d classes Listeners.java
//      java -cp "classes:jars/*" io.gatling.app.Gatling --simulation Listeners --results-folder results

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.*;
import io.gatling.javaapi.http.*;
import java.io.IOException;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.*;
import java.util.stream.*;

public class Listeners extends Simulation {
  static final int CONNECTIONS = $connections;
  static final int MESSAGES = $messages; // what each connection waits for
  static final int LONGEST_S = $seconds; // and how long at most
  static final Double P95_LIMIT_MS = $limit; // 95 of 100 must be younger on arrival; null: no such check
  static final Pattern SENT = Pattern.compile("@(\\\\d+(?:\\\\.\\\\d+)?)"); // in milliseconds since 1970

  static final Map<String, Queue<Double>> AGES_MS = new ConcurrentSkipListMap<>();

  /** Runs when the check sees a message, so the age is that of the arrival. */
  static String note(String kind, String message) {
    double now = System.currentTimeMillis();
    Matcher sent = SENT.matcher(message);
    if (sent.find()) {
      double age = now - Double.parseDouble(sent.group(1));
      AGES_MS.computeIfAbsent(kind, any -> new ConcurrentLinkedQueue<>()).add(age);
    }
    return message;
  }

  static double percentile(Queue<Double> values, double part) {
    List<Double> sorted = values.stream().sorted().collect(Collectors.toList());
    return sorted.get((int) Math.ceil(part * sorted.size()) - 1);
  }
"""

_SSE = """
  static ScenarioBuilder streams() {
    List<SseMessageCheck> checks = new ArrayList<>();
    for (int number = 0; number < MESSAGES; number++) {
      checks.add(
          sse.checkMessage("sse message")
              .matching(jsonPath("$$.data")) // Gatling shows an event as JSON; the reconnection time has no data
              .check(bodyString().transform(message -> note("sse", message))));
    }
    return scenario("event stream")
        .exec(
            sse("sse open").get($sse_url)
                .await(LONGEST_S).on(checks.toArray(new SseMessageCheck[0])),
            sse("sse close").close());
  }
"""

_WS = """
  static ScenarioBuilder sockets() {
    List<WsFrameCheck> checks = new ArrayList<>();
    for (int number = 0; number < MESSAGES; number++) {
      checks.add(
          ws.checkTextMessage("ws message").check(bodyString().transform(message -> note("ws", message))));
    }
    return scenario("WebSocket")
        .exec(
            ws("ws open").connect($ws_url)
                .await(LONGEST_S).on(checks.toArray(new WsFrameCheck[0])),
            ws("ws close").close());
  }
"""

_END = """
  {
    setUp(
$users
    ).protocols(http).maxDuration(LONGEST_S + 5).assertions(global().failedRequests().count().is(0L));
  }

  /** Writes the ages to ages.csv in the working folder, and fails where a check on them fails. */
  @Override
  public void after() {
    StringBuilder lines = new StringBuilder("kind,age_ms\\n");
    AGES_MS.forEach((kind, ages) -> ages.forEach(age -> lines.append(kind).append(',').append(age).append('\\n')));
    try {
      Files.writeString(Path.of("ages.csv"), lines);
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
    if (P95_LIMIT_MS == null) return;
    for (String kind : List.of($kinds)) {
      Queue<Double> ages = AGES_MS.getOrDefault(kind, new ArrayDeque<>());
      if (ages.size() < CONNECTIONS * MESSAGES || percentile(ages, 0.95) >= P95_LIMIT_MS) {
        throw new IllegalStateException(kind + ": messages were too old on arrival, or had no time");
      }
    }
  }
}
"""
