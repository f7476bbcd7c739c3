"""What we keep: tables, and one file of queries a subject. Functions of a connection; nothing here commits."""


class Conflict(Exception):
    """Somebody else was first: run again, and the world looks different."""


class Unavailable(Exception):
    """The database cannot be reached just now; whoever sent the message should send it again."""
