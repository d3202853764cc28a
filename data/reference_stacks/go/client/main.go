// An EventSource by hand, for Go has none, and a WebSocket by coder/websocket.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

func main() {
	count, _ := strconv.Atoi(os.Getenv("COUNT"))
	answer := map[string]any{"ids": ids(count), "echoed": echoed(count)}
	json.NewEncoder(os.Stdout).Encode(answer)
}

func ids(count int) []string {
	seen, last, wait := []string{}, "", 3*time.Second
	for ; len(seen) < count; time.Sleep(wait) {
		request, _ := http.NewRequest("GET", os.Getenv("LAB_EVENTS_URL"), nil)
		request.Header.Set("Accept", "text/event-stream")
		// resume begins
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		// resume ends
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		hasData := false
		lines := bufio.NewScanner(response.Body)
		for len(seen) < count && lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ":")
			value = strings.TrimPrefix(value, " ")
			switch {
			case lines.Text() == "" && hasData:
				seen, hasData = append(seen, last), false
			case field == "data":
				hasData = true
			case field == "id":
				last = value
			case field == "retry":
				if ms, err := strconv.Atoi(value); err == nil {
					wait = time.Duration(ms) * time.Millisecond
				}
			}
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			break
		}
	}
	return seen
}

func echoed(count int) (came int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	socket, _, err := websocket.Dial(ctx, os.Getenv("LAB_ECHO_URL"), nil)
	if err != nil {
		panic(err)
	}
	defer socket.Close(websocket.StatusNormalClosure, "")
	for ; came < count; came++ {
		text := fmt.Sprintf("text %d", came+1)
		if err := socket.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return
		}
		if _, data, err := socket.Read(ctx); err != nil || string(data) != text {
			return
		}
	}
	return
}
