/*
 * The readers of the measurements: many streams on one thread, each event's age taken as it arrives.
 *
 * Opens STREAMS connections, asks on each, waits until all are live (a first event came) or refused, warms up, and
 * measures for a window. Then it goes on reading until it is told what to do.
 *
 * Usage: client name=value ...
 *   port=N          where the server is (loopback)
 *   targets=FILE    one line "PATH TOKEN" a stream; streams beyond its end begin again at its top
 *   ask=TEXT        the message's content, for the emitter; "number=N" is added
 *   streams=N       so many at once
 *   arrive=N        so many new ones a second; 0: all at once
 *   settle=MS       after the last was opened, wait at most so long until all are live
 *   warm=MS window=MS slot=MS    the window is also reported in slots; slot=0: only as a whole
 *   stall=N ask_stalled=TEXT     streams from N on ask that, and read nothing after their first event
 *   one_by_one=N    instead of all that: N streams one after the other, each until its end
 *
 * Prints "begin" and "end" with the window, then one line of JSON. Times are microseconds unless named otherwise.
 * Each stream has a source address of its own (127.1.x.y): readers are many people.
 *
 * Commands on standard input:  leave US   close one connection each US microseconds; answers "number left-at" for
 *                                         each, then "end", and ends the program
 *                              count      answers how many streams are live
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
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	STREAMS = 65536,
	REQUEST_LIMIT = 4096,
	READ_SIZE = 65536,
	HEAD_LIMIT = 8192 + READ_SIZE, /* the read that ends a head may hold many events */
	EVENTS_AT_ONCE = 256,
	STAMP_DIGITS = 17,
	STALLED_BUFFER = 65536,
	STATUSES = 600,
	PAUSE_NS = 2000000, /* between two of one_by_one: the server may finish what follows an answer */
};

enum phase { CONNECTING, IN_HEAD, IN_BODY, STALLED, ENDED, REFUSED, BROKEN };
enum framing { SIZE, DATA, AFTER_DATA, UNTIL_CLOSE };

struct stream {
	int fd, number;
	enum phase phase;
	enum framing framing;
	size_t chunk_left;
	int digits_left; /* of the stamp being read; 0: none */
	int64_t stamp, started, first;
	char *head; /* what came of the response's head; freed at its end */
	size_t head_length;
};

struct samples {
	uint32_t *values; /* tenths of microseconds */
	size_t count, room;
};

static struct stream streams[STREAMS];
static struct samples ages, firsts, refusals;
static size_t slot_ends[4096];
static int slots;
static long statuses[STATUSES];
static int epoll_fd, opened, live, refused, broken, ended;
static long taken; /* events, in the window and out of it */
static int64_t window_begin, window_end;
static bool in_window;

static struct {
	int port, streams, arrive, settle, warm, window, slot, stall, one_by_one;
	const char *targets, *ask, *ask_stalled;
} options = {.stall = STREAMS, .ask = "", .ask_stalled = ""};

static char **paths, **tokens;
static int targets;

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* ---- samples ---- */

static void add(struct samples *samples, int64_t ns)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? samples->room * 2 : 65536;
		samples->values = realloc(samples->values, samples->room * sizeof *samples->values);
		if (!samples->values)
			abort();
	}
	int64_t tenths = ns < 0 ? 0 : ns / 100;
	samples->values[samples->count++] = tenths > UINT32_MAX ? UINT32_MAX : tenths;
}

static int ascending(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

/* Prints {"count", "p50", "p99", "max"} of values[from..to), which it sorts. */
static void print_summary(const struct samples *samples, size_t from, size_t to)
{
	size_t count = to - from;
	uint32_t *values = samples->values + from;
	if (!count) {
		printf("{\"count\":0}");
		return;
	}
	qsort(values, count, sizeof *values, ascending);
	printf("{\"count\":%zu,\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}", count, values[count / 2] / 10.0,
		values[count * 99 / 100] / 10.0, values[count - 1] / 10.0);
}

/* ---- one stream ---- */

static void watch(struct stream *stream, int operation, uint32_t events)
{
	struct epoll_event wanted = {.events = events, .data.ptr = stream};
	epoll_ctl(epoll_fd, operation, stream->fd, &wanted);
}

static void over(struct stream *stream, enum phase phase)
{
	if (stream->phase >= ENDED)
		return;
	if (stream->first)
		live--;
	stream->phase = phase;
	if (phase == ENDED)
		ended++;
	else if (phase == REFUSED)
		refused++;
	else
		broken++;
	free(stream->head);
	stream->head = NULL;
	close(stream->fd);
	stream->fd = -1;
}

static void open_stream(int number)
{
	struct stream *stream = &streams[number];
	*stream = (struct stream){.number = number, .started = now_ns()};
	stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0) {
		perror("client: socket");
		exit(1);
	}
	setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (number >= options.stall) /* else its own kernel takes megabytes, and what the proxy does shows late */
		setsockopt(stream->fd, SOL_SOCKET, SO_RCVBUF, &(int){STALLED_BUFFER}, sizeof(int));
	struct sockaddr_in source = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f010000 + (number / 250 << 8) + number % 250 + 1)};
	struct sockaddr_in server = {
		.sin_family = AF_INET, .sin_port = htons(options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(stream->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
	bind(stream->fd, (struct sockaddr *)&source, sizeof source);
	opened++;
	if (connect(stream->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) {
		over(stream, BROKEN);
		return;
	}
	watch(stream, EPOLL_CTL_ADD, EPOLLOUT);
}

static bool send_request(struct stream *stream)
{
	char body[REQUEST_LIMIT / 2], request[REQUEST_LIMIT];
	int target = stream->number % targets;
	int body_length = snprintf(body, sizeof body, "{\"content\":\"number=%d %s\",\"stream\":true}", stream->number,
		stream->number >= options.stall ? options.ask_stalled : options.ask);
	int length = snprintf(request, sizeof request,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
		"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s",
		paths[target], options.port, tokens[target], body_length, body);
	stream->phase = IN_HEAD;
	watch(stream, EPOLL_CTL_MOD, EPOLLIN);
	return send(stream->fd, request, length, MSG_NOSIGNAL) == length;
}

static void take_event(struct stream *stream, int64_t now)
{
	taken++;
	if (in_window && stream->number < options.stall)
		add(&ages, now - stream->stamp);
	if (stream->first)
		return;
	stream->first = now;
	live++;
	add(&firsts, now - stream->started);
	if (stream->number >= options.stall) {
		stream->phase = STALLED;
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, stream->fd, NULL);
	}
}

/* Finds the stamps in a part of the body, which may begin and end anywhere. */
static void scan(struct stream *stream, const char *at, const char *end, int64_t now)
{
	while (at < end) {
		if (!stream->digits_left) {
			at = memchr(at, '@', end - at);
			if (!at)
				return;
			at++;
			stream->digits_left = STAMP_DIGITS;
			stream->stamp = 0;
			continue;
		}
		stream->stamp = stream->stamp * 10 + (*at++ - '0');
		if (--stream->digits_left == 0)
			take_event(stream, now);
	}
}

/* Takes the chunked framing off (RFC 9112, section 7.1; no trailers). True: the last chunk was read. */
static bool read_body(struct stream *stream, const char *at, const char *end, int64_t now)
{
	while (at < end) {
		const char *line_end;
		size_t here;
		switch (stream->framing) {
		case UNTIL_CLOSE:
			scan(stream, at, end, now);
			return false;
		case DATA:
			here = (size_t)(end - at) < stream->chunk_left ? (size_t)(end - at) : stream->chunk_left;
			scan(stream, at, at + here, now);
			at += here;
			stream->chunk_left -= here;
			if (!stream->chunk_left)
				stream->framing = AFTER_DATA;
			break;
		case AFTER_DATA:
			line_end = memchr(at, '\n', end - at);
			if (!line_end)
				return false;
			at = line_end + 1;
			stream->framing = SIZE;
			break;
		case SIZE:
			for (; at < end && *at != '\n'; at++) {
				char c = *at | 0x20;
				if (c >= '0' && c <= '9')
					stream->chunk_left = stream->chunk_left * 16 + (c - '0');
				else if (c >= 'a' && c <= 'f')
					stream->chunk_left = stream->chunk_left * 16 + (c - 'a' + 10);
			}
			if (at == end)
				return false;
			at++;
			if (!stream->chunk_left)
				return true;
			stream->framing = DATA;
		}
	}
	return false;
}

/* Reads the head of the response and what follows it. */
static void read_head(struct stream *stream, const char *bytes, size_t length, int64_t now)
{
	if (!stream->head)
		stream->head = malloc(HEAD_LIMIT + 1);
	if (!stream->head || stream->head_length + length > HEAD_LIMIT) {
		over(stream, BROKEN);
		return;
	}
	memcpy(stream->head + stream->head_length, bytes, length);
	stream->head_length += length;
	stream->head[stream->head_length] = 0;
	char *body = strstr(stream->head, "\r\n\r\n");
	if (!body)
		return;
	body += 4;
	int status = atoi(stream->head + sizeof "HTTP/1.1" - 1);
	statuses[status > 0 && status < STATUSES ? status : 0]++;
	if (status != 200) {
		add(&refusals, now - stream->started);
		over(stream, REFUSED);
		return;
	}
	const char *chunked = strcasestr(stream->head, "\r\ntransfer-encoding: chunked");
	stream->framing = chunked && chunked < body ? SIZE : UNTIL_CLOSE;
	stream->phase = IN_BODY;
	if (read_body(stream, body, stream->head + stream->head_length, now))
		over(stream, ENDED);
	free(stream->head);
	stream->head = NULL;
}

static void handle(struct stream *stream, uint32_t events)
{
	static char buffer[READ_SIZE];
	if (stream->phase >= STALLED)
		return;
	if (stream->phase == CONNECTING) {
		if (events & (EPOLLERR | EPOLLHUP) || !send_request(stream))
			over(stream, BROKEN);
		return;
	}
	ssize_t got = recv(stream->fd, buffer, sizeof buffer, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		over(stream, got == 0 && stream->framing == UNTIL_CLOSE ? ENDED : BROKEN);
		return;
	}
	if (stream->phase == IN_HEAD)
		read_head(stream, buffer, got, now_ns());
	else if (read_body(stream, buffer, buffer + got, now_ns()))
		over(stream, ENDED);
}

/* ---- all of them ---- */

static bool command(void)
{
	char line[64] = {0};
	if (read(STDIN_FILENO, line, sizeof line - 1) <= 0)
		exit(0);
	if (!strncmp(line, "count", 5)) {
		printf("%d\n", live);
		fflush(stdout);
		return true;
	}
	long pause_us = strncmp(line, "leave ", 6) ? 0 : atol(line + 6);
	for (int number = 0; number < opened; number++) {
		if (streams[number].fd < 0)
			continue;
		printf("%d %lld\n", number, (long long)now_ns());
		close(streams[number].fd);
		struct timespec pause = {pause_us / 1000000, pause_us % 1000000 * 1000};
		if (pause_us)
			nanosleep(&pause, NULL);
	}
	puts("end");
	fflush(stdout);
	return false;
}

/* Reads what came until `until` at the latest. False: told to end. */
static bool turn(int64_t until)
{
	int64_t wait = until - now_ns();
	wait = wait < 0 ? 0 : wait;
	struct timespec timeout = {wait / 1000000000, wait % 1000000000};
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = epoll_pwait2(epoll_fd, events, EVENTS_AT_ONCE, &timeout, NULL);
	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr)
			handle(events[i].data.ptr, events[i].events);
		else if (!command())
			return false;
	}
	return true;
}

static bool settled(void)
{
	return live + refused + broken + ended >= opened;
}

static void open_all(void)
{
	int64_t began = now_ns();
	while (opened < options.streams) {
		int64_t due = began + (options.arrive ? opened * 1000000000LL / options.arrive : 0);
		if (now_ns() >= due)
			open_stream(opened);
		if (!turn(options.arrive ? due : 0))
			exit(0);
	}
	int64_t deadline = now_ns() + options.settle * 1000000LL;
	while (!settled() && now_ns() < deadline)
		if (!turn(deadline))
			exit(0);
}

static void pass(int ms)
{
	for (int64_t until = now_ns() + ms * 1000000LL; now_ns() < until;)
		if (!turn(until))
			exit(0);
}

static void measure(void)
{
	pass(options.warm);
	puts("begin");
	fflush(stdout);
	window_begin = now_ns();
	in_window = true;
	if (options.slot)
		for (int passed = 0; passed < options.window && slots < 4096; passed += options.slot) {
			pass(options.slot);
			slot_ends[slots++] = ages.count;
		}
	else
		pass(options.window);
	in_window = false;
	window_end = now_ns();
	puts("end");
	fflush(stdout);
}

static void one_by_one(void)
{
	for (int number = 0; number < options.one_by_one; number++) {
		struct stream *stream = &streams[number];
		open_stream(number);
		for (int64_t deadline = now_ns() + options.settle * 1000000LL; stream->phase < ENDED;) {
			if (now_ns() > deadline)
				over(stream, BROKEN);
			else if (!turn(deadline))
				exit(0);
		}
		for (int64_t until = now_ns() + PAUSE_NS; now_ns() < until;)
			if (!turn(until))
				exit(0);
	}
}

static void print_result(void)
{
	printf("{\"live\":%d,\"ended\":%d,\"refused\":%d,\"broken\":%d,\"taken\":%ld,\"seconds\":%.6f,\"statuses\":{", live,
		ended, refused, broken, taken, (window_end - window_begin) / 1e9);
	const char *comma = "";
	for (int status = 0; status < STATUSES; status++)
		if (statuses[status]) {
			printf("%s\"%d\":%ld", comma, status, statuses[status]);
			comma = ",";
		}
	printf("},\"slots\":[");
	for (int slot = 0; slot < slots; slot++) {
		printf(slot ? "," : "");
		print_summary(&ages, slot ? slot_ends[slot - 1] : 0, slot_ends[slot]);
	}
	printf("],\"ages\":");
	print_summary(&ages, 0, ages.count);
	printf(",\"firsts\":");
	print_summary(&firsts, 0, firsts.count);
	printf(",\"refusals\":");
	print_summary(&refusals, 0, refusals.count);
	puts("}");
	fflush(stdout);
}

static void read_targets(void)
{
	FILE *file = fopen(options.targets, "r");
	if (!file) {
		perror(options.targets);
		exit(1);
	}
	paths = calloc(STREAMS, sizeof *paths);
	tokens = calloc(STREAMS, sizeof *tokens);
	while (targets < STREAMS && fscanf(file, "%ms %ms", &paths[targets], &tokens[targets]) == 2)
		targets++;
	fclose(file);
	if (!targets) {
		fprintf(stderr, "client: no targets\n");
		exit(1);
	}
}

static void read_options(int argc, char **argv)
{
	struct {
		const char *name;
		int *number;
		const char **text;
	} known[] = {
		{"port=", &options.port, NULL}, {"streams=", &options.streams, NULL}, {"arrive=", &options.arrive, NULL},
		{"settle=", &options.settle, NULL}, {"warm=", &options.warm, NULL}, {"window=", &options.window, NULL},
		{"slot=", &options.slot, NULL}, {"stall=", &options.stall, NULL},
		{"one_by_one=", &options.one_by_one, NULL}, {"targets=", NULL, &options.targets},
		{"ask=", NULL, &options.ask}, {"ask_stalled=", NULL, &options.ask_stalled},
	};
	size_t option, options_known = sizeof known / sizeof *known;
	for (int i = 1; i < argc; i++) {
		for (option = 0; option < options_known; option++)
			if (!strncmp(argv[i], known[option].name, strlen(known[option].name)))
				break;
		if (option == options_known) {
			fprintf(stderr, "client: what is %s?\n", argv[i]);
			exit(2);
		}
		const char *value = argv[i] + strlen(known[option].name);
		if (known[option].number)
			*known[option].number = atoi(value);
		else
			*known[option].text = value;
	}
	if (!options.port || !options.targets || options.streams > STREAMS || options.one_by_one > STREAMS)
		exit(2);
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	read_targets();
	prctl(PR_SET_TIMERSLACK, 1);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){.events = EPOLLIN, .data.ptr = NULL});
	if (options.one_by_one) {
		one_by_one();
	} else {
		open_all();
		measure();
	}
	print_result();
	while (turn(now_ns() + 1000000000LL))
		;
}
