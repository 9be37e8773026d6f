#!/bin/sh
# Builds the image of pod.yaml from Debian's busybox-static, without a registry. DOCKER_HOST says where the engine is.
set -eu
busybox=$(command -v busybox) || { echo 'busybox is absent: apt-get install busybox-static' >&2; exit 1; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/tmp" "$root/etc" "$root/www"
cp "$busybox" "$root/bin/busybox"
for program in $("$busybox" --list); do
  [ "$program" = busybox ] || ln -s busybox "$root/bin/$program"
done
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
echo '<h1>Welcome to a pod of Keelson</h1>' >"$root/www/index.html"
tar -C "$root" -c . | docker import -c 'ENTRYPOINT ["httpd", "-f", "-v", "-p", "80", "-h", "/www"]' -c 'ENV PATH=/bin' \
  - keelson-example-httpd:1
