"""The crowd: made-up enterprises that file dossiers as a preset describes, and a report of what became of them.

A client like any other: it speaks to the portal over HTTP through the SDK and imports no service. Who files what and
when is decided by the preset and a seed alone; how it ends is decided by the services.
"""
