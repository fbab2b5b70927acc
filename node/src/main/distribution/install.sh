#!/bin/sh
# Makes this machine a node: run it from the unpacked archive. It needs a POSIX shell with its usual programs, tar and
# sha256sum, and no Java. Run again it changes only what is different, and finishes what a killed run has left.
#
#   install.sh --agent-conf FILE --trust-root FILE [--environment FILE] [--certificate FILE]   install or update, and start
#   install.sh --image                      install without an identity and don't start: for an image of a machine
#   install.sh --check ...                  say what would change, and change nothing: exit code 2 where something would
#   install.sh --uninstall [--with-store]   end the node and remove it; the mirror's store stays unless it is named
#
#   --root DIR   everything lies below this folder, and no systemd is used; default: the whole system
#   --user NAME  as whom agent and mirror run; made if it is missing; default: flotilla
#
# One at a time: a second one waits for the first.
# Without --agent-conf, --trust-root, --environment or --certificate what is there already stays. Exit codes: 0 done, 1 not done, 2 see --check or wrong usage.
set -eu
umask 022
LC_ALL=C
export LC_ALL

self=$(readlink -f "$0")
source=${self%/*}

usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$self"
}

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

root=
user=flotilla
action=install
check=
with_store=
agent_conf=
trust_root=
environment=
certificate=
value() {
    [ "$1" -ge 2 ] || { usage >&2; exit 2; }
}
while [ $# -gt 0 ]; do
    case $1 in
        --root) value $#; root=$2; shift ;;
        --user) value $#; user=$2; shift ;;
        --agent-conf) value $#; agent_conf=$2; shift ;;
        --trust-root) value $#; trust_root=$2; shift ;;
        --environment) value $#; environment=$2; shift ;;
        --certificate) value $#; certificate=$2; shift ;;
        --image) action=image ;;
        --check) check=yes ;;
        --uninstall) action=uninstall ;;
        --with-store) with_store=yes ;;
        --help | -h) usage; exit 0 ;;
        *) echo "install.sh: there is no option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
case $root in
    '' | /) root= ;;
    /*) root=${root%/} ;;
    *) fail "--root has to be an absolute path, and '$root' is none" ;;
esac
case $root in *[!A-Za-z0-9_./-]*) fail "--root '$root': letters, digits and _ . / - only, it stands in units and scripts" ;; esac
case $user in '' | *[!a-z0-9_-]* | [!a-z_]*) fail "'$user' is no name of a user" ;; esac
# shellcheck source=node-paths.sh
. "$source/node-paths.sh"

# One at a time: the others wait, as for what a killed run has started and left. The lock is on the folder itself and goes with whoever
# holds it, however that ends; children that stay don't get it (9>&-).
one_at_a_time() {
    if [ -n "$check" ] || ! command -v flock >/dev/null 2>&1; then return 0; fi
    [ "$action" = uninstall ] || mkdir -p "${root:-/}"
    [ -d "${root:-/}" ] || return 0
    exec 9<"${root:-/}"
    left=600
    until flock -n 9; do
        [ "$left" -ne 600 ] || echo "waiting for another install.sh on this machine"
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "another install.sh works on this machine, for two minutes now; nothing was changed. See ps"
        sleep 0.2
    done
}

# What was brought for this run, keys perhaps, goes with it; not where the connection broke, for then it is run again.
incoming=$programs/incoming
tidy() {
    case $check${agent_conf:-$certificate} in "$incoming"/*) rm -rf "$incoming" ;; esac
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM
trap 'trap - EXIT; exit 141' PIPE

changed=
# step TEXT: says what is to be done; succeeds where it is to be done now.
step() {
    changed=yes
    if [ -n "$check" ]; then
        echo "would $1"
        return 1
    fi
    echo "$1"
}

# damaged DIR: prints the files below it that aren't as they were packed.
damaged() {
    if [ ! -r "$1/SHA256SUMS" ]; then
        echo "SHA256SUMS: missing"
        return
    fi
    (cd "$1" && sha256sum -c SHA256SUMS 2>/dev/null | grep -v ': OK$' | head -n 20) || :
}

owned() {
    [ "$(stat -c '%U %a' "$1" 2>/dev/null)" = "$2 $3" ]
}

# folder DIR OWNER MODE. What lies in the user's own folder is made by the user: root would follow where a link leads.
folder() {
    if [ -h "$1" ]; then
        # Root may have its folders elsewhere; whom they belong to is then for root to say.
        [ "$(stat -c %u "$1")" = "$(id -u)" ] || fail "$1 is a link that somebody else than $(id -un) has made, and has to be a folder: remove it"
        return 0
    fi
    if [ ! -d "$1" ] || ! owned "$1" "$2" "$3"; then
        if step "make the folder $1 ($2, $3)"; then
            case $1 in
                "$state"/*)
                    as_user "[ -d '$1' ] || mkdir '$1'"
                    chown -h "$2" "$1"
                    as_user "chmod '0$3' '$1'"
                    ;;
                *)
                    mkdir -p "$1"
                    chmod "0$3" "$1"
                    chown "$2" "$1"
                    ;;
            esac
        fi
    fi
}

# replace FILE MODE GROUP: makes FILE what comes from standard input, as a whole.
replace() {
    # Nobody reads it before it is whose it should be: there may be keys in it.
    rm -f "$1.new"
    (umask 077 && cat >"$1.new")
    chmod "$2" "$1.new"
    [ "$(id -u)" != 0 ] || chown "root:$3" "$1.new"
    sync "$1.new" 2>/dev/null || sync
    mv -f "$1.new" "$1"
}

restart_later() {
    [ -n "$check" ] || : >"$pending"
}

# given FILE TARGET [NOBODY]: FILE is what TARGET should be. Who runs with it is started anew, unless it is NOBODY.
given() {
    [ -n "$1" ] || return 0
    [ -r "$1" ] || fail "can't read $1"
    if ! cmp -s "$1" "$2"; then
        if step "write $2"; then
            [ -n "${3:-}" ] || restart_later
            replace "$2" 0640 "$user" <"$1"
        fi
    elif [ "$(id -u)" = 0 ] && [ "$(stat -c '%a %G' "$2")" != "640 $user" ]; then
        if step "set the owner of $2"; then
            chown "root:$user" "$2"
            chmod 0640 "$2"
        fi
    fi
}

# written TARGET: what comes from standard input is what TARGET, a file for all to read, should be.
written() {
    wanted=$(cat)
    if [ ! -r "$1" ] || [ "$wanted" != "$(cat "$1")" ]; then
        if step "write $1"; then
            restart_later
            echo "$wanted" | replace "$1" 0644 root
        fi
    fi
}

install_user() {
    if id "$user" >/dev/null 2>&1; then
        return
    fi
    [ "$(id -u)" = 0 ] || fail "there is no user $user, and only root can make one"
    if step "make the system user $user"; then
        if command -v useradd >/dev/null 2>&1; then
            useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin "$user"
        else
            addgroup -S "$user" && adduser -S -D -H -h "$state" -s /sbin/nologin -G "$user" "$user"
        fi
    fi
}

install_program() {
    target=$programs/nodes/$id
    bad=$(damaged "$target")
    if [ "$target" = "$source" ]; then
        [ -z "$bad" ] || fail "this installation is damaged and can't mend itself; run install.sh of the archive: $bad"
    elif [ -n "$bad" ]; then
        if [ -e "$target" ]; then
            what="mend the programs in $target, where these aren't as they were packed: $(echo "$bad" | sed 's/: .*//' | paste -s -d ' ' -)"
        else
            what="install the programs into $target"
        fi
        if step "$what"; then
            restart_later
            rm -rf "$programs/nodes/.partial" "$programs/nodes/.damaged"
            cp -Rp "$source" "$programs/nodes/.partial" || fail "can't copy the programs to $programs/nodes; nothing runs otherwise than before"
            [ "$(id -u)" != 0 ] || chown -R root:root "$programs/nodes/.partial"
            # Classes that are ready: a start takes a seventh less processor time, and processes share them. They fit just this Java, which does without, too.
            for headers in + -; do
                "$programs/nodes/.partial/java/bin/java" -Xshare:dump "-XX:${headers}UseCompactObjectHeaders" >/dev/null 2>&1 || :
            done
            sync
            if [ -e "$target" ]; then
                mv "$target" "$programs/nodes/.damaged"
            fi
            mv "$programs/nodes/.partial" "$target"
            rm -rf "$programs/nodes/.damaged"
        fi
    fi
    if [ "$(readlink "$current" 2>/dev/null)" != "nodes/$id" ]; then
        if step "make $id the current one"; then
            restart_later
            rm -f "$programs/.current"
            ln -s "nodes/$id" "$programs/.current"
            # A link to a folder: mv must not put the new link into it.
            mv -fT "$programs/.current" "$current" 2>/dev/null || { rm -f "$current" && mv "$programs/.current" "$current"; }
        fi
    fi
}

# The first release need not bring the mirror that is here already.
install_mirror() {
    digest=$(sed -n 's|^\([0-9a-f]*\)  programs/flotilla-mirror.tar.gz$|\1|p' "$source/SHA256SUMS")
    artifact=$state/agent/artifacts/$digest
    if [ -e "$state/agent/current" ]; then
        return
    fi
    if [ ! -e "$artifact" ] && step "unpack the mirror $digest for the first release"; then
        unpacked=$state/agent/artifacts/.partial-installed
        # By the user, as whose agent it will be: in that one's folder root could be led elsewhere by a link.
        as_user "set -e; rm -rf '$unpacked'; mkdir -p '$unpacked'; tar -xzf - -C '$unpacked'; sync; mv '$unpacked/flotilla-mirror' '$artifact'; rmdir '$unpacked'" \
            <"$source/programs/flotilla-mirror.tar.gz" || fail "can't unpack the mirror"
    fi
    # Whoever makes an image has the time, and every machine made of it starts faster. Elsewhere nobody waits: the agent has it made later.
    if [ "$action" = image ] && [ ! -e "$artifact/start.aot" ] && step "make what the mirror starts faster from"; then
        as_user "FLOTILLA_JAVA_HOME='$current/java' '$artifact/bin/make-start-cache'" || :
    fi
}

# A shipped unit with its paths below the root folder.
unit() {
    sed -e "s|/opt/flotilla-agent/|$current/agent/|g" -e "s|/etc/flotilla/|$etc/|g" -e "s|=/var/lib/flotilla|=$state|g" \
        -e "s|-/var/lib/flotilla|-$state|g" -e "s|^User=.*|User=$user|" -e "s|^Group=.*|Group=$user|" "$source/agent/systemd/$1"
}

install_units() {
    has_systemd || [ "$action" = image ] || return 0
    folder "$units" "$admin" 755
    folder "$units/flotilla-agent.service.d" "$admin" 755
    for name in flotilla-agent.service flotilla-agent-watcher.service flotilla-agent-watcher.timer; do
        unit "$name" | written "$units/$name"
    done
    written "$units/flotilla-agent.service.d/10-node.conf" <<END
# Written by install.sh. What differs on this node goes into another drop-in: systemctl edit flotilla-agent
[Unit]
# A machine made from an image has no identity before it is given one.
ConditionPathExists=$etc/agent.conf

[Service]
Environment=FLOTILLA_JAVA_HOME=$current/java
EnvironmentFile=-$etc/agent.env
END
    if has_systemd; then
        if [ -n "$changed" ] && [ -z "$check" ]; then
            systemctl daemon-reload
        fi
        if ! systemctl is-enabled --quiet flotilla-agent.service flotilla-agent-watcher.timer 2>/dev/null; then
            if step "enable flotilla-agent.service and flotilla-agent-watcher.timer"; then
                systemctl enable --quiet flotilla-agent.service flotilla-agent-watcher.timer
            fi
        fi
    else
        wants=$units/multi-user.target.wants/flotilla-agent.service
        if [ ! -h "$wants" ] && step "enable the units in the image"; then
            mkdir -p "$units/multi-user.target.wants" "$units/timers.target.wants"
            ln -sf "$units/flotilla-agent-watcher.timer" "$units/timers.target.wants/flotilla-agent-watcher.timer"
            ln -sf "$units/flotilla-agent.service" "$wants"
        fi
    fi
}

start_service() {
    if [ ! -r "$etc/agent.conf" ] || [ ! -r "$etc/root.json" ]; then
        [ -n "$check" ] && [ -n "$agent_conf$trust_root" ] || fail "this node has no identity yet: give it --agent-conf and --trust-root"
    fi
    if [ -e "$pending" ] || ! "$current/node-service" status >/dev/null 2>&1; then
        if step "start the agent with what is installed"; then
            "$current/node-service" restart 9>&- || fail "the agent does not start"
            rm -f "$pending"
        fi
    fi
}

# Programs that aren't current any more, unless a process still runs with their Java.
remove_old() {
    for old in "$programs"/nodes/*; do
        [ -d "$old" ] && [ "$old" != "$programs/nodes/$id" ] || continue
        if ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF " $old/"; then
            continue
        fi
        if step "remove the programs before, $old"; then
            rm -rf "$old"
        fi
    done
}

install_node() {
    bad=$(damaged "$source")
    [ -z "$bad" ] || fail "this archive is damaged, nothing was changed. Not as they were packed: $(echo "$bad" | sed 's/: .*//' | paste -s -d ' ' -)"
    machine=$(uname -m)
    [ "$machine" = "$(cat "$source/MACHINE")" ] || fail "this archive is for $(cat "$source/MACHINE") machines, and this one is $machine"
    one_at_a_time
    id=$(sha256sum <"$source/SHA256SUMS" | cut -c 1-16)
    admin=$(id -un)
    if [ "$(id -u)" != 0 ] && [ "$user" != "$admin" ]; then
        fail "only root installs for another user: run it as root, or with --root and --user $admin"
    fi
    install_user
    for path in "$programs" "$programs/nodes" "$etc"; do
        folder "$path" "$admin" 755
    done
    for path in "$state" "$state/agent" "$slots" "$state/mirror" "$run" "${log%/*}"; do
        folder "$path" "$user" 750
    done
    # shellcheck disable=SC2015 # a choice that is written down already is right
    [ "user=$user" = "$(cat "$choices" 2>/dev/null)" ] || { step "write down the user $user" && echo "user=$user" | replace "$choices" 0644 root; } || :
    install_program
    if [ "$action" = install ]; then
        given "$agent_conf" "$etc/agent.conf"
        given "$trust_root" "$etc/root.json"
        given "$environment" "$etc/agent.env"
        # The mirror sees for itself that it is another one.
        given "$certificate" "$etc/tls.pem" nobody
    fi
    install_mirror
    install_units
    if [ "$action" = install ]; then
        start_service
    fi
    [ -n "$check" ] || remove_old
    if [ -z "$changed" ]; then
        echo "nothing to change: $id is installed$([ "$action" = image ] || echo ' and runs')"
    elif [ -n "$check" ]; then
        exit 2
    else
        echo "done: $id is installed$([ "$action" = image ] || echo ' and runs')"
    fi
}

uninstall_node() {
    one_at_a_time
    if has_systemd && [ -e "$units/flotilla-agent.service" ] && step "stop and disable the service"; then
        systemctl disable --quiet --now flotilla-agent.service flotilla-agent-watcher.timer || :
    elif [ -e "$current/node-service" ] && supervisor >/dev/null && step "stop the agent"; then
        "$current/node-service" stop
    fi
    if [ -n "$(processes all)" ] && step "end the mirror"; then
        end_processes all 30
    fi
    for path in "$units/flotilla-agent.service" "$units/flotilla-agent.service.d/10-node.conf" "$units/flotilla-agent-watcher.service" \
        "$units/flotilla-agent-watcher.timer" "$units/multi-user.target.wants/flotilla-agent.service" \
        "$units/timers.target.wants/flotilla-agent-watcher.timer" "$etc" "$state/agent" "$slots" "$run" "${log%/*}" ${with_store:+"$state"} "$programs"; do
        if [ -e "$path" ] || [ -h "$path" ]; then
            if step "remove $path"; then
                rm -rf "$path"
            fi
        fi
    done
    if has_systemd; then
        [ -n "$check" ] || systemctl daemon-reload
    fi
    if [ -d "$state/mirror" ]; then
        echo "kept: $state/mirror and the user $user, to whom it belongs"
    fi
    [ -n "$changed" ] || echo "nothing is installed"
    [ -z "$check" ] || [ -z "$changed" ] || exit 2
}

case $action in
    uninstall) uninstall_node ;;
    *) install_node ;;
esac
