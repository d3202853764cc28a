package stack

import org.apache.pekko.NotUsed
import org.apache.pekko.actor.ActorSystem
import org.apache.pekko.http.scaladsl.Http
import org.apache.pekko.http.scaladsl.client.RequestBuilding.Get
import org.apache.pekko.http.scaladsl.model.MediaTypes.`text/event-stream`
import org.apache.pekko.http.scaladsl.model.headers.{Accept, `Last-Event-ID`}
import org.apache.pekko.http.scaladsl.model.sse.ServerSentEvent
import org.apache.pekko.http.scaladsl.model.ws.{TextMessage, WebSocketRequest}
import org.apache.pekko.http.scaladsl.unmarshalling.Unmarshal
import org.apache.pekko.http.scaladsl.unmarshalling.sse.EventStreamUnmarshalling._
import org.apache.pekko.stream.RestartSettings
import org.apache.pekko.stream.scaladsl.{RestartSource, Sink, Source}

import scala.concurrent.duration._
import scala.concurrent.{Await, Future}

/** Reads events and talks to an echo; a RestartSource connects again, with a pause of its own instead of `retry`. */
object Client extends App {

  private val Patience = 1.minute

  implicit private val system: ActorSystem = ActorSystem("client")
  import system.dispatcher

  private val count = sys.env("COUNT").toInt
  private val ids = Await.result(readIds(sys.env("LAB_EVENTS_URL")), Patience)
  private val echoed = Await.result(countEchoes(sys.env("LAB_ECHO_URL")), Patience)
  println(s"""{"ids": [${ids.map(id => s""""$id"""").mkString(", ")}], "echoed": $echoed}""")
  system.terminate()

  private def readIds(url: String): Future[Seq[String]] = {
    // resume begins
    @volatile var lastEventId = Option.empty[String]
    // resume ends
    def stream: Source[ServerSentEvent, NotUsed] = {
      val request = Get(url)
        .withHeaders(Accept(`text/event-stream`))
        // resume begins
        .mapHeaders(_ ++ lastEventId.map(`Last-Event-ID`(_)))
      // resume ends
      Source
        .future(Http().singleRequest(request).flatMap(Unmarshal(_).to[Source[ServerSentEvent, NotUsed]]))
        .flatMapConcat(identity)
    }
    // resume begins
    RestartSource
      .withBackoff(RestartSettings(minBackoff = 300.millis, maxBackoff = 3.seconds, randomFactor = 0))(() => stream)
      .map { event =>
        lastEventId = event.id.orElse(lastEventId)
        event
      }
      // resume ends
      .filter(_.data.nonEmpty)
      .collect { case ServerSentEvent(_, _, Some(id), _) => id }
      .take(count)
      .runWith(Sink.seq)
  }

  private def countEchoes(url: String): Future[Int] = {
    val texts = Source(1 to count).map(n => s"text $n")
    texts
      .map(TextMessage(_))
      .concat(Source.maybe) // the end of what is sent would close the connection
      .via(Http().webSocketClientFlow(WebSocketRequest(url)))
      .collectType[TextMessage]
      .mapAsync(1)(_.toStrict(Patience))
      .map(_.text)
      .zip(texts)
      .runFold(0) { case (echoed, (came, sent)) => if (came == sent) echoed + 1 else echoed }
  }
}
