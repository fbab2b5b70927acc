#!/bin/bash
# A network of its own for machines, with a switch in its midst, and a program that is on it.
# usage: machine-network.sh ADDRESS COMMAND...
set -euo pipefail
address=$1
shift
if [ "${network-}" != inside ]; then
    network=inside exec unshare --net --mount --propagation private bash "$0" "$address" "$@"
fi
unset network
ip link set lo up
ip link add switch address 02:00:00:00:00:01 type bridge
ip address add "$address/24" dev switch
ip link set switch up
exec "$@"
