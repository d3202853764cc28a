package stack;

import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketMessage.Type;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.support.WebSocketHandlerAdapter;
import org.springframework.web.reactive.socket.server.upgrade.ReactorNettyRequestUpgradeStrategy;
import reactor.netty.http.server.WebsocketServerSpec;

@Configuration
class Echo {

    private static final int MAX_MESSAGE_BYTES = 1_048_576;

    @Bean
    HandlerMapping echoMapping() {
        WebSocketHandler echo = session -> session.send(session.receive()
                .filter(message -> message.getType() == Type.TEXT || message.getType() == Type.BINARY)
                .doOnNext(WebSocketMessage::retain));
        return new SimpleUrlHandlerMapping(Map.of("/echo", echo), Ordered.HIGHEST_PRECEDENCE);
    }

    /** Replaces the adapter of Spring Boot, which cuts the connection at a frame above 64 KiB. */
    @Bean
    WebSocketHandlerAdapter webSocketHandlerAdapter() {
        return new WebSocketHandlerAdapter(new HandshakeWebSocketService(new ReactorNettyRequestUpgradeStrategy(
                () -> WebsocketServerSpec.builder().maxFramePayloadLength(MAX_MESSAGE_BYTES))));
    }
}
