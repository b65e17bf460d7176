"""Casework: what becomes of a dossier, step by step, and when.

A library without I/O, used by processing, which does it, and by the planner, which computes it in memory.
"""
