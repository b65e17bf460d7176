"""The door: takes submissions and actions, shows what has become of them; keeps working when the rest is down."""
