#!/bin/sh
# The proof that docker-compose.yml works, by hand: builds, starts, files, counts, scales, restores, takes all away again.
# Needs a Docker engine and Compose; arguments go to pytest.
#
# Base images that can't be pulled are made locally by the script that MOTCUA_STAND_IN_IMAGES names, if there is one.
# MOTCUA_BUILD_NETWORK=host helps where containers can't resolve names during the build.
set -eu
cd "$(dirname -- "$0")/../.."
MOTCUA_DOCKER_TESTS=1 exec ./motcua test tests/docker --durations=0 "$@"
