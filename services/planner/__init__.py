"""The planner: how many officers keep a quarter on time, in memory, by the rules that the services run on."""
