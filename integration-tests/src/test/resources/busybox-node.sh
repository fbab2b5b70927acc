# For the first boot of a machine that has busybox and nothing else: the node's archive unpacked in /opt/flotilla-node, the C library that its Java is
# linked to, and a user for the node, since not every busybox can make one.
cp -Rp "$tree" opt/flotilla-node
mkdir -p opt/given
cp "$folder/agent.conf" "$folder/root.json" opt/given
find opt/flotilla-node/java -name '*.so' -exec ldd {} + |
    awk '$1 ~ /^\/lib/ { print $1 } $2 == "=>" && $3 ~ /^\/(usr\/)?lib/ { print $3 }' | sort -u | while read -r library; do
    mkdir -p "./${library%/*}"
    cp -L "$library" "./$library"
done
printf 'root:x:0:0::/root:/bin/sh\nflotilla:x:900:900::/var/lib/flotilla:/bin/sh\n' > etc/passwd
printf 'root:x:0:\nflotilla:x:900:\n' > etc/group
