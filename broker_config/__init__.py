"""The private broker: who may sign in, what each may say and hear, and the files that say so.

Everything here is generated at set-up into the data folder; no credential is ever committed.
A running broker is never told to reload: with a broken ACL a reload (SIGHUP) lets every client
publish anything, while a start with one is refused. So each file is put in place whole, and after a
change of devices the broker is started again: a second's silence, after which everybody is back.
"""


class BrokerError(Exception):
    """The broker or one of its devices cannot be had as asked; the text is one sentence."""
