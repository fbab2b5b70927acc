#!/bin/sh
# What the mirror's pure parts cost: a target taken apart, a page read and written, by JMH.
#
#     bench/pure.sh [PATTERN] [JMH's options, such as -f 1 -wi 2 -i 3, or -h]
#
# Needs the built benchmarks: mvn -DskipTests -pl bench/jmh -am package
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
built=$root/bench/jmh/target
[ -d "$built/lib" ] || { echo "build first: mvn -DskipTests -pl bench/jmh -am package" >&2; exit 1; }
. "$root/packaging/find-java.sh"
flotilla_find_java || exit 1
exec "$JAVA" -cp "$built/classes:$built/lib/*:$root/mirror/target/flotilla-mirror/flotilla-mirror/lib/*" org.openjdk.jmh.Main "$@"
