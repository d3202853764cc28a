package stack;

import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

@RestController
class Events {

    private static final int MAX_COUNT = 1_000_000;
    private static final Duration RETRY = Duration.ofMillis(300);

    record Numbered(int n) {}

    @GetMapping("/events")
    ResponseEntity<Flux<ServerSentEvent<Numbered>>> events(
            // resume begins
            @RequestHeader(name = "Last-Event-ID", defaultValue = "") String lastEventId,
            // resume ends
            @RequestParam(defaultValue = "100") int count,
            @RequestParam(name = "rate_per_s", defaultValue = "10") int ratePerS) {
        int last = Math.min(count, MAX_COUNT);
        int first = 1;
        // resume begins
        first = lastEventId.matches("\\d{1,7}") ? Integer.parseInt(lastEventId) + 1 : 1;
        if (first > last) {
            return ResponseEntity.noContent().build(); // an EventSource then stops
        }
        // resume ends
        Flux<ServerSentEvent<Numbered>> events = Flux.range(first, last - first + 1).map(Events::event);
        if (ratePerS > 0) {
            events = events.delayElements(Duration.ofSeconds(1).dividedBy(ratePerS));
        }
        return ResponseEntity.ok()
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .cacheControl(CacheControl.noCache())
                .body(events.startWith(ServerSentEvent.<Numbered>builder().retry(RETRY).build()));
    }

    private static ServerSentEvent<Numbered> event(int n) {
        return ServerSentEvent.builder(new Numbered(n)).id(Integer.toString(n)).build();
    }
}
