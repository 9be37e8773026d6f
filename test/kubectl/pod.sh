#!/bin/sh
# What a real container does where a made-up one has a line of log a second, an echo of its input and a server on its port.
trap 'exit 0' TERM INT
[ $# -gt 0 ] && exec "$@"
if [ -t 0 ]; then
  exec cat
elif [ -p /dev/stdin ]; then
  exec 3<&0
  cat <&3 &
  wait
  exit 0
fi
agnhost netexec >/dev/null 2>&1 &
i=1
end=$(($(date +%s) + ${RUN_FOR:-1000000}))
while :; do
  echo "$HOSTNAME/${CONTAINER:-$HOSTNAME}: line $i"
  i=$((i + 1))
  [ "$(date +%s)" -ge "$end" ] && exit 0
  sleep 1 &
  wait $!
done
