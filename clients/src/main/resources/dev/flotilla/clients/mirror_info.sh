# To be sourced by a POSIX shell. Variables and their names are OpenDev's; one that is set already stays as it is.
@slug-function@
export NODEPOOL_MIRROR_HOST="${NODEPOOL_MIRROR_HOST:-"$(printf %s @host@)"}"
export NODEPOOL_PYPI_MIRROR="${NODEPOOL_PYPI_MIRROR:-"$(printf %s @index@)"}"
if [ -z "${AFS_SLUG-}" ]; then
    AFS_SLUG=$(flotilla_slug_here "${FLOTILLA_ROOT-}") || AFS_SLUG=
fi
export AFS_SLUG
if [ -n "$AFS_SLUG" ]; then
    export NODEPOOL_WHEEL_MIRROR="${NODEPOOL_WHEEL_MIRROR:-"$(printf %s @base@)/wheel/$AFS_SLUG"}"
fi
unset -f flotilla_slug flotilla_slug_here
