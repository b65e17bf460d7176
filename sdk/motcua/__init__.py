"""The user's side of motcua: an HTTP client. Needs `requests` and nothing of the servers."""

from motcua.client import Advanced, Client, Filed, NotSettledError, ProblemError, Registered, Taken

__all__ = ["Advanced", "Client", "Filed", "NotSettledError", "ProblemError", "Registered", "Taken"]
