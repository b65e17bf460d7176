"""Ways to break a running stack, as an enumeration: each strikes once, at the very moment it is asked to."""

import signal
from enum import StrEnum

import psutil
from redis.exceptions import RedisError

from services.launcher.stack import Stack
from services.runtime.streams import connect_redis
from tests.support.wait import until


class Way(StrEnum):
    """What is broken."""

    WORKER_MAIN = "worker main killed"
    WORKER_CHILD = "worker child killed"
    TIMEKEEPER = "timekeeper killed"
    PORTAL_RELAY = "portal relay killed"
    PROCESSING_RELAY = "processing relay killed"
    PORTAL_WEB = "portal web killed"
    PORTAL_PROJECTOR = "portal projector killed"
    METRICS_WEB = "metrics web killed"
    METRICS_COUNTER = "metrics counter killed"
    REDIS_WIPED = "Redis wiped"
    REDIS_KILLED = "Redis killed"
    POSTGRES_RESTARTED = "PostgreSQL restarted"
    POSTGRES_KILLED = "PostgreSQL killed"


#: Ways that end one process: its name, and the signal.
_KILLED = {
    Way.WORKER_MAIN: ("processing-worker", signal.SIGKILL),
    Way.TIMEKEEPER: ("processing-timekeeper", signal.SIGKILL),
    Way.PORTAL_RELAY: ("portal-relay", signal.SIGKILL),
    Way.PROCESSING_RELAY: ("processing-relay", signal.SIGKILL),
    Way.PORTAL_WEB: ("portal-web", signal.SIGKILL),
    Way.PORTAL_PROJECTOR: ("portal-projector", signal.SIGKILL),
    Way.METRICS_WEB: ("metrics-web", signal.SIGKILL),
    Way.METRICS_COUNTER: ("metrics-counter", signal.SIGKILL),
    Way.REDIS_KILLED: ("redis", signal.SIGKILL),
    # PostgreSQL's fast shutdown: ends all sessions at once, as an administrator would.
    Way.POSTGRES_RESTARTED: ("postgres", signal.SIGINT),
    Way.POSTGRES_KILLED: ("postgres", signal.SIGKILL),
}


def strike(stack: Stack, way: Way) -> None:
    """Break it; if it still lies down from the last time, as soon as it is back."""
    match way:
        case Way.REDIS_WIPED:
            until(lambda: _wipe(stack), 30, what="Redis to wipe")
        case Way.WORKER_CHILD:
            until(lambda: _kill_worker_child(stack), 30, what="a worker child to kill")
        case _:
            name, number = _KILLED[way]
            until(lambda: _kill(stack, name, number), 30, what=f"{name} to kill")


def _kill(stack: Stack, name: str, number: signal.Signals) -> bool:
    try:
        stack.kill(name, number)
    except ProcessLookupError:
        return False
    return True


def _kill_worker_child(stack: Stack) -> bool:
    """The busier one of the worker's processes."""
    try:
        children = psutil.Process(stack.pid_of("processing-worker")).children()
        busiest = max(children, key=lambda child: sum(child.cpu_times()[:2]), default=None)
        if busiest is None:
            return False
        busiest.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def _wipe(stack: Stack) -> bool:
    try:
        with connect_redis(stack.redis_url) as client:
            client.flushall()
    except RedisError:
        return False
    return True
