#!/bin/sh
# Starts @program@ from whatever folder it is called in, through links too.
# FLOTILLA_JAVA_HOME names the Java to use; FLOTILLA_JAVA_OPTIONS adds options to it; FLOTILLA_TEMPORARY names the folder
# for what is needed for a moment.
set -eu
self=$0
while [ -h "$self" ]; do
    target=$(readlink "$self")
    case $target in
        /*) self=$target ;;
        *) self=$(dirname "$self")/$target ;;
    esac
done
home=$(cd "$(dirname "$self")/.." && pwd -P)
. "$home/bin/find-java.sh"
flotilla_find_java || exit 1
# glibc's malloc would keep what large buffers leave behind, for each thread anew; so it gives it back. Nothing to others.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
# Classes as a start before has left them (make-start-cache), where that was done here. Every byte is verified, for damaged ones would end Java; what
# doesn't fit is passed over, and -Xlog:aot among the options says why.
# Java ends where another option says something of such files as well, so that one goes before.
start_cache=
case ${FLOTILLA_JAVA_OPTIONS:-} in
    *-Xshare* | *SharedArchiveFile* | *SharedClassListFile* | *DumpLoadedClassList* | *AOTCacheOutput* | *AOTConfiguration*) ;;
    *) [ ! -f "$home/start.aot" ] || start_cache=$home/start.aot ;;
esac
# shellcheck disable=SC2086 # options are words on purpose
exec "$JAVA" @java.options@ ${start_cache:+"-XX:AOTCache=$start_cache"} ${start_cache:+-XX:+VerifySharedSpaces} ${start_cache:+-Xlog:aot=off} \
    ${FLOTILLA_JAVA_OPTIONS:-} \
    ${FLOTILLA_TEMPORARY:+"-Djava.io.tmpdir=$FLOTILLA_TEMPORARY"} \
    -Dflotilla.home="$home" -cp "$home/lib/*" @main.class@ "$@"
