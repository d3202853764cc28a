package stack;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestStreamElementType;

@Path("/events")
public class Events {

    private static final int MAX_COUNT = 1_000_000;
    private static final long RETRY_MS = 300;

    public record Numbered(int n) {}

    @Inject
    Sse sse;

    @GET
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @ResponseHeader(name = "Cache-Control", value = "no-cache")
    public Multi<OutboundSseEvent> events(
            // resume begins
            @RestHeader("Last-Event-ID") @DefaultValue("") String lastEventId,
            // resume ends
            @RestQuery @DefaultValue("100") int count,
            @RestQuery("rate_per_s") @DefaultValue("10") int ratePerS) {
        int last = Math.min(count, MAX_COUNT);
        int first = 1;
        // resume begins
        first = lastEventId.matches("\\d{1,7}") ? Integer.parseInt(lastEventId) + 1 : 1;
        if (first > last) {
            throw new WebApplicationException(Response.noContent().build()); // an EventSource then stops
        }
        // resume ends
        Multi<OutboundSseEvent> events = Multi.createFrom().range(first, last + 1).map(this::event);
        if (ratePerS > 0) {
            Duration gap = Duration.ofSeconds(1).dividedBy(ratePerS);
            events = events.onItem().call(() -> Uni.createFrom().voidItem().onItem().delayIt().by(gap));
        }
        // Jakarta REST refuses an event without data and comment.
        OutboundSseEvent retry = sse.newEventBuilder().comment("retry").reconnectDelay(RETRY_MS).build();
        return Multi.createBy().concatenating().streams(Multi.createFrom().item(retry), events);
    }

    private OutboundSseEvent event(int n) {
        return sse.newEventBuilder().id(Integer.toString(n)).data(new Numbered(n)).build();
    }
}
