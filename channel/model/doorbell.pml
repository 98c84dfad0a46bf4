/*
 * One direction of a link: a sender, a receiver that sleeps, and the monitor between them with its limit.
 *
 * It is the protocol of docs/virtualnet.md reduced to what can lose a wake-up. What frames hold is left out, and what
 * order their slots are written in: that is loom's part (channel/tests/interleavings.rs). In exchange all three are
 * here, with a second ringer that keeps to no protocol, and every interleaving is searched.
 *
 *   here                   in the sources
 *   send, doorbell         Endpoint::send, Endpoint::doorbell   channel/src/endpoint/send.rs
 *   drain, arm             Endpoint::receive, Endpoint::arm     channel/src/endpoint/receive.rs
 *   ring, due, acknowledge Doorbell                             core/src/doorbell.rs
 *
 * Each processor's stores wait in a buffer until its next fence or until they leave it by themselves: so an order that
 * only a fence keeps is not kept without it.
 *
 * Looked for: a state in which nothing can happen any more while a frame lies untaken and the receiver sleeps (watch), a
 * process that waits for ever anywhere else (an invalid end state), and a run without end (a cycle: nothing here is
 * marked as progress).
 *
 * A fault is put in by its name: see tests/doorbell.rs.
 */

#define SLOTS 2
#define FRAMES 3
#define BURST 1
/* Rings of somebody who is not asked to. */
#define STRAY 2

/* Shared memory, and the stores that have not got there. */
byte prod, cons, want;
chan of_sender = [2] of { byte };
chan of_receiver = [2] of { bool, byte };

/* The monitor's. */
mtype = { quiet, waiting, delivered };
mtype bell = quiet;
byte tokens = BURST;
/* The receiver's interrupt is pending. */
bool interrupt;

/* Positions that are private to an end; the watcher looks at them. */
byte sent, taken;

inline due() {
	if
	:: bell == waiting && tokens > 0 ->
		tokens--;
		bell = delivered;
		interrupt = true
	:: else
	fi
}

/* Calls of the monitor hold a lock. */
inline ring() {
	d_step {
		if
#ifdef LIMIT_DROPS
		:: bell == quiet && tokens > 0 -> bell = waiting
#else
		:: bell == quiet -> bell = waiting
#endif
		:: else
		fi;
		due()
	}
}

inline acknowledge() {
	d_step {
		due();
		if
		:: bell == delivered -> bell = quiet
		:: else
		fi
	}
}

/* Stores leave their buffers in order, at any time. */
active proctype buffer_of_sender() {
	byte value;
end:
	do
	:: atomic { of_sender?value -> prod = value }
	od
}

active proctype buffer_of_receiver() {
	bool is_want;
	byte value;
end:
	do
	:: atomic { of_receiver?is_want, value ->
		if
		:: is_want -> want = value
		:: else -> cons = value
		fi
	}
	od
}

active proctype sender() {
	byte frame, acknowledged, answered, request;

	do
	:: frame < FRAMES ->
		frame++;
		if
		:: sent - acknowledged >= SLOTS -> acknowledged = cons
		:: else
		fi;
		if
		:: sent - acknowledged >= SLOTS -> skip /* full: dropped and counted */
		:: else ->
			sent++;
			of_sender!sent;
#ifndef NO_FENCE_OF_SENDER
			empty(of_sender);
#endif
			request = want;
			if
			:: request == 0 || request == answered
			:: else ->
				answered = request;
				ring()
			fi
		fi
	:: else -> break
	od
}

/* Who rings without being asked, at any time: an attacker, or an end that starts anew. */
active proctype stray() {
	byte rings;

	do
	:: rings < STRAY -> rings++; ring()
	:: break
	od
}

active proctype receiver() {
	byte request, seen;

	do
	:: true ->
		/* First: a doorbell that comes after it is for frames that are received after it. */
		acknowledge();
drain:
		seen = prod;
		do
		:: taken < seen ->
			taken++;
			of_receiver!false, taken
		:: else -> break
		od;
#ifdef NO_NEW_REQUEST
		request = 1;
#else
		request++;
#endif
		of_receiver!true, request;
#ifndef NO_FENCE_OF_RECEIVER
		empty(of_receiver);
#endif
#ifndef NO_LOOK_AFTER_ASKING
		seen = prod;
		if
		:: seen != taken ->
			of_receiver!true, 0;
			goto drain
		:: else
		fi;
#endif
end_asleep:
#ifndef NEVER_SLEEPS
		atomic { interrupt -> interrupt = false }
#endif
	od
}

/* Time: the bucket fills, and the monitor looks after what waits for it. */
active proctype time() {
end:
	do
	:: tokens < BURST -> tokens++
#ifndef NOBODY_LOOKS
	:: d_step { bell == waiting && tokens > 0 -> due() }
#endif
	od
}

active proctype watch() {
end:
	do
	:: timeout -> assert(taken == sent); break
	od
}
