"""What Prometheus may read at /metrics: counts and times, no person in any label."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

turns = Counter("mouwakib_turns_total", "Messages handled, by channel and outcome", ["channel", "outcome"])
turn_seconds = Histogram(
    "mouwakib_turn_seconds",
    "From a message's arrival to its commit",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
group_size = Histogram("mouwakib_group_size", "Turns in one commit", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
sends = Counter("mouwakib_sends_total", "Messages sent, by channel and outcome", ["channel", "outcome"])
queued = Gauge("mouwakib_outbox_queued", "Messages waiting in the outbox")
billed = Counter("mouwakib_whatsapp_billed_total", "WhatsApp messages Meta bills, by category", ["category"])
misreads = Counter("mouwakib_misreads_total", "Messages the open question could not read", ["question"])


@cache
def turn(channel: str, outcome: str) -> Counter:
    """The counter of turns that ended so: looked up once, as every turn counts."""
    return turns.labels(channel, outcome)


@cache
def send(channel: str, outcome: str) -> Counter:
    """The counter of letters that ended so."""
    return sends.labels(channel, outcome)
