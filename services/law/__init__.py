"""What the law says about time: the working calendar, which limit holds, when something is due and why.

Pure rules, shared by everyone who must come to the same answer: processing decides by them, the portal explains by
them, a planner computes with them in memory. Imports contracts only; no I/O, no framework, no clock.
"""
