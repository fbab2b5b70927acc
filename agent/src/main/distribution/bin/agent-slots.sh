# Sourced by agent-launch and agent-watch: what both know of the slots, the folder with the agent's own programs. The agent
# writes there too (dev.flotilla.agent.slots.Slots tells what lies where); these scripts are never replaced by an update, so
# whatever is said here holds for all agents to come.

slots=${FLOTILLA_AGENT_SLOTS:-/var/lib/flotilla/slots}
trial=$slots/trial

# The whole number in a file, or another one where there is none.
number() {
    content=$(head -c 10 "$1" 2>/dev/null || :)
    case $content in
        '' | *[!0-9]* | ??????????*) echo "$2" ;;
        *) echo "$content" ;;
    esac
}

# Writes a line to a file that has the line before or this one, also after a power cut. Fails where the disk does.
write() {
    echo "$2" >"$1.new" && sync "$1.new" 2>/dev/null && mv -f "$1.new" "$1" && sync "${1%/*}" 2>/dev/null
}

# Seconds since the machine was started: nobody sets that clock.
uptime_seconds() {
    cut -d . -f 1 /proc/uptime
}

# From when on the trial's time counts. It counts anew after a start of the machine.
begin_time() {
    boot=$(cat /proc/sys/kernel/random/boot_id)
    begun_boot=
    begun=
    read -r begun_boot begun 2>/dev/null <"$trial/begun" || :
    case $begun in '' | *[!0-9]*) begun_boot= ;; esac
    if [ "$begun_boot" != "$boot" ]; then
        begun=$(uptime_seconds)
        write "$trial/begun" "$boot $begun"
    fi
}

# When a process was started, in ticks: with it a number of a process is the same process for sure.
start_ticks() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Ends the trial, lost. One rename decides: an agent that proves itself in the same moment makes another one, and only one of
# the two can be. Fails where the trial is over already.
put_back() {
    echo "$1" 2>/dev/null >"$trial/reason" || :
    rm -rf "$slots/failed"
    mv "$trial" "$slots/failed" 2>/dev/null || return 1
    sync "$slots" 2>/dev/null || :
    echo "the agent on trial is taken back: $1" >&2
}
