# Says what this machine is and has, a line for each: a word, and what belongs to it. $1 is the folder for builds; the others are versions of CPython.
folder=$1
shift
(. /etc/os-release && echo "os $ID ${VERSION_ID:--}") 2>/dev/null
echo "machine $(uname -m)"
library=$(getconf GNU_LIBC_VERSION 2>/dev/null) || library=
case $library in
glibc*) ;;
*) library=$(ldd --version 2>&1 | sed -n 's/^Version /musl /p' | head -n 1) ;;
esac
echo "library $library"
for program in bwrap sha256sum; do
    command -v "$program" >/dev/null 2>&1 && echo "has $program $("$program" --version 2>&1 | head -n 1)"
done
bwrap --help 2>&1 | grep -q -e '--disable-userns' && bwrap --help 2>&1 | grep -q -e '--size' && echo "sizes yes"
for version in "$@"; do
    plain=$(echo "$version" | tr -d .t)
    # What distributions and images install first: what some version manager shows under the same name needs a home.
    for python in "/usr/bin/python$version" "/usr/local/bin/python$version" "/opt/python/cp$plain-cp$plain/bin/python3" "$(command -v "python$version" 2>/dev/null)"; do
        [ -x "$python" ] || continue
        "$python" -I -c 'import os, sys, sysconfig
free = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
version = "%d.%d%s" % (sys.version_info[0], sys.version_info[1], free)
if version == sys.argv[1] and sys.implementation.name == "cpython":
    print("python", version, os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix))
else:
    sys.exit(1)' "$version" 2>/dev/null && break
    done
done
for python in /usr/bin/python3 /usr/local/bin/python3 "$(command -v python3 2>/dev/null)"; do
    [ -x "$python" ] && "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && echo "overseer $python" && break
done
if mkdir -p "$folder/files" 2>/dev/null && [ -w "$folder/files" ]; then echo "folder yes"; fi
echo "user $(id -u)"
