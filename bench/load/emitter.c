/*
 * The upstream of the measurements: as much of the v2 contract as a proxy needs, on one thread.
 *
 *   POST .../conversations             201 and a new conversation
 *   POST .../conversations/ID/messages a stream of events; its pace stands in the message's content
 *
 * What a message may ask for (words "name=number" anywhere in the request's body):
 *   number=N    which stream this is in the report (0 to STREAMS-1)
 *   wait=MS     so long before the response's headers
 *   gap=US      one event each so many microseconds; 0: as fast as the socket takes them
 *   count=N     so many events, then the answer's end; absent: endless
 *   burst=N     so many events in one send(); absent: one
 *
 * Every event is an HTTP chunk of its own, and holds the monotonic time of its send() in nanoseconds after an
 * "@". A socket that takes no more misses the events that are due meanwhile.
 *
 * Usage: emitter PORT TOKEN     (loopback; requests without "Bearer TOKEN" get 401)
 * Commands on standard input:   open    how many streams are open now
 *                               report  "number asked-at gone-at bytes" for each stream, then "end"
 *                               reset   forget the report
 *                               ramp MS PERCENT  from now on the pace of all streams is multiplied by
 *                                       PERCENT/100 after each so many milliseconds
 * The end of standard input ends the program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	STREAMS = 65536,
	REQUEST_LIMIT = 16384,
	UNSENT_LIMIT = 4096, /* the longest thing sent at once fits twice */
	BURST_LIMIT = 16,
	EVENTS_AT_ONCE = 256,
	FIRED_AT_ONCE = 256,
	STAMP_DIGITS = 17,
};

enum phase { READING, WAITING, STREAMING };

struct connection {
	int fd;
	enum phase phase;
	int number;
	int heap_index; /* -1: no timer */
	int burst;
	int64_t due, gap;
	long left; /* events until the end; negative: endless */
	size_t received, unsent;
	char unsent_bytes[UNSENT_LIMIT]; /* what the socket did not take of the last send */
	char request[REQUEST_LIMIT + 1];
};

struct record {
	int64_t asked, gone, bytes;
};

static struct record records[STREAMS];
static struct connection *heap[STREAMS]; /* a binary heap by due time */
static int heap_size, open_streams, epoll_fd;
static const char *authorization;
static int64_t ramp_began, ramp_slot; /* 0: the pace stays */
static double ramp_growth;

#define CHUNK(length, text) length "\r\n" text "\r\n"
static char event[] = CHUNK("5a",
	"data: {\"type\":\"text-delta\",\"id\":\"0\",\"delta\":\"@00000000000000000 words of an answer... \"}\n\n");
static const char event_before_stamp[] = "5a\r\ndata: {\"type\":\"text-delta\",\"id\":\"0\",\"delta\":\"@";
static const char last_events[] =
	CHUNK("24", "data: {\"type\":\"text-end\",\"id\":\"0\"}\n\n")
	CHUNK("19", "data: {\"type\":\"finish\"}\n\n")
	CHUNK("e", "data: [DONE]\n\n")
	"0\r\n\r\n";

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* ---- timers ---- */

static void heap_place(int index, struct connection *connection)
{
	heap[index] = connection;
	connection->heap_index = index;
}

static void heap_up(int index, struct connection *connection)
{
	for (; index > 0 && heap[(index - 1) / 2]->due > connection->due; index = (index - 1) / 2)
		heap_place(index, heap[(index - 1) / 2]);
	heap_place(index, connection);
}

static void heap_down(int index, struct connection *connection)
{
	for (int child; (child = 2 * index + 1) < heap_size; index = child) {
		if (child + 1 < heap_size && heap[child + 1]->due < heap[child]->due)
			child++;
		if (heap[child]->due >= connection->due)
			break;
		heap_place(index, heap[child]);
	}
	heap_place(index, connection);
}

static void cancel_timer(struct connection *connection)
{
	int index = connection->heap_index;
	if (index < 0)
		return;
	struct connection *last = heap[--heap_size];
	connection->heap_index = -1;
	if (last == connection)
		return;
	if (index > 0 && heap[(index - 1) / 2]->due > last->due)
		heap_up(index, last);
	else
		heap_down(index, last);
}

static void set_timer(struct connection *connection, int64_t due)
{
	cancel_timer(connection);
	connection->due = due;
	heap_up(heap_size++, connection);
}

/* ---- sending ---- */

static void watch(struct connection *connection, uint32_t events)
{
	struct epoll_event wanted = {.events = events, .data.ptr = connection};
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &wanted);
}

/* Sends it all, or keeps the rest for when the socket takes it. False: the peer is gone. */
static bool send_now(struct connection *connection, const char *bytes, size_t length)
{
	ssize_t sent = 0;
	if (!connection->unsent) {
		sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			return false;
		if (sent < 0)
			sent = 0;
		if (connection->phase == STREAMING)
			records[connection->number].bytes += sent;
	}
	size_t rest = length - sent;
	if (rest == 0)
		return true;
	if (connection->unsent + rest > UNSENT_LIMIT)
		return false;
	memcpy(connection->unsent_bytes + connection->unsent, bytes + sent, rest);
	connection->unsent += rest;
	watch(connection, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
	return true;
}

static bool send_unsent(struct connection *connection)
{
	ssize_t sent = send(connection->fd, connection->unsent_bytes, connection->unsent, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN;
	if (connection->phase == STREAMING)
		records[connection->number].bytes += sent;
	connection->unsent -= sent;
	memmove(connection->unsent_bytes, connection->unsent_bytes + sent, connection->unsent);
	if (!connection->unsent)
		watch(connection, EPOLLIN | EPOLLRDHUP);
	return true;
}

static void write_uuid(char text[37])
{
	unsigned char random[16];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		abort();
	random[6] = (random[6] & 0x0f) | 0x40;
	random[8] = (random[8] & 0x3f) | 0x80;
	for (int i = 0, at = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += sprintf(text + at, "%02x", random[i]);
	}
}

static bool send_json(struct connection *connection, const char *status, const char *body)
{
	char answer[UNSENT_LIMIT];
	int length = snprintf(answer, sizeof answer,
		"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		status, strlen(body), body);
	return send_now(connection, answer, length);
}

static bool send_conversation(struct connection *connection)
{
	static const char moment[] = "2026-01-01T00:00:00.000Z";
	char id[37], body[UNSENT_LIMIT / 2];
	write_uuid(id);
	snprintf(body, sizeof body,
		"{\"object\":\"conversation\",\"id\":\"%s\",\"createdAt\":\"%s\",\"updatedAt\":\"%s\",\"status\":\"open\","
		"\"closedAt\":null,\"closeReason\":null,\"lastInteractionAt\":\"%s\",\"isHumanHandled\":false,"
		"\"humanAgent\":null,\"messages\":[]}", id, moment, moment, moment);
	return send_json(connection, "201 Created", body);
}

/* ---- streams ---- */

static void end_stream(struct connection *connection)
{
	if (connection->phase != READING)
		open_streams--;
	connection->phase = READING;
	cancel_timer(connection);
}

static void leave(struct connection *connection)
{
	if (connection->phase != READING)
		records[connection->number].gone = now_ns();
	end_stream(connection);
	close(connection->fd);
	free(connection);
}

static int64_t gap_at(const struct connection *connection, int64_t now)
{
	double gap = connection->gap;
	if (ramp_slot)
		for (int64_t slots = (now - ramp_began) / ramp_slot; slots > 0; slots--)
			gap /= ramp_growth;
	return (int64_t)gap;
}

/* The next event's time. Streams of one pace are spread over a gap by their numbers (and the golden ratio), not by
 * when each began: what a proxy gets to do at once is then the same for each proxy. An event that could not be sent
 * in time is left out, so that the pace offered never grows to catch up. */
static int64_t next_due(const struct connection *connection, int64_t now, bool first)
{
	int64_t gap = gap_at(connection, now);
	if (gap == 0)
		return now;
	if (first) {
		double place = connection->number * 0.6180339887498949;
		int64_t due = now - now % gap + (int64_t)(gap * (place - (int64_t)place));
		return due > now ? due : due + gap;
	}
	int64_t missed = (now - connection->due) / gap;
	return connection->due + gap * (missed + 1);
}

static bool send_event(struct connection *connection)
{
	char stamp[STAMP_DIGITS + 1];
	snprintf(stamp, sizeof stamp, "%0*lld", STAMP_DIGITS, (long long)now_ns());
	memcpy(event + sizeof event_before_stamp - 1, stamp, STAMP_DIGITS);
	if (connection->burst == 1)
		return send_now(connection, event, sizeof event - 1);
	char burst[BURST_LIMIT * sizeof event];
	for (int i = 0; i < connection->burst; i++)
		memcpy(burst + i * (sizeof event - 1), event, sizeof event - 1);
	return send_now(connection, burst, connection->burst * (sizeof event - 1));
}

static bool begin_stream(struct connection *connection)
{
	char id[37], head[UNSENT_LIMIT];
	write_uuid(id);
	int length = snprintf(head, sizeof head,
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
		"X-Vercel-AI-UI-Message-Stream: v1\r\nTransfer-Encoding: chunked\r\n\r\n"
		CHUNK("4b", "data: {\"type\":\"start\",\"messageId\":\"%s\"}\n\n")
		CHUNK("26", "data: {\"type\":\"text-start\",\"id\":\"0\"}\n\n"), id);
	connection->phase = STREAMING;
	return send_now(connection, head, length);
}

static bool finish_stream(struct connection *connection)
{
	bool sent = send_now(connection, last_events, sizeof last_events - 1);
	end_stream(connection);
	return sent;
}

/* A timer ran out: the headers are due, or an event. False: the peer is gone. */
static bool fire(struct connection *connection)
{
	bool first = connection->phase == WAITING;
	if (first && !begin_stream(connection))
		return false;
	for (int sent = 0; !connection->unsent; sent++) {
		if (connection->left == 0)
			return finish_stream(connection);
		if (!send_event(connection))
			return false;
		if (connection->left > 0)
			connection->left--;
		/* A stream with an end sends all it has when its pace is 0; an endless one lets others take turns. */
		if (connection->gap > 0 || sent == EVENTS_AT_ONCE)
			break;
	}
	if (connection->unsent && connection->gap == 0)
		return true; /* goes on when the socket takes more */
	set_timer(connection, next_due(connection, now_ns(), first));
	return true;
}

/* ---- requests ---- */

static long long asked_number(const char *body, const char *name, long long otherwise)
{
	const char *found = strstr(body, name);
	return found ? atoll(found + strlen(name)) : otherwise;
}

static bool answer_message(struct connection *connection, const char *body)
{
	connection->number = asked_number(body, "number=", 0) & (STREAMS - 1);
	connection->gap = asked_number(body, "gap=", 20000) * 1000;
	connection->left = asked_number(body, "count=", -1);
	connection->burst = asked_number(body, "burst=", 1);
	if (connection->burst < 1 || connection->burst > BURST_LIMIT)
		connection->burst = 1;
	connection->phase = WAITING;
	open_streams++;
	records[connection->number] = (struct record){.asked = now_ns()};
	int64_t wait = asked_number(body, "wait=", 0) * 1000000;
	if (!wait)
		return fire(connection);
	set_timer(connection, now_ns() + wait);
	return true;
}

static bool answer_request(struct connection *connection, const char *body)
{
	const char *request = connection->request;
	if (!strstr(request, authorization))
		return send_json(connection, "401 Unauthorized", "{\"error\":{\"message\":\"No token.\"}}");
	const char *line_end = strstr(request, "\r\n");
	const char *messages = strstr(request, "/messages ");
	if (messages && messages < line_end)
		return answer_message(connection, body);
	return send_conversation(connection);
}

/* Reads on, and answers a request once it is whole. False: the peer is gone, or sends what is no request. */
static bool read_request(struct connection *connection)
{
	char *request = connection->request;
	ssize_t got = recv(connection->fd, request + connection->received, REQUEST_LIMIT - connection->received, 0);
	if (got < 0)
		return errno == EAGAIN;
	if (got == 0 || connection->phase != READING)
		return got != 0;
	connection->received += got;
	request[connection->received] = 0;
	char *body = strstr(request, "\r\n\r\n");
	if (!body)
		return connection->received < REQUEST_LIMIT;
	body += 4;
	const char *length = strcasestr(request, "\r\ncontent-length:");
	size_t whole = body - request + (length && length < body ? strtoul(length + 17, NULL, 10) : 0);
	if (connection->received < whole)
		return whole <= REQUEST_LIMIT;
	connection->received = 0; /* clients of this program do not pipeline */
	return answer_request(connection, body);
}

static void accept_all(int listener)
{
	for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		struct connection *connection = calloc(1, sizeof *connection);
		if (!connection)
			abort();
		connection->fd = fd;
		connection->heap_index = -1;
		struct epoll_event wanted = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = connection};
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &wanted);
	}
}

static void handle(struct connection *connection, uint32_t events)
{
	bool alive = !(events & (EPOLLERR | EPOLLHUP));
	if (alive && events & EPOLLOUT) {
		alive = send_unsent(connection);
		if (alive && !connection->unsent && connection->phase == STREAMING && connection->gap == 0)
			alive = fire(connection);
	}
	if (alive && events & EPOLLIN)
		alive = read_request(connection);
	if (!alive || events & EPOLLRDHUP)
		leave(connection);
}

/* ---- the program ---- */

static void report(void)
{
	for (int number = 0; number < STREAMS; number++)
		if (records[number].asked)
			printf("%d %lld %lld %lld\n", number, (long long)records[number].asked,
				(long long)records[number].gone, (long long)records[number].bytes);
	puts("end");
}

static void begin_ramp(const char *arguments)
{
	int slot_ms = 0, percent = 100;
	if (sscanf(arguments, "%d %d", &slot_ms, &percent) == 2) {
		ramp_began = now_ns();
		ramp_slot = slot_ms * 1000000LL;
		ramp_growth = percent / 100.0;
	}
}

static void command(void)
{
	char line[64] = {0};
	ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
	if (got <= 0)
		exit(0);
	if (!strncmp(line, "open", 4))
		printf("%d\n", open_streams);
	else if (!strncmp(line, "report", 6))
		report();
	else if (!strncmp(line, "reset", 5))
		memset(records, 0, sizeof records);
	else if (!strncmp(line, "ramp ", 5))
		begin_ramp(line + 5);
	fflush(stdout);
}

static int listen_on(int port)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
		perror("emitter");
		exit(1);
	}
	return listener;
}

static void fire_what_is_due(void)
{
	int64_t now = now_ns();
	for (int fired = 0; heap_size && heap[0]->due <= now && fired < FIRED_AT_ONCE; fired++) {
		struct connection *connection = heap[0];
		cancel_timer(connection);
		if (!fire(connection))
			leave(connection);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: emitter PORT TOKEN\n", stderr);
		return 2;
	}
	static char bearer[256];
	snprintf(bearer, sizeof bearer, "Bearer %s\r\n", argv[2]);
	authorization = bearer;
	prctl(PR_SET_TIMERSLACK, 1);
	int listener = listen_on(atoi(argv[1]));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &epoll_fd});
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
	puts("ready");
	fflush(stdout);
	for (;;) {
		fire_what_is_due();
		int64_t wait = heap_size ? heap[0]->due - now_ns() : 1000000000;
		wait = wait < 0 ? 0 : wait;
		struct timespec timeout = {wait / 1000000000, wait % 1000000000};
		struct epoll_event events[EVENTS_AT_ONCE];
		int count = epoll_pwait2(epoll_fd, events, EVENTS_AT_ONCE, &timeout, NULL);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				command();
			else if (events[i].data.ptr == &epoll_fd)
				accept_all(listener);
			else
				handle(events[i].data.ptr, events[i].events);
		}
	}
}
