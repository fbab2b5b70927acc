#!/bin/bash
# A machine of its own on this one, without any package: namespaces, and an overlay over this machine's own files. It changes nothing
# outside but its control group, which it leaves empty. Started again on the same disk it is the same machine after a boot.
# usage: machine.sh FOLDER systemd|plain|busybox [NETWORK ADDRESS PORT [ROOT]]
#   FOLDER    prepare.sh, for the first boot, which is run in the machine's own root; files that it takes, disk to mount things at
#   busybox   nothing of this machine's: busybox, which is its init, too, and what prepare.sh brings
#   plain     nothing but an SSH server, which prepare.sh has to configure, until standard input ends
#   ROOT      a folder whose files it begins with in place of this machine's own
#   NETWORK   a process of the network that it gets a cable to, with an address and under the name of a port; else it shares this one's
set -euo pipefail
folder=$1 init=$2 network=${3-} address=${4-} port=${5-} root=${6-/}

if [ "${machine-}" != inside ]; then
    if [ "$init" = systemd ]; then
        # A control group of its own, so that systemd finds one without other processes.
        groups=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)
        group=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)/flotilla-machine-$$
        mkdir "$group"
        echo $$ > "$group/cgroup.procs"
    fi
    machine=inside exec unshare ${network:+--net} --pid --mount --uts --ipc --cgroup --fork --kill-child --propagation private \
        bash "$0" "$@"
fi
unset machine

if [ -n "$network" ]; then
    exec 9< /proc/self/ns/net
    in_network() { nsenter --net="/proc/$network/ns/net" "$@"; }
    in_network ip link add "$port" type veth peer name eth0 address "$(printf '02:00:%02x:%02x:%02x:%02x' ${address//./ })" netns /proc/self/fd/9
    in_network ip link set "$port" master switch up
    exec 9<&-
    ip address add "$address/24" dev eth0
    ip link set eth0 up
    ip link set lo up
fi

disk=$folder/disk
mkdir -p "$disk"
mountpoint -q "$disk" || mount -t tmpfs tmpfs "$disk"
first=
[ -e "$disk/upper" ] || first=yes
mkdir -p "$disk/upper" "$disk/work" "$disk/node"
lower=$root
if [ "$init" = busybox ]; then
    lower=$disk/lower
    mkdir -p "$lower"/{bin,dev,etc,home,opt,old,proc,root,run,sys/fs/cgroup,tmp,var/lib,var/log}
    cp "$(command -v busybox)" "$lower/bin/busybox"
    chroot "$lower" /bin/busybox --install -s /bin
    echo '::sysinit:/bin/true' > "$lower/etc/inittab"
fi
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$disk/upper,workdir=$disk/work" "$disk/node"
cd "$disk/node"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
[ ! -d sys/fs/cgroup ] || mount -t cgroup2 cgroup2 sys/fs/cgroup
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
mkdir -p "$disk/home"
mount --bind "$disk/home" root

if [ -n "$first" ] && [ "$init" = busybox ]; then
    . "$folder/prepare.sh"
elif [ -n "$first" ]; then
    # What this machine starts by itself, and what may be installed on it, is none of that one's business.
    rm -rf etc/systemd/system opt/flotilla* etc/flotilla var/lib/flotilla var/log/flotilla*
    mkdir -p etc/systemd/system opt var/log
    for wanted in lib/systemd/system/{sysinit,basic,sockets,timers,local-fs,multi-user,network-online,remote-fs}.target.wants/*; do
        [ ! -e "$wanted" ] || ln -sf /dev/null "etc/systemd/system/${wanted##*/}"
    done
    if grep -q '^flotilla:' etc/passwd; then chroot . userdel flotilla; fi
    . "$folder/prepare.sh"
fi

mkdir -p old
pivot_root . old
cd /
umount -l old
[ "$init" != busybox ] || exec /bin/busybox env -i PATH=/bin /bin/init < /dev/null
if [ "$init" = systemd ]; then
    container=flotilla exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no < /dev/null
fi
mkdir -p /run/sshd
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e -f /etc/ssh/machine.conf < /dev/null &
# As the first process it takes leave of every other one that ends.
read -r || :
