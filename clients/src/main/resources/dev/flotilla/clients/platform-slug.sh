# Prints the platform's slug, or nothing and fails: DISTRIBUTION VERSION ARCHITECTURE as os-release's ID and VERSION_ID and
# uname -m have them. For a POSIX shell with sed and tr.
flotilla_slug() (
    LC_ALL=C
    export LC_ALL
    case "$1$2$3" in *"
"*) return 1 ;; esac
    distribution=$(printf '%s\n' "$1" | tr 'A-Z/' 'a-z ' |
        sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e 's/[[:space:]_-][[:space:]_-]*/-/g')
    version=$(printf '%s\n' "$2" | tr 'A-Z' 'a-z' | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//')
    architecture=$(printf '%s\n' "$3" | tr 'A-Z-' 'a-z_' | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//')
    case $distribution in
        alma) distribution=almalinux ;;
        alpine-linux) distribution=alpine ;;
        amazon-linux | amzn) distribution=amazon ;;
        arch | arch-linux) distribution=archlinux ;;
        centos-linux | centos-stream) distribution=centos ;;
        debian-gnu-linux) distribution=debian ;;
        fedora-linux) distribution=fedora ;;
        ol | oracle-linux | oracle-linux-server | oraclelinux) distribution=oracle ;;
        opensuse) distribution=opensuse-leap ;;
        red-hat-enterprise-linux | redhat) distribution=rhel ;;
        rocky-linux | rockylinux) distribution=rocky ;;
    esac
    case $architecture in
        amd64 | x64) architecture=x86_64 ;;
        arm64) architecture=aarch64 ;;
        ppc64el) architecture=ppc64le ;;
        armhf) architecture=armv7l ;;
        i386 | i586) architecture=i686 ;;
    esac
    case $distribution in '' | [!a-z]* | *[!a-z0-9-]* | *- | *--*) return 1 ;; esac
    case $architecture in '' | *[!a-z0-9_]*) return 1 ;; esac
    case $distribution in
        archlinux | gentoo | opensuse-tumbleweed | void) version=rolling ;;
        *)
            case $version in '' | .* | *. | *..* | *[!0-9.]*) return 1 ;; esac
            case $distribution in
                alpine | openeuler | opensuse-leap | sles | ubuntu)
                    case $version in *.*) ;; *) return 1 ;; esac
                    rest=${version#*.}
                    version=${version%%.*}.${rest%%.*}
                    ;;
                *) version=${version%%.*} ;;
            esac
            ;;
    esac
    slug=$distribution-$version-$architecture
    [ "${#slug}" -le 64 ] || return 1
    printf '%s\n' "$slug"
)

# The slug of the platform that this runs on, by os-release(5) in the root folder that $1 names, or by the system's own.
flotilla_slug_here() (
    for file in "${1-}/etc/os-release" "${1-}/usr/lib/os-release"; do
        if [ -r "$file" ]; then
            ID='' VERSION_ID=''
            . "$file"
            flotilla_slug "$ID" "$VERSION_ID" "$(uname -m)"
            return
        fi
    done
    return 1
)
