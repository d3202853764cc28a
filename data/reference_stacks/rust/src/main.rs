//! The event stream and the echo with axum.

use std::{collections::HashMap, convert::Infallible, env, time::Duration};

use axum::{
    Router,
    extract::{Query, WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{any, get},
};
use futures_util::{StreamExt, stream};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep_until},
};

#[tokio::main]
async fn main() {
    let app = Router::new().route("/events", get(events)).route("/echo", any(echo));
    let address = format!("127.0.0.1:{}", env::var("PORT").expect("PORT"));
    let listener = TcpListener::bind(address).await.expect("the port is taken");
    axum::serve(listener, app).await.expect("the server failed");
}

async fn events(Query(query): Query<HashMap<String, u32>>, headers: HeaderMap) -> Response {
    let count = query.get("count").copied().unwrap_or(100).min(1_000_000);
    let rate = query.get("rate_per_s").copied().unwrap_or(10);
    let mut first = 1;
    // resume begins
    if let Some(last) = headers.get("last-event-id") {
        first = last.to_str().ok().and_then(|id| id.parse().ok()).unwrap_or(0) + 1;
    }
    if first > count {
        return StatusCode::NO_CONTENT.into_response();
    }
    // resume ends
    let begin = Instant::now();
    let numbered = stream::iter(first..=count).then(move |n| async move {
        if rate > 0 {
            sleep_until(begin + Duration::from_secs(1) * (n - first) / rate).await;
        }
        Event::default().id(n.to_string()).data(format!("{{\"n\":{n}}}"))
    });
    let retry = Event::default().retry(Duration::from_millis(300));
    let all = stream::once(async { retry }).chain(numbered);
    Sse::new(all.map(Ok::<_, Infallible>)).into_response()
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(1 << 20).on_upgrade(send_back)
}

async fn send_back(mut socket: WebSocket) {
    use axum::extract::ws::Message::{Binary, Text};
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Text(_) | Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
