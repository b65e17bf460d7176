"""What keeps a measurement from being one."""


class MeasuringError(Exception):
    """What was to be measured went wrong; the message says how."""
