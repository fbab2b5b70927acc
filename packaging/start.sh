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
# shellcheck disable=SC2086 # options are words on purpose
exec "$JAVA" @java.options@ ${FLOTILLA_JAVA_OPTIONS:-} \
    ${FLOTILLA_TEMPORARY:+"-Djava.io.tmpdir=$FLOTILLA_TEMPORARY"} \
    -Dflotilla.home="$home" -cp "$home/lib/*" @main.class@ "$@"
