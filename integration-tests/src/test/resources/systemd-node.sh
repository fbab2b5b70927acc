#!/bin/bash
# A node with a systemd of its own on this machine, without any package and without network: namespaces, and an overlay over this
# machine's own files. It shares the network, and changes nothing outside but its control group, which it leaves empty.
# usage: systemd-node.sh NODE AGENT-ARCHIVE JDK; NODE holds what goes to /etc/flotilla, and gets NODE/root to mount things at
set -euo pipefail
node=$1 archive=$2 jdk=$3

if [ "${4-}" != inside ]; then
    # A control group of its own, so that systemd finds one without other processes.
    groups=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)
    group=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)/flotilla-node-$$
    mkdir "$group"
    echo $$ > "$group/cgroup.procs"
    exec unshare --pid --mount --uts --ipc --cgroup --fork --kill-child --propagation private \
        bash "$0" "$node" "$archive" "$jdk" inside
fi

mkdir -p "$node/root"
mount -t tmpfs tmpfs "$node/root"
mkdir "$node/root/upper" "$node/root/work" "$node/root/node"
mount -t overlay overlay -o "lowerdir=/,upperdir=$node/root/upper,workdir=$node/root/work" "$node/root/node"
cd "$node/root/node"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p opt/flotilla-jdk etc/flotilla var/log
mount --bind "$jdk" opt/flotilla-jdk
tar -xzf "$archive" -C opt
cp "$node"/agent.conf "$node"/root.json "$node"/aws.env etc/flotilla/

# What this machine starts by itself is none of this node's business: what is left is systemd and the units under test.
units=etc/systemd/system
rm -rf "$units"
mkdir -p "$units/flotilla-agent.service.d"
for wanted in lib/systemd/system/{sysinit,sockets,timers,local-fs,multi-user,network-online}.target.wants/*; do
    [ ! -e "$wanted" ] || ln -sf /dev/null "$units/${wanted##*/}"
done
cp opt/flotilla-agent/systemd/flotilla-agent* "$units/"
cat > "$units/flotilla-agent.service.d/node.conf" <<END
[Service]
EnvironmentFile=/etc/flotilla/aws.env
Environment=FLOTILLA_JAVA_HOME=/opt/flotilla-jdk
StandardOutput=append:/var/log/flotilla-agent.log
StandardError=append:/var/log/flotilla-agent.log
END
printf '[Unit]\nDescription=Nothing more than systemd\nDefaultDependencies=no\n' > "$units/node.target"

mkdir -p old
pivot_root . old
cd /
umount -l old
useradd --system --home-dir /var/lib/flotilla --shell /usr/sbin/nologin flotilla
chgrp flotilla /etc/flotilla/*
chmod 0640 /etc/flotilla/*
container=flotilla exec /lib/systemd/systemd --system --unit=node.target --log-target=console --show-status=no
