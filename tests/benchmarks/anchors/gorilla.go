// A chat as gorilla's tutorials have it: a map of connections, a mutex, and WriteJSON to each of them.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type request struct {
	Type    string     `json:"type"`
	Room    string     `json:"room"`
	Content string     `json:"content"`
	Ranges  [][2]int64 `json:"ranges"`
}

type message struct {
	Type     string `json:"type"`
	Room     string `json:"room"`
	ID       int    `json:"id"`
	Sender   string `json:"sender"`
	Content  string `json:"content"`
	SentAt   int64  `json:"sentAt"`
	Audience int    `json:"audience"`
	ReadBy   int    `json:"readBy"`
}

type receipt struct {
	Type   string     `json:"type"`
	Room   string     `json:"room"`
	Reader string     `json:"reader"`
	Ranges [][2]int64 `json:"ranges"`
	ReadAt int64      `json:"readAt"`
}

type room struct {
	members map[*websocket.Conn]bool
	last    int
}

var (
	mutex    sync.Mutex
	rooms    = map[string]*room{}
	names    int
	upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
)

func converse(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	mutex.Lock()
	names++
	name := fmt.Sprintf("n%d", names)
	mutex.Unlock()
	joined := ""
	for {
		var asked request
		if err := socket.ReadJSON(&asked); err != nil {
			break
		}
		mutex.Lock()
		joined = asked.Room
		if rooms[joined] == nil {
			rooms[joined] = &room{members: map[*websocket.Conn]bool{}}
		}
		hear(rooms[joined], socket, name, asked)
		mutex.Unlock()
	}
	mutex.Lock()
	defer mutex.Unlock()
	if rooms[joined] != nil {
		delete(rooms[joined].members, socket)
	}
}

// With the mutex held.
func hear(in *room, socket *websocket.Conn, name string, asked request) {
	now := time.Now().UnixMilli()
	switch asked.Type {
	case "join":
		in.members[socket] = true
		socket.WriteMessage(websocket.TextMessage, []byte(`{"type":"ok"}`))
	case "read":
		tell(in, receipt{"receipt", asked.Room, name, asked.Ranges, now})
	default:
		in.last++
		tell(in, message{"message", asked.Room, in.last, name, asked.Content, now, len(in.members) - 1, 0})
	}
}

func tell(in *room, frame any) {
	for member := range in.members {
		if member.WriteJSON(frame) != nil {
			member.Close()
			delete(in.members, member)
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	panic(http.Serve(listener, http.HandlerFunc(converse)))
}
