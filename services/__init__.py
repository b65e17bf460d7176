"""The services of motcua; what may import what is written in pyproject.toml and checked."""
