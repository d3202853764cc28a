package stack;

import io.quarkus.websockets.next.OnBinaryMessage;
import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.vertx.core.buffer.Buffer;

@WebSocket(path = "/echo")
public class Echo {

    @OnTextMessage
    String text(String message) {
        return message;
    }

    @OnBinaryMessage
    Buffer binary(Buffer message) {
        return message;
    }
}
