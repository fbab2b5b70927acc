#!/bin/sh
# Prints a file for the platform that this runs on: pip.conf, uv.toml, environment.sh or mirror_info.sh; or, as "slug", the
# platform itself. Where the mirror has wheels for the platform, the file leads to its index with them.
#   curl -fsS ‹mirror›/client.sh | sh -s -- pip.conf
set -eu
base=@base@
platforms=@platforms@

@slug-function@
fetch() {
    if command -v curl >/dev/null; then
        curl -fsS --max-time 60 "$1"
    elif command -v wget >/dev/null; then
        wget -q -T 60 -O - "$1"
    else
        echo "client.sh: neither curl nor wget is here to fetch $1" >&2
        return 1
    fi
}

slug=$(flotilla_slug_here "${FLOTILLA_ROOT-}") || slug=
case ${1-pip.conf} in
    slug)
        [ -n "$slug" ] || { echo "client.sh: /etc/os-release and uname -m tell no platform that has a slug" >&2; exit 1; }
        printf '%s\n' "$slug"
        ;;
    pip.conf | uv.toml | environment.sh | mirror_info.sh)
        query=
        case " $platforms " in *" $slug "*) [ -z "$slug" ] || query="?slug=$slug" ;; esac
        fetch "$base/${1-pip.conf}$query"
        ;;
    *)
        echo "client.sh: there is no '$1': name pip.conf, uv.toml, environment.sh, mirror_info.sh or slug" >&2
        exit 2
        ;;
esac
