// The cost of a round trip and of a stream's segments over a network, as a program of Linux sees it.
//
//	measure NAME ADDRESS   to the host at ADDRESS, figures said as "bench: WHATNAME=INSTRUCTIONS"
//	measure segmented INTERFACE   has it send frames, not bundles of them
//	measure serve          the other end, for a host that is a Linux itself
//
// The counter counts virtual time, one nanosecond for each instruction of the only core, as long as that never
// waits. Streams keep it busy. Of round trips the shortest is taken: the critical partition looks at the channel
// at its own pace, and some request comes just before it does.

#include <arpa/inet.h>
#include <err.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define SINK 5001
#define SOURCE 5002
#define PINGS 400
// Instructions between the phases at which pings are sent.
#define STEP 263
// Bytes of a stream that pass before the count, and in it.
#define BEFORE (1 << 20)
#define COUNTED (16 << 20)
// Payload of a full segment without options.
#define SEGMENT 1460

static uint64_t nanoseconds(void)
{
	uint64_t ticks, frequency;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks));
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
	return ticks * (1000000000 / frequency);
}

static struct sockaddr_in at(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (address && !inet_aton(address, &to.sin_addr))
		errx(2, "%s: no address", address);
	return to;
}

static uint16_t checksum(const void *bytes, size_t length)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < length / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

// One round trip of 64 bytes of ICMP; 0 if it was lost.
static uint64_t ping(int s, const struct sockaddr_in *to, uint16_t number)
{
	struct {
		struct icmphdr header;
		char data[56];
	} request = { .header = { .type = ICMP_ECHO, .un.echo.sequence = number } };
	char reply[128];
	uint64_t start = nanoseconds();

	request.header.checksum = checksum(&request, sizeof(request));
	if (sendto(s, &request, sizeof(request), 0, (const void *)to, sizeof(*to)) < 0)
		err(1, "sendto");
	for (;;) {
		const struct icmphdr *answer = (void *)(reply + 20);
		ssize_t length = recv(s, reply, sizeof(reply), 0);

		if (length < 0)
			return 0;
		if (length == 84 && answer->type == ICMP_ECHOREPLY && answer->un.echo.sequence == number)
			return nanoseconds() - start;
	}
}

static uint64_t shortest_ping(const char *address)
{
	const struct timeval patience = { .tv_usec = 100000 };
	struct sockaddr_in to = at(address, 0);
	uint64_t shortest = UINT64_MAX;
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		err(1, "socket");
	for (unsigned int n = 0; n < PINGS; n++) {
		uint64_t next = nanoseconds() + n * STEP % 100000;
		uint64_t took;

		while (nanoseconds() < next)
			;
		took = ping(s, &to, n);
		if (took && took < shortest)
			shortest = took;
	}
	close(s);
	return shortest;
}

static int connected(const char *address, int port)
{
	struct sockaddr_in to = at(address, port);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s < 0 || connect(s, (void *)&to, sizeof(to)))
		err(1, "connect %s:%d", address, port);
	return s;
}

static char buffer[128 << 10];

// Passes so many bytes by `pass`, which is send or recv.
static void stream(int s, ssize_t (*pass)(int, void *, size_t, int), size_t bytes)
{
	while (bytes) {
		size_t piece = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
		ssize_t passed = pass(s, buffer, piece, 0);

		if (passed <= 0)
			err(1, "stream");
		bytes -= passed;
	}
}

static ssize_t sent(int s, void *bytes, size_t length, int flags)
{
	return send(s, bytes, length, flags);
}

static void say(const char *what, const char *name, uint64_t figure)
{
	printf("bench: %s%s=%llu\n", what, name, (unsigned long long)figure);
}

static void segment(const char *what, const char *name, int s, ssize_t (*pass)(int, void *, size_t, int))
{
	uint64_t start, took;

	stream(s, pass, BEFORE);
	start = nanoseconds();
	stream(s, pass, COUNTED);
	took = nanoseconds() - start;
	say(what, name, took * SEGMENT / COUNTED);
	close(s);
}

static int listening(int port)
{
	struct sockaddr_in here = at(NULL, port);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s < 0 || bind(s, (void *)&here, sizeof(here)) || listen(s, 1))
		err(1, "listen");
	return s;
}

// Takes or sends on each connection until its other end closes it.
static void serve(int port, ssize_t (*pass)(int, void *, size_t, int))
{
	int listener = listening(port);

	for (;;) {
		int s = accept(listener, NULL, NULL);

		while (pass(s, buffer, sizeof(buffer), 0) > 0)
			;
		close(s);
	}
}

// No segmentation below TCP: what is sent to the interface has the length of its frames.
static void send_segments(const char *interface)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	const uint32_t features[] = { ETHTOOL_STSO, ETHTOOL_SGSO };

	for (size_t i = 0; i < 2; i++) {
		struct ethtool_value off = { .cmd = features[i] };
		struct ifreq request = { .ifr_data = (void *)&off };

		strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
		if (s < 0 || ioctl(s, SIOCETHTOOL, &request))
			err(1, "%s", interface);
	}
	close(s);
}

int main(int count, char **arguments)
{
	signal(SIGPIPE, SIG_IGN);
	if (count == 2 && !strcmp(arguments[1], "serve")) {
		if (fork())
			serve(SINK, recv);
		else
			serve(SOURCE, sent);
	}
	if (count != 3)
		errx(2, "usage: measure NAME ADDRESS | measure segmented INTERFACE | measure serve");
	if (!strcmp(arguments[1], "segmented")) {
		send_segments(arguments[2]);
		return 0;
	}

	const char *name = arguments[1], *address = arguments[2];

	say("ping_rtt", name, shortest_ping(address));
	segment("tcp_segment_sent", name, connected(address, SINK), sent);
	segment("tcp_segment_received", name, connected(address, SOURCE), recv);
	return 0;
}
