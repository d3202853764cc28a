package stack;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Reads events and talks to an echo; WebClient parses the stream but does not connect again by itself. */
public class Client {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public static void main(String[] args) {
        int count = Integer.parseInt(System.getenv("COUNT"));
        List<String> ids = ids(URI.create(System.getenv("LAB_EVENTS_URL")), count);
        int echoed = echoed(URI.create(System.getenv("LAB_ECHO_URL")), count);
        String quoted = ids.isEmpty() ? "" : "\"" + String.join("\", \"", ids) + "\"";
        System.out.printf("{\"ids\": [%s], \"echoed\": %d}%n", quoted, echoed);
    }

    private static List<String> ids(URI url, int count) {
        WebClient client = WebClient.create();
        // resume begins
        AtomicReference<String> lastEventId = new AtomicReference<>();
        AtomicReference<Duration> wait = new AtomicReference<>(Duration.ofSeconds(3));
        // resume ends
        return Flux.defer(() -> client.get()
                        .uri(url)
                        .accept(MediaType.TEXT_EVENT_STREAM)
                        // resume begins
                        .headers(headers -> {
                            if (lastEventId.get() != null) {
                                headers.set("Last-Event-ID", lastEventId.get());
                            }
                        })
                        // resume ends
                        .retrieve()
                        .bodyToFlux(new ParameterizedTypeReference<ServerSentEvent<String>>() {}))
                // resume begins
                .doOnNext(event -> {
                    if (event.retry() != null) {
                        wait.set(event.retry());
                    }
                    if (event.id() != null) {
                        lastEventId.set(event.id());
                    }
                })
                .retryWhen(Retry.from(failures -> failures.delayUntil(failure -> Mono.delay(wait.get()))))
                .repeatWhen(ends -> ends.delayUntil(end -> Mono.delay(wait.get())))
                // resume ends
                .filter(event -> event.data() != null)
                .map(ServerSentEvent::id)
                .take(count)
                .collectList()
                .block(PATIENCE);
    }

    private static int echoed(URI url, int count) {
        AtomicInteger echoed = new AtomicInteger();
        new ReactorNettyWebSocketClient().execute(url, session -> session
                        .send(Flux.range(1, count).map(n -> session.textMessage("text " + n)))
                        .thenMany(session.receive().map(WebSocketMessage::getPayloadAsText).take(count))
                        .index()
                        .doOnNext(text -> echoed.addAndGet(text.getT2().equals("text " + (text.getT1() + 1)) ? 1 : 0))
                        .then(session.close()))
                .block(PATIENCE);
        return echoed.get();
    }
}
