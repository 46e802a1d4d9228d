#!/bin/sh
# In the network of a DebianMachine, which is 192.0.2.1 here: runs a command as another computer, 192.0.2.2, on the same wire.
set -eu

ip link add wire0 type veth peer name wire1
trap 'ip link delete wire0 2>/dev/null || true' EXIT
ip addr add 192.0.2.1/30 dev wire0
ip link set wire0 up
# shellcheck disable=SC2016
unshare --net sh -c '
	until ip addr add 192.0.2.2/30 dev wire1 2>/dev/null; do sleep 0.02; done
	ip link set wire1 up
	exec "$@"
' neighbour "$@" &
# Until it has a network of its own this moves nothing.
while ip link show wire1 >/dev/null 2>&1; do
	ip link set wire1 netns $!
	sleep 0.02
done
wait $!
