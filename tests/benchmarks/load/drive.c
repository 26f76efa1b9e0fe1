/* A load generator: WebSocket connections that are open and greeted already, driven by one thread and one epoll.
 *
 * It posts, counts what is delivered to whom, times it, answers pings and reads receipts, and does as little else as
 * it can, so that the server is what is measured. It is built by driver.py with the machine's own compiler, and its
 * structure `plan` and the one there are the same. Everything on the wire is taken to be whole and well made: it is
 * for servers of ours alone.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DIGITS 10
#define BUCKETS 100000
#define BUCKET_NS 10000
#define CHUNK (1 << 20)
#define SCAN_NS 5000000

struct plan {
    /* What is to be done. */
    int32_t connections;       /* of equal numbers per room, room after room */
    int32_t rooms;
    int32_t stalled;           /* so many, the last ones, read nothing and write nothing */
    int32_t authors;           /* so many of each room, the first ones, write in turn */
    int32_t window;            /* messages outstanding at most; 0 where `every_ns` sets the pace */
    int64_t every_ns;          /* between two posts, at times set beforehand; 0 where `window` does */
    int64_t pause_ns;          /* between the end of a message and the next post, where the window is 1 */
    int64_t duration_ns;       /* posts are made for so long */
    int64_t deadline_ns;       /* everything ends then */
    int64_t messages_max;
    int64_t reads_every_ns;    /* below 0: nobody reads; 0: one frame per message; else joined for so long */
    int64_t receipts_each;     /* how many receipts each message leads to, over all connections */
    int32_t timed;             /* whether deliveries are timed; it costs a search in each */
    const int32_t *sockets;
    const char *const *posts;  /* per room a masked frame with ten `#` where its number goes, twice */
    const char *const *reads;  /* per room what a read begins with, to before the first id */
    const int32_t *post_bytes;
    /* What came of it. */
    int64_t posted, delivered, receipt_frames, receipt_ids, bytes, closed, elapsed_ns;
    int64_t latencies[BUCKETS];   /* of deliveries, from when the post was due, by 10 microseconds */
    int64_t completions[BUCKETS]; /* of messages, until the last delivery */
};

struct peer {
    int socket, room, is_open, is_waiting;
    char *held, *unsent;
    size_t held_bytes, held_room, unsent_bytes, unsent_room;
    int64_t first, last, read_ns;
};

static struct plan *plan;
static struct peer *peers;
static int64_t *due_ns;
static int32_t *left;
static int epoll_fd, per_room, readers_per_room;
static int64_t now, next_post_ns, completed;
static char *chunk;

static int64_t clock_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void note(int64_t *histogram, int64_t ns) {
    int64_t bucket = ns / BUCKET_NS;
    histogram[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static char *grown(char *bytes, size_t *room, size_t needed) {
    if (needed > *room) {
        *room = 2 * needed;
        bytes = realloc(bytes, *room);
        if (!bytes) abort();
    }
    return bytes;
}

static void watch(struct peer *peer, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    epoll_ctl(epoll_fd, operation, peer->socket, &event);
}

static void give_up(struct peer *peer) {
    if (peer->is_open) plan->closed++;
    peer->is_open = 0;
    watch(peer, EPOLL_CTL_DEL, 0);
}

static void flush(struct peer *peer) {
    size_t sent = 0;
    while (sent < peer->unsent_bytes) {
        ssize_t n = send(peer->socket, peer->unsent + sent, peer->unsent_bytes - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) { give_up(peer); return; }
        if (n < 0) break;
        sent += n;
    }
    memmove(peer->unsent, peer->unsent + sent, peer->unsent_bytes - sent);
    peer->unsent_bytes -= sent;
    if (peer->is_waiting != (peer->unsent_bytes > 0)) {
        peer->is_waiting = peer->unsent_bytes > 0;
        watch(peer, EPOLL_CTL_MOD, EPOLLIN | (peer->is_waiting ? EPOLLOUT : 0));
    }
}

static void write_to(struct peer *peer, const char *bytes, size_t length) {
    if (!peer->is_open) return;
    peer->unsent = grown(peer->unsent, &peer->unsent_room, peer->unsent_bytes + length);
    memcpy(peer->unsent + peer->unsent_bytes, bytes, length);
    peer->unsent_bytes += length;
    if (!peer->is_waiting) flush(peer);
}

/* A masked frame with a mask of zeros, which leaves the payload as it is (RFC 6455 §5.3). */
static void send_frame(struct peer *peer, int opcode, const char *payload, size_t length) {
    char frame[8 + 4096];
    size_t head = 2;
    if (length > 4096) abort();
    frame[0] = (char)(0x80 | opcode);
    frame[1] = (char)(0x80 | (length < 126 ? length : 126));
    if (length >= 126) {
        frame[2] = (char)(length >> 8);
        frame[3] = (char)length;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, payload, length);
    write_to(peer, frame, head + 4 + length);
}

static void send_read(struct peer *peer, int64_t first, int64_t last) {
    char payload[512];
    int length = snprintf(payload, sizeof payload, "%s%lld,%lld]]}", plan->reads[peer->room], (long long)first,
                          (long long)last);
    send_frame(peer, 1, payload, (size_t)length);
    peer->first = peer->last = 0;
    peer->read_ns = now;
}

static struct peer *sender_of(int64_t number) {
    int room = (int)(number % plan->rooms);
    return &peers[room * per_room + (number / plan->rooms) % plan->authors];
}

static void post(void) {
    int64_t number = plan->posted;
    int room = (int)(number % plan->rooms), length = plan->post_bytes[room];
    char frame[4096], digits[DIGITS + 1];
    if (length > (int)sizeof frame) abort();
    memcpy(frame, plan->posts[room], (size_t)length);
    snprintf(digits, sizeof digits, "%010lld", (long long)number);
    for (char *at = frame; (at = memmem(at, (size_t)(frame + length - at), "##########", DIGITS)); at += DIGITS)
        memcpy(at, digits, DIGITS);
    due_ns[number] = plan->every_ns ? next_post_ns : now;
    left[number] = readers_per_room;
    plan->posted++;
    write_to(sender_of(number), frame, (size_t)length);
}

static int64_t number_after(const char *payload, size_t length, const char *mark, size_t *after) {
    const char *at = memmem(payload, length, mark, strlen(mark)), *end = payload + length;
    int64_t value = 0;
    if (!at) return -1;
    for (at += strlen(mark); at < end && *at >= '0' && *at <= '9'; at++) value = 10 * value + (*at - '0');
    if (after) *after = (size_t)(at - payload);
    return value;
}

static void hear_message(struct peer *peer, const char *payload, size_t length) {
    plan->delivered++;
    if (!plan->timed && plan->reads_every_ns < 0) return;
    int64_t number = number_after(payload, length, "\"content\":\"@", NULL);
    if (number < 0 || number >= plan->posted) return;
    note(plan->latencies, now - due_ns[number]);
    if (--left[number] == 0) {
        note(plan->completions, now - due_ns[number]);
        completed++;
        if (plan->pause_ns) next_post_ns = now + plan->pause_ns;
    }
    if (plan->reads_every_ns < 0 || sender_of(number) == peer) return;
    int64_t id = number_after(payload, length, "\"id\":", NULL);
    if (plan->reads_every_ns == 0) {
        send_read(peer, id, id);
    } else {
        if (!peer->first) peer->first = id;
        peer->last = id;
    }
}

static void hear_receipt(const char *payload, size_t length) {
    size_t after;
    const char *mark = "\"ranges\":[[";
    plan->receipt_frames++;
    for (;;) {
        int64_t first = number_after(payload, length, mark, &after);
        if (first < 0) return;
        payload += after; length -= after;
        int64_t last = number_after(payload, length, ",", &after);
        payload += after; length -= after;
        plan->receipt_ids += last - first + 1;
        if (length < 3 || memcmp(payload, "],[", 3)) return;
        mark = "],[";
    }
}

static void hear(struct peer *peer, int opcode, const char *payload, size_t length) {
    if (opcode == 9) send_frame(peer, 10, payload, length);
    else if (opcode == 8) give_up(peer);
    else if (length > 15 && !memcmp(payload, "{\"type\":\"messag", 15)) hear_message(peer, payload, length);
    else if (length > 15 && !memcmp(payload, "{\"type\":\"receip", 15)) hear_receipt(payload, length);
}

static void read_from(struct peer *peer) {
    memcpy(chunk, peer->held, peer->held_bytes);
    ssize_t n = recv(peer->socket, chunk + peer->held_bytes, CHUNK - peer->held_bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { give_up(peer); return; }
    plan->bytes += n;
    size_t have = peer->held_bytes + (size_t)n, at = 0;
    now = clock_ns();
    while (have - at >= 2) {
        const unsigned char *frame = (unsigned char *)chunk + at;
        size_t length = frame[1] & 0x7F, head = 2;
        if (length == 126) {
            if (have - at < 4) break;
            length = (size_t)frame[2] << 8 | frame[3];
            head = 4;
        } else if (length == 127) {
            if (have - at < 10) break;
            for (length = 0, head = 2; head < 10; head++) length = length << 8 | frame[head];
        }
        if (have - at < head + length) break;
        hear(peer, frame[0] & 0xF, chunk + at + head, length);
        at += head + length;
    }
    peer->held_bytes = have - at;
    peer->held = grown(peer->held, &peer->held_room, peer->held_bytes + 1);
    memcpy(peer->held, chunk + at, peer->held_bytes);
}

static void read_due(int count) {
    for (int i = 0; i < count; i++)
        if (peers[i].first && now - peers[i].read_ns >= plan->reads_every_ns)
            send_read(&peers[i], peers[i].first, peers[i].last);
}

static int may_post(int64_t begun) {
    if (plan->posted >= plan->messages_max || now - begun >= plan->duration_ns) return 0;
    if (plan->every_ns) return now >= next_post_ns;
    if (plan->pause_ns) return completed == plan->posted && now >= next_post_ns;
    return plan->posted - plan->delivered / readers_per_room < plan->window;
}

static void begin(void) {
    per_room = plan->connections / plan->rooms;
    readers_per_room = per_room - plan->stalled;
    int count = plan->connections;
    peers = calloc((size_t)count, sizeof *peers);
    due_ns = calloc((size_t)plan->messages_max, sizeof *due_ns);
    left = calloc((size_t)plan->messages_max, sizeof *left);
    chunk = malloc(CHUNK);
    if (!peers || !due_ns || !left || !chunk) abort();
    epoll_fd = epoll_create1(0);
    now = clock_ns();
    completed = 0;
    for (int i = 0; i < count; i++) {
        peers[i] = (struct peer){.socket = plan->sockets[i], .room = i / per_room, .is_open = 1};
        peers[i].held = grown(NULL, &peers[i].held_room, 1);
        peers[i].read_ns = now - plan->reads_every_ns * i / count; /* or all would read at the same moment */
        if (i % per_room < readers_per_room) watch(&peers[i], EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void end(void) {
    for (int i = 0; i < plan->connections; i++) { free(peers[i].held); free(peers[i].unsent); }
    close(epoll_fd);
    free(peers); free(due_ns); free(left); free(chunk);
}

/* Until something comes or a post is due, and a tenth of a second at most. */
static void wait_for_something(int64_t begun) {
    int64_t ns = 100000000;
    if (plan->reads_every_ns > 0) ns = SCAN_NS;
    if ((plan->every_ns || plan->pause_ns) && plan->posted < plan->messages_max && now - begun < plan->duration_ns &&
        (plan->every_ns || completed == plan->posted) && next_post_ns - now < ns)
        ns = next_post_ns > now ? next_post_ns - now : 0;
    struct pollfd polled = {.fd = epoll_fd, .events = POLLIN};
    struct timespec timeout = {.tv_sec = 0, .tv_nsec = ns};
    ppoll(&polled, 1, &timeout, NULL);
}

int drive(struct plan *given) {
    struct epoll_event events[512];
    plan = given;
    begin();
    int64_t begun = now, scanned = now;
    next_post_ns = begun;
    for (;;) {
        now = clock_ns();
        for (int burst = 0; burst < 256 && may_post(begun); burst++) {
            post();
            if (plan->every_ns) next_post_ns += plan->every_ns;
        }
        if (!may_post(begun)) wait_for_something(begun);
        int n = epoll_wait(epoll_fd, events, 512, 0);
        for (int i = 0; i < n; i++) {
            struct peer *peer = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) flush(peer);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(peer);
        }
        now = clock_ns();
        if (plan->reads_every_ns > 0 && now - scanned >= SCAN_NS) { scanned = now; read_due(plan->connections); }
        int done_posting = now - begun >= plan->duration_ns || plan->posted >= plan->messages_max;
        int all_there = plan->delivered >= plan->posted * readers_per_room &&
                        plan->receipt_ids >= plan->posted * plan->receipts_each;
        if ((done_posting && all_there) || now - begun >= plan->deadline_ns) break;
    }
    plan->elapsed_ns = now - begun;
    end();
    return 0;
}
