# Sourced by the launcher and by every start script: sets JAVA to a Java of at least version 25, or says what to do and fails.

# What stands beside it says so fifty times as fast as it does itself. In front of a Java there may be anything, which has to be asked.
flotilla_java_version() {
    flotilla_release=$(readlink -f "$1" 2>/dev/null || :)
    flotilla_release=${flotilla_release%/bin/java}/release
    if [ -r "$flotilla_release" ]; then
        flotilla_named=$(sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$flotilla_release")
        if [ -n "$flotilla_named" ]; then
            echo "$flotilla_named"
            return 0
        fi
    fi
    "$1" -version 2>&1 | sed -n 's/.* version "\([0-9][0-9]*\).*/\1/p' | head -n 1
}

flotilla_find_java() {
    flotilla_needed=25
    flotilla_seen=""
    for flotilla_candidate in \
        "${FLOTILLA_JAVA_HOME:+$FLOTILLA_JAVA_HOME/bin/java}" \
        "${JAVA_HOME:+$JAVA_HOME/bin/java}" \
        "$(command -v java 2>/dev/null)" \
        /usr/lib/jvm/*/bin/java /opt/java/*/bin/java "${HOME:-}"/.jdks/*/bin/java "${HOME:-}"/.sdkman/candidates/java/*/bin/java; do
        [ -n "$flotilla_candidate" ] && [ -x "$flotilla_candidate" ] || continue
        flotilla_version=$(flotilla_java_version "$flotilla_candidate")
        if [ "${flotilla_version:-0}" -ge "$flotilla_needed" ]; then
            JAVA=$flotilla_candidate
            return 0
        fi
        flotilla_seen="$flotilla_seen
  $flotilla_candidate is version ${flotilla_version:-unknown}"
        # A Java that was named on purpose is used or refused, never replaced behind the user's back.
        [ -n "${FLOTILLA_JAVA_HOME:-}" ] && break
    done
    if [ -n "$flotilla_seen" ]; then
        echo "flotilla: needs Java $flotilla_needed or later, and found only:$flotilla_seen" >&2
    else
        echo "flotilla: needs Java $flotilla_needed or later, and found no Java at all" >&2
    fi
    echo "Install a JDK $flotilla_needed, or name its folder: export FLOTILLA_JAVA_HOME=/path/to/jdk-$flotilla_needed" >&2
    return 1
}
