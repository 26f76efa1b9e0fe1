// A chat as the documentation of Node's `ws` has it: JSON in, JSON out, a send per recipient. NODE_PATH leads to `ws`.
const { WebSocketServer } = require("ws");

const rooms = new Map();
const ids = new Map();
let names = 0;

function told(request, sender, members) {
  const room = request.room;
  if (request.type === "read")
    return { type: "receipt", room, reader: sender, ranges: request.ranges, readAt: Date.now() };
  ids.set(room, (ids.get(room) || 0) + 1);
  return {
    type: "message", room, id: ids.get(room), sender, content: request.content, sentAt: Date.now(),
    audience: members - 1, readBy: 0,
  };
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 1024, perMessageDeflate: false }, () =>
  console.log(server.address().port));

server.on("connection", (socket) => {
  const name = `n${names++}`;
  let room = "";
  socket.on("message", (data) => {
    const request = JSON.parse(data);
    room = request.room;
    if (!rooms.has(room)) rooms.set(room, new Set());
    const members = rooms.get(room);
    if (request.type === "join") {
      members.add(socket);
      socket.send('{"type":"ok"}');
      return;
    }
    const frame = JSON.stringify(told(request, name, members.size));
    for (const each of members) each.send(frame);
  });
  socket.on("close", () => rooms.get(room)?.delete(socket));
  socket.on("error", () => socket.terminate());
});

process.stdin.on("end", () => process.exit(0)).resume();
