package stack

import org.apache.pekko.NotUsed
import org.apache.pekko.stream.scaladsl.{Flow, Source}
import play.api.ApplicationLoader.Context
import play.api.http.ContentTypes.EVENT_STREAM
import play.api.http.HeaderNames.CACHE_CONTROL
import play.api.http.websocket.{BinaryMessage, Message, TextMessage}
import play.api.libs.EventSource.Event
import play.api.libs.json.Json
import play.api.mvc.Results.{NoContent, Ok}
import play.api.mvc.{EssentialFilter, Request, Result, WebSocket}
import play.api.routing.Router
import play.api.routing.sird._
import play.api.{Application, ApplicationLoader, BuiltInComponentsFromContext}

import scala.concurrent.duration._

class Loader extends ApplicationLoader {
  override def load(context: Context): Application = new Server(context).application
}

class Server(context: Context) extends BuiltInComponentsFromContext(context) {

  private val MaxCount = 1000000

  override def httpFilters: Seq[EssentialFilter] = Nil

  override lazy val router: Router = Router.from {
    case GET(p"/events" ? q_o"count=${int(count)}" & q_o"rate_per_s=${int(ratePerS)}") =>
      defaultActionBuilder(request => events(request, count.getOrElse(100).min(MaxCount), ratePerS.getOrElse(10)))
    case GET(p"/echo") =>
      WebSocket.accept[Message, Message] { _ =>
        Flow[Message].collect { case message @ (_: TextMessage | _: BinaryMessage) => message }
      }
  }

  private def events(request: Request[_], last: Int, ratePerS: Int): Result = {
    var first = 1
    // resume begins
    first = request.headers.get("Last-Event-ID").flatMap(_.toIntOption).fold(1)(_.max(0).min(last) + 1)
    if (first > last) NoContent // an EventSource then stops
    else
      // resume ends
      Ok.chunked(Source.single("retry: 300\n\n") ++ numbered(first, last, ratePerS).map(_.formatted))
        .as(EVENT_STREAM)
        .withHeaders(CACHE_CONTROL -> "no-cache")
  }

  // An Event of Play has no field for retry.
  private def numbered(first: Int, last: Int, ratePerS: Int): Source[Event, NotUsed] = {
    val events = Source(first to last).map(n => Event(Json.stringify(Json.obj("n" -> n)), Some(n.toString), None))
    if (ratePerS > 0) events.throttle(1, 1.second / ratePerS) else events
  }
}
