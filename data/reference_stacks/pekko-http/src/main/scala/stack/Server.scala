package stack

import org.apache.pekko.NotUsed
import org.apache.pekko.actor.ActorSystem
import org.apache.pekko.http.scaladsl.Http
import org.apache.pekko.http.scaladsl.marshalling.sse.EventStreamMarshalling._
import org.apache.pekko.http.scaladsl.model.StatusCodes.NoContent
import org.apache.pekko.http.scaladsl.model.headers.{CacheDirectives, `Cache-Control`}
import org.apache.pekko.http.scaladsl.model.sse.ServerSentEvent
import org.apache.pekko.http.scaladsl.model.ws.{BinaryMessage, Message, TextMessage}
import org.apache.pekko.http.scaladsl.server.Directives._
import org.apache.pekko.http.scaladsl.server.{Directive0, Route}
import org.apache.pekko.stream.scaladsl.{Flow, Source}
import org.apache.pekko.util.ByteString

import scala.concurrent.duration._

object Server extends App {

  private val MaxCount = 1000000
  private val Patience = 10.seconds

  implicit private val system: ActorSystem = ActorSystem("stack")
  import system.dispatcher

  private val route: Route = concat(
    (get & path("events") & parameters("count".as[Int] ? 100, "rate_per_s".as[Int] ? 10)) { (count, ratePerS) =>
      val last = math.min(count, MaxCount)
      // resume begins
      // There is a model class `Last-Event-ID`, but a request's header is never parsed into it.
      optionalHeaderValueByName("Last-Event-ID") { lastEventId =>
        val first = lastEventId.flatMap(_.toIntOption).fold(1)(_.max(0).min(last) + 1)
        if (first > last) complete(NoContent) // an EventSource then stops
        else
          // resume ends
          (beginWithRetry & respondWithHeader(`Cache-Control`(CacheDirectives.`no-cache`))) {
            complete(events(first, last, ratePerS))
          }
      }
    },
    path("echo") {
      handleWebSocketMessages(echo)
    }
  )

  Http()
    .newServerAt("127.0.0.1", sys.env("PORT").toInt)
    .bind(route)
    .foreach(_.addToCoordinatedShutdown(hardTerminationDeadline = 1.second))

  // A message that is passed on in parts, as Flow[Message] alone would do, goes wrong when all parts are empty.
  private def echo: Flow[Message, Message, NotUsed] = Flow[Message].mapAsync(1) {
    case text: TextMessage     => text.toStrict(Patience)
    case binary: BinaryMessage => binary.toStrict(Patience)
  }

  private def events(first: Int, last: Int, ratePerS: Int): Source[ServerSentEvent, NotUsed] = {
    val events = Source(first to last).map(n => ServerSentEvent(s"""{"n":$n}""", id = Some(n.toString)))
    if (ratePerS > 0) events.throttle(1, 1.second / ratePerS) else events
  }

  // A ServerSentEvent always has data: one with retry alone would reach the client as an empty message.
  private def beginWithRetry: Directive0 =
    mapResponseEntity(_.transformDataBytes(Flow[ByteString].prepend(Source.single(ByteString("retry: 300\n\n")))))
}
