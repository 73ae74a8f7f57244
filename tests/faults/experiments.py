"""The experiments by name; what each breaks stands in its fault."""

from tests.faults import breaking as b
from tests.faults import services as s
from tests.faults.trial import Experiment

SOCKETS, PAGES = ("sockets1", "sockets2"), ("web1", "web2")
ALL = [
    Experiment("row locked", "the row of one conversation is locked", b.row_locked, 5, 25, most=2.0,
               before="no message anywhere was acknowledged for 25 s, all sockets lost"),
    Experiment("sockets killed", "both socket processes die", b.killed(*SOCKETS), 1.5, 10,
               before="4 tabs behind after 60 s; open again p95 88.8 s"),
    Experiment("socket process stopped", "one socket process is stopped and started", b.stopped("sockets1"), 2, 10),
    Experiment("socket process killed", "one socket process dies", b.killed("sockets2"), 0, 10),
    Experiment("pages killed", "both processes of pages die", b.killed(*PAGES), 1, 10, before="nginx's own 502 page"),
    Experiment("pages stopped", "one process of pages is stopped and started", b.stopped("web1"), 0, 10),
    Experiment("killed before commit", "sockets die between INSERT and COMMIT", b.killed_before_commit, 1, 1),
    Experiment("killed before acknowledgement", "sockets die between COMMIT and acknowledgement",
               b.killed_before_acknowledgement, 1, 1),
    Experiment("killed before fan-out", "sockets die between COMMIT and fan-out", b.killed_before_fan_out, 1, 1),
    Experiment("half-open sockets", "lines to the socket processes are dead and nobody is told",
               s.line("sockets", "silent"), 3, 20),
    Experiment("worker killed", "the worker dies while it hands a mail over", b.worker_killed, 1, 10, mail_again=True,
               before="tasks stay RUNNING for ever"),
    Experiment("mail server hangs", "the mail server says nothing", b.mail_hangs, 4, 30, before="all other work waits"),
    Experiment("mail server refuses", "the mail server puts mails off", b.mail_refused, 0, 20),
    Experiment("mail server breaks off", "mails are taken and nobody is told", b.mail_dropped, 4, 20, mail_again=True,
               before="a new Message-ID at each try"),
    Experiment("leader killed", "the indexer that leads dies", b.leader_killed, 1, 1),
    Experiment("leader stopped", "the indexer that leads is stopped for a while, and goes on", b.leader_stopped, 14, 30,
               before="no takeover (26 s, 79 keys waiting); a stale document over a newer one"),
    Experiment("many waiting", "entries of an import wait", b.many_waiting, 1, 25,
               before="an interactive edit waits for all of them"),
    Experiment("PostgreSQL restarted", "PostgreSQL is restarted", s.postgres_restarted, 1, 5,
               before="16 answers of 500, until 66 s after"),
    Experiment("PostgreSQL killed", "PostgreSQL dies", s.postgres_killed, 1, 10),
    Experiment("PostgreSQL hangs", "nothing comes through to PostgreSQL", s.line("database", "hold"), 0, 25),
    Experiment("PostgreSQL cut", "connections to PostgreSQL are reset", s.line("database", "cut"), 0, 10),
    Experiment("connections used up", "no connection of PostgreSQL is free", s.connections_used_up, 4, 20),
    Experiment("Redis killed", "Redis dies", s.redis_killed, 2, 15),
    Experiment("Redis hangs", "nothing comes through to Redis", s.line("redis", "hold"), 6, 25, most=2.0,
               before="acknowledgements p95 8.7 s, five tabs lost"),
    Experiment("Redis slow", "Redis answers 2 s late", s.line("redis", "slow", 2.0), 0, 25),
    Experiment("Redis cut", "connections to Redis are reset", s.line("redis", "cut"), 2, 15),
    Experiment("pub/sub cut", "the connections of pub/sub are closed again and again", s.pubsub_cut, 3, 15),
    Experiment("Elasticsearch killed", "Elasticsearch dies", s.elastic_killed, 1, 10),
    Experiment("Elasticsearch hangs", "nothing comes through to Elasticsearch", s.line("elasticsearch", "hold"), 5, 25),
    Experiment("Elasticsearch slow", "Elasticsearch answers late", s.line("elasticsearch", "slow", 1.5), 0, 25),
    Experiment("Elasticsearch read-only", "Elasticsearch refuses writes", s.elastic_read_only, 4, 15,
               before="tried 24 times in 15 s"),
    Experiment("buttons pressed twice", "every form is sent twice at once", b.nothing, 3, 20, habit=1.0,
               before="two rows for a question, an answer, a chat"),
    Experiment("clocks apart", "two processes are 10 minutes ahead", b.clocks_apart, 0, 20,
               before="people refused for 542 s"),
]  # fmt: skip
BRIEF = [each for each in ALL if each.brief]
BY_NAME = {each.name: each for each in ALL}
