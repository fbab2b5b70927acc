# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by install.sh and node-service: where things lie below the root folder of a node, and how its processes are found.
# Needs "root" to be set, empty for /, and "user", the node's.

programs=$root/opt/flotilla
current=$programs/current
etc=$root/etc/flotilla
state=$root/var/lib/flotilla
slots=$state/slots
run=$state/run
log=$root/var/log/flotilla/agent.log
units=$root/etc/systemd/system
# There while the service has to be started anew to run with what is installed.
pending=$programs/restart-pending
# Which user was chosen.
choices=$programs/choices

# busybox has a program of that name that knows no users.
has_setpriv() {
    setpriv --help 2>&1 | grep -q -e --reuid
}

# as_user SCRIPT: runs it in a shell as the node's user.
as_user() {
    if [ "$(id -u)" != 0 ] || [ "$user" = "$(id -un)" ]; then
        sh -c "$1"
    elif has_setpriv; then
        (cd / && setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups sh -c "$1")
    else
        (cd / && su -s /bin/sh "$user" -c "$1")
    fi
}

# systemd runs the system, and the whole system is what this is installed on.
has_systemd() {
    [ -z "$root" ] && [ -d /run/systemd/system ]
}

start_ticks() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Whether a process belongs to the node's user: what stands in that user's files is not to be trusted further.
is_ours() {
    [ "$(stat -c %U "/proc/$1" 2>/dev/null)" = "$user" ]
}

# Prints the supervisor's process, or fails.
supervisor() {
    pid='' ticks=''
    read -r pid ticks 2>/dev/null <"$run/supervisor" || return 1
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ -n "$ticks" ] && [ "$(start_ticks "$pid")" = "$ticks" ] && is_ours "$pid" && echo "$pid"
}

# Prints the status with which agents end again and again, or fails: there are none, or the last one has run for a while.
failing() {
    status='' until=''
    read -r status until 2>/dev/null <"$run/failing" || return 1
    case $status in '' | *[!0-9]*) return 1 ;; esac
    case $until in '' | *[!0-9]* | ??????????*) return 1 ;; esac
    [ "$(cut -d . -f 1 /proc/uptime)" -lt "$until" ] && echo "$status"
}

# Prints every process of this node: supervisor, agents, mirrors. Mirrors alone with "mirrors", all but them with "agents".
processes() {
    for entry in /proc/[0-9]*; do
        variables=$(cat "$entry/environ" 2>/dev/null | tr '\0' '\n')
        case $variables in *FLOTILLA_AGENT_*) ;; *) continue ;; esac
        if echo "$variables" | grep -qxF "FLOTILLA_AGENT_SLOTS=$slots" && is_ours "${entry#/proc/}" && [ "${entry#/proc/}" != "$$" ]; then
            case ${1:-all} in
                mirrors) echo "$variables" | grep -q '^FLOTILLA_AGENT_STATE=' || continue ;;
                agents) if echo "$variables" | grep -q '^FLOTILLA_AGENT_STATE='; then continue; fi ;;
            esac
            echo "${entry#/proc/}"
        fi
    done
}

# Ends the processes that "processes $1" prints: asks, waits up to $2 s, then kills.
end_processes() {
    left=$(($2 * 5))
    asked=
    while :; do
        found=$(processes "$1")
        [ -n "$found" ] || return 0
        for process in $found; do
            case " $asked " in *" $process "*) continue ;; esac
            kill -TERM "$process" 2>/dev/null || :
            asked="$asked $process"
        done
        if [ "$left" -le 0 ]; then
            # shellcheck disable=SC2086 # words on purpose
            kill -KILL $found 2>/dev/null || :
        fi
        left=$((left - 1))
        sleep 0.2
    done
}
