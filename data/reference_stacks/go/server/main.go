// An event stream by net/http and an echo by coder/websocket.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

func main() {
	http.HandleFunc("GET /events", events)
	http.HandleFunc("GET /echo", echo)
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func events(w http.ResponseWriter, r *http.Request) {
	count := min(number(r.FormValue("count"), 100), 1_000_000)
	rate := number(r.FormValue("rate_per_s"), 10)
	first := 1
	// resume begins
	first = number(r.Header.Get("Last-Event-ID"), 0) + 1
	if first > count {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	// resume ends
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	line := http.NewResponseController(w)
	fmt.Fprint(w, "retry: 300\n\n")
	begin := time.Now()
	for n := first; n <= count && r.Context().Err() == nil; n++ {
		if rate > 0 {
			time.Sleep(time.Until(begin.Add(time.Duration(n-first) * time.Second / time.Duration(rate))))
		}
		fmt.Fprintf(w, "id: %d\ndata: {\"n\":%d}\n\n", n, n)
		if line.Flush() != nil {
			return
		}
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer socket.CloseNow()
	socket.SetReadLimit(1 << 20)
	for ctx := context.Background(); ; {
		kind, data, err := socket.Read(ctx)
		if err != nil || socket.Write(ctx, kind, data) != nil {
			return
		}
	}
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}
